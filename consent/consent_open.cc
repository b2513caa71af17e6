#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "consent/consent_book.h"
#include "consent/consent_call.h"
#include "consent/consent_opening.h"
#include "consent/consent_view.h"
#include "consent/link_token.h"
#include "consent/making_call.h"

namespace naru {
namespace {

// What one call is made of; kept until it was answered.
struct OpenArguments {
  Caller caller;
  v1::OpenConsentRequest request;
  RequestIdentity identity;
  std::string contact_ref;
};

v1::OpenConsentResponse ResponseTo(const RulesContext& context, ConsentResult result) {
  v1::OpenConsentResponse response;
  if (auto* refusal = std::get_if<v1::Refusal>(&result)) {
    *response.mutable_refusal() = std::move(*refusal);
    return response;
  }
  const auto& [entry, index, consent, repeated] = std::get<ConsentAnswer>(result);
  v1::OpenedConsent& opened = *response.mutable_opened();
  *opened.mutable_consent() = ShowConsentAfter(consent, ConsentViewer::kRequester, entry);
  opened.set_link_token(MakeLinkToken(context.link_key, consent.id));
  opened.set_request_number(consent.details.request_number());
  opened.set_code_queued(!consent.details.contact_ref().empty());
  opened.set_ledger_index(index);
  return response;
}

}  // namespace

void ConsentBook::Open(const Caller& caller, const v1::OpenConsentRequest& request,
                       const std::string& contact_ref, Done<v1::OpenConsentResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  const auto arguments = std::make_shared<const OpenArguments>(
      OpenArguments{caller, request, *std::move(identity), contact_ref});
  std::make_shared<MakingCall<ConsentOpening>>(
      context_,
      [context = context_, arguments] {
        return ConsentOpening::Prepare(context, &arguments->caller, &arguments->request,
                                       &arguments->identity, &arguments->contact_ref);
      },
      [context = context_, done = std::move(done)](absl::StatusOr<ConsentResult> result) {
        if (!result.ok()) return done(std::move(result).status());
        done(ResponseTo(*context, *std::move(result)));
      })
      ->Try();
}

}  // namespace naru
