#include <memory>
#include <utility>
#include <variant>

#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/assertion_evidence.h"
#include "consent/catalog/policy.h"
#include "consent/consent_book.h"
#include "consent/consent_call.h"
#include "consent/consent_granting.h"
#include "consent/consent_papers.h"
#include "consent/consent_view.h"
#include "consent/making_call.h"

// Prior consent (사전동의): shown, then granted by the citizen alone (P9).
namespace naru {
namespace {

// What one call is made of; kept until it was answered.
struct GrantArguments {
  Caller caller;
  v1::GrantConsentRequest request;
  RequestIdentity identity;
  AssertionEvidence evidence;
};

v1::GrantConsentResponse ResponseTo(ConsentResult result) {
  v1::GrantConsentResponse response;
  if (auto* refusal = std::get_if<v1::Refusal>(&result)) {
    *response.mutable_refusal() = std::move(*refusal);
    return response;
  }
  const auto& [entry, index, consent, repeated] = std::get<ConsentAnswer>(result);
  v1::GrantedConsent& granted = *response.mutable_granted();
  *granted.mutable_consent() = ShowConsentAfter(consent, ConsentViewer::kCitizen, entry);
  granted.set_request_number(consent.details.request_number());
  granted.set_ledger_index(index);
  return response;
}

}  // namespace

absl::StatusOr<v1::PreviewConsentResponse> ConsentBook::Preview(
    const Caller&, const v1::PreviewConsentRequest& request) const {
  v1::PreviewConsentResponse response;
  const absl::Time now = context_->clock->Now();
  const AssertionEvidence session(context_, request.session().jws(), "");
  if (const auto invalid = session.Valid(now); invalid.has_value()) {
    *response.mutable_refusal() = MakeRefusal(*invalid);
    return response;
  }
  const std::shared_ptr<const Catalogue> catalogue = context_->policy->catalogue();
  StoredConsent consent;
  MadeTerms made;
  ABSL_ASSIGN_OR_RETURN(
      std::optional<v1::Refusal> refused,
      MakeGrantTerms(*catalogue, request.terms(), session.ci(), now, &consent, &made));
  if (!refused.has_value()) {
    ABSL_ASSIGN_OR_RETURN(refused, RefusePapers(*context_->store, *catalogue, consent.row));
  }
  if (refused.has_value()) {
    *response.mutable_refusal() = *std::move(refused);
    return response;
  }
  v1::ConsentPreview& preview = *response.mutable_preview();
  *preview.mutable_terms() = std::move(made.terms);
  preview.set_text_sha256(consent.row.text_sha256());
  preview.set_text(std::move(made.text));
  preview.set_text_version(std::move(made.text_version));
  return response;
}

void ConsentBook::Grant(const Caller& caller, const v1::GrantConsentRequest& request,
                        Done<v1::GrantConsentResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  const v1::Assertion& assertion = request.evidence().assertion();
  const auto arguments = std::make_shared<const GrantArguments>(
      GrantArguments{caller, request, *std::move(identity),
                     AssertionEvidence(context_, assertion.jws(), assertion.salt())});
  std::make_shared<MakingCall<ConsentGranting>>(
      context_,
      [context = context_, arguments] {
        return ConsentGranting::Prepare(context, &arguments->caller, &arguments->request,
                                        &arguments->identity, &arguments->evidence);
      },
      [done = std::move(done)](absl::StatusOr<ConsentResult> result) {
        if (!result.ok()) return done(std::move(result).status());
        done(ResponseTo(*std::move(result)));
      })
      ->Try();
}

}  // namespace naru
