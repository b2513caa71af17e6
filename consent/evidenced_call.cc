#include "consent/evidenced_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "consent/consent_view.h"
#include "consent/link_token.h"
#include "consent/one_time_code.h"

namespace naru {
namespace {

using Ruling = absl::StatusOr<std::optional<v1::Refusal>>;

CodeKey KeyOf(const RulesContext& context) { return {context.code_key, context.code_key_id}; }

storage::v1::CodeRow* CodeOf(v1::CodePurpose purpose, storage::v1::ConsentRow* row) {
  return purpose == v1::CODE_PURPOSE_DECIDE ? row->mutable_decide_code()
                                            : row->mutable_withdraw_code();
}

v1::Refusal RefuseCode(v1::RefusalReason reason, const storage::v1::CodeRow& code) {
  if (reason != v1::REFUSAL_REASON_CODE_WRONG) return MakeRefusal(reason);
  return MakeRefusal(reason, {{"tries_left", absl::StrCat(TriesLeft(code))}});
}

// The consent is changed and its entry drafted.
void Apply(const EvidencedCall& call, const ConsentMoment& moment, v1::EvidenceKind evidence,
           StoredConsent& consent, Verdict& verdict) {
  EvidencedChange change = call.apply(moment, evidence, consent);
  storage::v1::Details details;
  if (call.target.assertion != nullptr) details.set_assertion(call.target.assertion->jws());
  EntryDraft draft = DraftConsentEntry(change.kind, consent, call.caller, details);
  draft.outer.set_evidence(evidence);
  if (change.kind == v1::ENTRY_KIND_CONSENT_DECIDED) {
    draft.outer.set_text_sha256(consent.row.text_sha256());
    if (consent.row.valid_until_us() != 0) {
      *draft.outer.mutable_valid_until() =
          ToTimestamp(absl::FromUnixMicros(consent.row.valid_until_us()));
    }
  }
  if (change.message.has_value()) {
    draft.message = std::move(change.message);
    draft.message_expire = moment.now + limits::kNoticeLife;
  }
  verdict.entries.push_back(std::move(draft));
}

Ruling JudgeAssertion(const EvidencedCall& call, const ConsentMoment& moment,
                      StoredConsent& consent, Verdict& verdict) {
  const AssertionEvidence& assertion = *call.target.assertion;
  // Whose it is comes first: nobody else learns how the consent stands.
  ABSL_ASSIGN_OR_RETURN(std::optional<v1::RefusalReason> reason,
                        assertion.Person(moment.rows, moment.now, &consent.subject));
  if (reason.has_value()) return std::optional<v1::Refusal>(MakeRefusal(*reason));
  ABSL_ASSIGN_OR_RETURN(std::optional<v1::Refusal> refused, call.refuse(moment, consent));
  if (refused.has_value()) return refused;
  ABSL_ASSIGN_OR_RETURN(
      reason, assertion.Action(moment.rows, consent.subject, call.action, consent.id.text(),
                               consent.row.text_sha256(), call.bound(consent)));
  if (reason.has_value()) return std::optional<v1::Refusal>(MakeRefusal(*reason));
  ABSL_RETURN_IF_ERROR(assertion.Use(moment.rows, consent.subject, moment.now, &verdict.writes));
  Apply(call, moment, v1::EVIDENCE_KIND_ASSERTION, consent, verdict);
  return std::optional<v1::Refusal>();
}

// The first commit of a call by code. `attempted` is the code at rest that the try is entered for.
Ruling JudgeAttempt(const RulesContext& context, const EvidencedCall& call,
                    const ConsentMoment& moment, StoredConsent& consent, Verdict& verdict,
                    std::string* attempted) {
  ABSL_ASSIGN_OR_RETURN(std::optional<v1::Refusal> refused, call.refuse(moment, consent));
  if (refused.has_value()) return refused;
  storage::v1::CodeRow* const code = CodeOf(call.purpose, &consent.row);
  const std::optional<v1::RefusalReason> reason = RefuseAttempt(KeyOf(context), *code, moment.now);
  if (reason.has_value()) return std::optional<v1::Refusal>(RefuseCode(*reason, *code));
  code->set_attempts(code->attempts() + 1);
  *attempted = code->code_hmac();
  verdict.entries.push_back(
      DraftConsentEntry(v1::ENTRY_KIND_CODE_ATTEMPTED, consent, call.caller, {}));
  return std::optional<v1::Refusal>();
}

// The second.
Ruling JudgeCode(const RulesContext& context, const EvidencedCall& call,
                 const std::string& attempted, const ConsentMoment& moment, StoredConsent& consent,
                 Verdict& verdict) {
  ABSL_ASSIGN_OR_RETURN(std::optional<v1::Refusal> refused, call.refuse(moment, consent));
  if (refused.has_value()) return refused;
  storage::v1::CodeRow* const code = CodeOf(call.purpose, &consent.row);
  const std::optional<v1::RefusalReason> reason = CompareCode(
      KeyOf(context), consent.id, call.purpose, call.target.code, attempted, *code, moment.now);
  if (reason.has_value()) return std::optional<v1::Refusal>(RefuseCode(*reason, *code));
  code->clear_code_hmac();  // It serves once.
  Apply(call, moment, v1::EVIDENCE_KIND_CODE, consent, verdict);
  return std::optional<v1::Refusal>();
}

// What both kinds of evidence share.
ConsentCall MakeCall(const EvidencedCall& call) {
  ConsentCall made;
  made.caller = call.caller;
  made.request = call.request;
  made.consent = call.target.consent;
  if (call.target.assertion != nullptr && !call.target.assertion->lookup().empty()) {
    made.locks.push_back(call.target.assertion->lookup());
  }
  made.unknown = [target = call.target](const Reader& rows,
                                        absl::Time now) -> absl::StatusOr<v1::Refusal> {
    if (target.by_link) return MakeRefusal(v1::REFUSAL_REASON_LINK_UNKNOWN);
    // P10: as for the consent of another person.
    ABSL_ASSIGN_OR_RETURN(const std::optional<v1::RefusalReason> reason,
                          target.assertion->Person(rows, now, nullptr));
    return MakeRefusal(reason.value());
  };
  return made;
}

void RunByCode(const RulesContext* context, std::shared_ptr<const EvidencedCall> call,
               ConsentDone done) {
  const auto attempted = std::make_shared<std::string>();
  ConsentCall attempt = MakeCall(*call);
  attempt.remember = false;
  attempt.tell = false;
  attempt.rule = [context, call, attempted](const ConsentMoment& moment, StoredConsent& consent,
                                            Verdict& verdict) {
    return JudgeAttempt(*context, *call, moment, consent, verdict, attempted.get());
  };
  RunConsentCall(
      context, std::move(attempt),
      [context, call, attempted, done = std::move(done)](absl::StatusOr<ConsentResult> result) {
        if (!result.ok()) return done(std::move(result));
        const auto* const entered = std::get_if<ConsentAnswer>(&*result);
        if (entered == nullptr || entered->repeated) return done(std::move(result));
        ConsentCall compare = MakeCall(*call);
        compare.rule = [context, call, attempted](const ConsentMoment& moment,
                                                  StoredConsent& consent, Verdict& verdict) {
          return JudgeCode(*context, *call, *attempted, moment, consent, verdict);
        };
        RunConsentCall(context, std::move(compare), done);
      });
}

}  // namespace

absl::StatusOr<EvidencedTarget> FindTarget(const RulesContext* context, const std::string& token,
                                           const std::string& consent_id,
                                           const v1::Evidence& evidence) {
  EvidencedTarget target;
  if (evidence.has_assertion()) {
    target.assertion = std::make_shared<AssertionEvidence>(context, evidence.assertion().jws(),
                                                           evidence.assertion().salt());
  } else if (evidence.has_code()) {
    if (!IsCode(evidence.code())) return FieldMalformed("evidence.code", "six digits");
    target.code = evidence.code();
  } else {
    return FieldMissing("evidence");
  }
  target.by_link = !token.empty();
  if (target.by_link) {
    target.consent = ConsentOfLinkToken(context->link_key, token);
    return target;
  }
  if (target.assertion == nullptr) {
    return FieldsContradict("evidence", "a code goes with the link, an id with an assertion");
  }
  if (consent_id.empty()) return FieldMissing("target");
  absl::StatusOr<ConsentId> consent = ConsentId::Parse(consent_id);
  if (!consent.ok()) return FieldMalformed("consent_id", "a consent's id");
  target.consent = *std::move(consent);
  return target;
}

void RunEvidencedCall(const RulesContext* context, EvidencedCall call, ConsentDone done) {
  const auto shared = std::make_shared<const EvidencedCall>(std::move(call));
  if (shared->target.assertion == nullptr) return RunByCode(context, shared, std::move(done));
  ConsentCall change = MakeCall(*shared);
  change.rule = [shared](const ConsentMoment& moment, StoredConsent& consent, Verdict& verdict) {
    return JudgeAssertion(*shared, moment, consent, verdict);
  };
  RunConsentCall(context, std::move(change), std::move(done));
}

}  // namespace naru
