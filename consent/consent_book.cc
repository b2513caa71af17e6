#include "consent/consent_book.h"

#include <utility>

#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/assertion_evidence.h"
#include "consent/catalog/policy.h"
#include "consent/consent_call.h"
#include "consent/consent_receipt.h"
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

// What Get and ReceiptOf ask first: the consent if this caller may read it, or ASSERTION_INVALID;
// NotFound for another agency's or person's and for none alike (P10).
absl::StatusOr<std::variant<StoredConsent, v1::Refusal>> ConsentBook::Readable(
    const Caller& caller, const std::string& consent_id,
    const v1::SessionAssertion& session_assertion) const {
  using Result = std::variant<StoredConsent, v1::Refusal>;
  ABSL_ASSIGN_OR_RETURN(std::optional<StoredConsent> consent, ReadByText(*context_, consent_id));
  if (!caller.Has(config::v1::ROLE_CITIZEN)) {
    if (!consent.has_value() || consent->row.requester() != caller.agency) {
      return NotFound("consent");
    }
    return Result(*std::move(consent));
  }
  const AssertionEvidence session(context_, session_assertion.jws(), "");
  ABSL_ASSIGN_OR_RETURN(const std::optional<v1::RefusalReason> reason,
                        session.Person(*context_->store, context_->clock->Now(),
                                       consent.has_value() ? &consent->subject : nullptr));
  if (reason == v1::REFUSAL_REASON_ASSERTION_INVALID) return Result(MakeRefusal(*reason));
  if (reason.has_value()) return NotFound("consent");
  return Result(*std::move(consent));
}

absl::StatusOr<v1::GetConsentResponse> ConsentBook::Get(
    const Caller& caller, const v1::GetConsentRequest& request) const {
  ABSL_ASSIGN_OR_RETURN(auto found, Readable(caller, request.consent_id(), request.session()));
  v1::GetConsentResponse response;
  if (auto* refusal = std::get_if<v1::Refusal>(&found)) {
    *response.mutable_refusal() = std::move(*refusal);
    return response;
  }
  const ConsentViewer viewer =
      caller.Has(config::v1::ROLE_CITIZEN) ? ConsentViewer::kCitizen : ConsentViewer::kRequester;
  *response.mutable_consent() =
      ShowConsent(std::get<StoredConsent>(found), viewer, context_->clock->Now());
  return response;
}

absl::StatusOr<ConsentBook::Receipt> ConsentBook::ReceiptOf(
    const Caller& caller, const v1::GetConsentReceiptRequest& request) const {
  ABSL_ASSIGN_OR_RETURN(auto found, Readable(caller, request.consent_id(), request.session()));
  Receipt answer;
  if (auto* refusal = std::get_if<v1::Refusal>(&found)) {
    answer.refused = std::move(*refusal);
    return answer;
  }
  const StoredConsent& consent = std::get<StoredConsent>(found);
  if (consent.row.decide_time_us() == 0) {
    answer.refused = MakeRefusal(v1::REFUSAL_REASON_CONSENT_PENDING);
    return answer;
  }
  answer.receipt =
      MakeConsentReceipt(consent, *context_->policy->catalogue(), context_->clock->Now());
  return answer;
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
