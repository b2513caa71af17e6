#include "consent/consent_book.h"

#include <utility>

#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/assertion_evidence.h"
#include "consent/consent_call.h"
#include "consent/consent_rows.h"
#include "consent/consent_view.h"
#include "consent/link_token.h"
#include "consent/one_time_code.h"

// The questions that change nothing. The changes: consent_open.cc, consent_code.cc,
// consent_decide.cc, consent_withdraw.cc, consent_suspend.cc, consent_cancel.cc; the check:
// consent_check_call.cc.
namespace naru {
namespace {

// nullopt also for a text that is no id: there is no such consent.
absl::StatusOr<std::optional<StoredConsent>> ReadByText(const RulesContext& context,
                                                        const std::string& text) {
  const absl::StatusOr<ConsentId> id = ConsentId::Parse(text);
  if (!id.ok()) return std::optional<StoredConsent>();
  return ReadConsent(*context.directory, *context.store, *id);
}

}  // namespace

ConsentBook::ConsentBook(const RulesContext* context) : context_(context) {}

absl::StatusOr<v1::GetConsentResponse> ConsentBook::Get(
    const Caller& caller, const v1::GetConsentRequest& request) const {
  v1::GetConsentResponse response;
  if (!caller.Has(config::v1::ROLE_CITIZEN)) {
    ABSL_ASSIGN_OR_RETURN(*response.mutable_consent(), ForRequester(caller, request.consent_id()));
    return response;
  }
  const absl::Time now = context_->clock->Now();
  ABSL_ASSIGN_OR_RETURN(const std::optional<StoredConsent> consent,
                        ReadByText(*context_, request.consent_id()));
  const AssertionEvidence session(context_, request.session().jws(), "");
  ABSL_ASSIGN_OR_RETURN(
      const std::optional<v1::RefusalReason> reason,
      session.Person(*context_->store, now, consent.has_value() ? &consent->subject : nullptr));
  if (reason == v1::REFUSAL_REASON_ASSERTION_INVALID) {
    *response.mutable_refusal() = MakeRefusal(*reason);
    return response;
  }
  if (reason.has_value()) return NotFound("consent");
  *response.mutable_consent() = ShowConsent(*consent, ConsentViewer::kCitizen, now);
  return response;
}

absl::StatusOr<v1::ShowConsentResponse> ConsentBook::Show(
    const Caller&, const v1::ShowConsentRequest& request) const {
  v1::ShowConsentResponse response;
  std::optional<StoredConsent> consent;
  const std::optional<ConsentId> id = ConsentOfLinkToken(context_->link_key, request.link_token());
  if (id.has_value()) {
    ABSL_ASSIGN_OR_RETURN(consent, ReadConsent(*context_->directory, *context_->store, *id));
  }
  if (!consent.has_value()) {
    *response.mutable_refusal() = MakeRefusal(v1::REFUSAL_REASON_LINK_UNKNOWN);
    return response;
  }
  v1::Consent shown = naru::ShowConsent(*consent, ConsentViewer::kCitizen, context_->clock->Now());
  switch (shown.state()) {
    case v1::CONSENT_STATE_PENDING:
      break;
    case v1::CONSENT_STATE_EXPIRED:
      *response.mutable_refusal() = MakeRefusal(v1::REFUSAL_REASON_CONSENT_EXPIRED);
      return response;
    case v1::CONSENT_STATE_CANCELLED:
      *response.mutable_refusal() = MakeRefusal(v1::REFUSAL_REASON_CONSENT_CANCELLED);
      return response;
    default:
      *response.mutable_refusal() = StateConflict(shown.state());
      return response;
  }
  v1::ShownConsent& answer = *response.mutable_shown();
  *answer.mutable_consent() = std::move(shown);
  answer.set_text(consent->details.text());
  answer.set_resends_left(ResendsLeft(consent->row.decide_code()));
  answer.set_tries_left(TriesLeft(consent->row.decide_code()));
  return response;
}

absl::StatusOr<v1::Consent> ConsentBook::ForRequester(const Caller& caller,
                                                      const std::string& consent_id) const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<StoredConsent> consent,
                        ReadByText(*context_, consent_id));
  if (!consent.has_value() || consent->row.requester() != caller.agency) {
    return NotFound("consent");
  }
  return naru::ShowConsent(*consent, ConsentViewer::kRequester, context_->clock->Now());
}

}  // namespace naru
