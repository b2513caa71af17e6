#include <utility>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "consent/catalog/catalogue.h"
#include "consent/catalog/policy.h"
#include "consent/consent_book.h"
#include "consent/consent_call.h"
#include "consent/consent_machine.h"
#include "consent/consent_view.h"
#include "consent/link_token.h"
#include "consent/one_time_code.h"
#include "consent/text/messages.h"
#include "naru/v1/message_service.pb.h"

namespace naru {
namespace {

std::optional<v1::Refusal> RefuseCode(v1::CodePurpose purpose, v1::ConsentState state,
                                      const StoredConsent& consent) {
  const bool decide = purpose == v1::CODE_PURPOSE_DECIDE;
  if (!Next(state, decide ? ConsentEvent::kGrant : ConsentEvent::kWithdraw).has_value()) {
    return StateConflict(state);
  }
  // P9: who gave it by sign-in takes it back by sign-in.
  if (!decide && consent.row.evidence() != v1::EVIDENCE_KIND_CODE) {
    return MakeRefusal(v1::REFUSAL_REASON_EVIDENCE_NOT_ENOUGH);
  }
  if (consent.details.contact_ref().empty()) return MakeRefusal(v1::REFUSAL_REASON_NO_CONTACT);
  const std::optional<v1::RefusalReason> reason =
      RefuseResend(decide ? consent.row.decide_code() : consent.row.withdraw_code());
  if (reason.has_value()) return MakeRefusal(*reason);
  return std::nullopt;
}

std::optional<v1::Refusal> JudgeCode(const RulesContext& context, const Caller& caller,
                                     v1::CodePurpose purpose, const std::string& code,
                                     const ConsentMoment& moment, StoredConsent& consent,
                                     Verdict& verdict) {
  std::optional<v1::Refusal> refused = RefuseCode(purpose, moment.state, consent);
  if (refused.has_value()) return refused;
  storage::v1::CodeRow* const row = purpose == v1::CODE_PURPOSE_DECIDE
                                        ? consent.row.mutable_decide_code()
                                        : consent.row.mutable_withdraw_code();
  // The first code of a purpose is not a resend.
  if (!row->key_id().empty()) row->set_resends(row->resends() + 1);
  SetCode({context.code_key, context.code_key_id}, consent.id, purpose, code, moment.now, row);

  EntryDraft draft = DraftConsentEntry(v1::ENTRY_KIND_CODE_SENT, consent, caller, {});
  draft.outer.set_reference(CodeReference(purpose, *row));
  storage::v1::OutboxMessage& message = draft.message.emplace();
  message.set_kind(v1::MESSAGE_KIND_CODE);
  message.set_contact_ref(consent.details.contact_ref());
  const config::v1::Agency* const requester =
      context.policy->catalogue()->FindAgency(consent.row.requester());
  message.set_text(
      CodeMessage(requester == nullptr ? "" : requester->sms_name(), code, consent.row.language()));
  draft.message_expire = moment.now + limits::kCodeLife;
  verdict.entries.push_back(std::move(draft));
  return std::nullopt;
}

absl::StatusOr<v1::SendCodeResponse> MakeAnswer(absl::StatusOr<ConsentResult> result) {
  if (!result.ok()) return std::move(result).status();
  v1::SendCodeResponse response;
  if (auto* const refusal = std::get_if<v1::Refusal>(&*result)) {
    *response.mutable_refusal() = std::move(*refusal);
    return response;
  }
  const v1::OuterEntry& entry = std::get<ConsentAnswer>(*result).entry;
  absl::StatusOr<uint32_t> left = ResendsLeftAfter(entry.reference());
  if (!left.ok()) return std::move(left).status();
  response.mutable_queued()->set_resends_left(*left);
  *response.mutable_queued()->mutable_expire_time() =
      ToTimestamp(FromTimestamp(entry.time()) + limits::kCodeLife);
  return response;
}

}  // namespace

void ConsentBook::SendCode(const Caller& caller, const v1::SendCodeRequest& request,
                           Done<v1::SendCodeResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  const v1::CodePurpose purpose = request.purpose();
  if (purpose != v1::CODE_PURPOSE_DECIDE && purpose != v1::CODE_PURPOSE_WITHDRAW) {
    return done(FieldMalformed("purpose", "DECIDE or WITHDRAW"));
  }
  ConsentCall call;
  call.caller = caller;
  call.request = *std::move(identity);
  call.consent = ConsentOfLinkToken(context_->link_key, request.link_token());
  call.tell = false;
  call.unknown = [](const Reader&, absl::Time) -> absl::StatusOr<v1::Refusal> {
    return MakeRefusal(v1::REFUSAL_REASON_LINK_UNKNOWN);
  };
  call.rule = [context = context_, caller, purpose, code = DrawCode(*context_->random)](
                  const ConsentMoment& moment, StoredConsent& consent,
                  Verdict& verdict) -> absl::StatusOr<std::optional<v1::Refusal>> {
    return JudgeCode(*context, caller, purpose, code, moment, consent, verdict);
  };
  RunConsentCall(context_, std::move(call),
                 [done = std::move(done)](absl::StatusOr<ConsentResult> result) {
                   done(MakeAnswer(std::move(result)));
                 });
}

}  // namespace naru
