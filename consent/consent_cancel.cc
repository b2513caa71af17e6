#include <utility>

#include "broker/base/errors.h"
#include "consent/consent_book.h"
#include "consent/consent_call.h"
#include "consent/consent_machine.h"
#include "consent/consent_view.h"

namespace naru {

void ConsentBook::Cancel(const Caller& caller, const v1::CancelConsentRequest& request,
                         Done<v1::CancelConsentResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  absl::StatusOr<ConsentId> consent = ConsentId::Parse(request.consent_id());
  if (!consent.ok()) return done(FieldMalformed("consent_id", "a consent's id"));

  ConsentCall call;
  call.caller = caller;
  call.request = *std::move(identity);
  call.consent = *std::move(consent);
  call.case_context = request.case_();
  call.unknown = [](const Reader&, absl::Time) -> absl::StatusOr<v1::Refusal> {
    return NotFound("consent");
  };
  call.rule = [caller, case_context = request.case_()](
                  const ConsentMoment& moment, StoredConsent& consent,
                  Verdict& verdict) -> absl::StatusOr<std::optional<v1::Refusal>> {
    if (consent.row.requester() != caller.agency) return NotFound("consent");
    const std::optional<v1::ConsentState> next = Next(moment.state, ConsentEvent::kCancel);
    if (!next.has_value()) return std::optional<v1::Refusal>(StateConflict(moment.state));
    consent.row.set_state(*next);
    consent.row.mutable_decide_code()->clear_code_hmac();
    storage::v1::Details details;
    if (case_context.ByteSizeLong() > 0) *details.mutable_case_() = case_context;
    verdict.entries.push_back(
        DraftConsentEntry(v1::ENTRY_KIND_CONSENT_CANCELLED, consent, caller, details));
    return std::optional<v1::Refusal>();
  };
  RunConsentCall(context_, std::move(call),
                 [done = std::move(done)](absl::StatusOr<ConsentResult> result) {
                   if (!result.ok()) return done(std::move(result).status());
                   v1::CancelConsentResponse response;
                   if (auto* const refusal = std::get_if<v1::Refusal>(&*result)) {
                     *response.mutable_refusal() = std::move(*refusal);
                   } else {
                     const ConsentAnswer& answer = std::get<ConsentAnswer>(*result);
                     *response.mutable_consent() =
                         ShowConsentAfter(answer.consent, ConsentViewer::kRequester, answer.entry);
                   }
                   done(std::move(response));
                 });
}

}  // namespace naru
