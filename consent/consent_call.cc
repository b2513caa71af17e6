#include "consent/consent_call.h"

#include <memory>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/consent_events.h"
#include "consent/consent_machine.h"
#include "consent/journal.h"
#include "consent/ledger/ledger.h"

namespace naru {
namespace {

// What the judge found; the last time it was called counts.
struct Finding {
  std::optional<v1::Refusal> refused;
  std::optional<storage::v1::RequestRow> repeat;
  std::optional<StoredConsent> consent;
};

storage::v1::Details DetailsOf(const v1::CaseContext& case_context) {
  storage::v1::Details details;
  if (case_context.ByteSizeLong() > 0) *details.mutable_case_() = case_context;
  return details;
}

class RunningCall : public std::enable_shared_from_this<RunningCall> {
 public:
  RunningCall(const RulesContext* context, ConsentCall call, ConsentDone done)
      : context_(context), call_(std::move(call)), done_(std::move(done)) {}

  void Start() {
    Change change;
    change.locks = std::move(call_.locks);
    change.locks.push_back(call_.request.hash);
    if (call_.consent.has_value()) {
      absl::StatusOr<std::optional<SubjectId>> subject =
          SubjectOfConsent(*context_->store, *call_.consent);
      if (!subject.ok()) return done_(std::move(subject).status());
      subject_ = *std::move(subject);
      if (subject_.has_value()) change.locks.push_back(subject_->bytes());
    }
    change.judge = [self = shared_from_this()](const Reader& rows, const JudgeContext& context) {
      return self->Judge(rows, context);
    };
    context_->journal->Commit(std::move(change),
                              [self = shared_from_this()](absl::StatusOr<Committed> committed) {
                                self->Finish(std::move(committed));
                              });
  }

 private:
  absl::StatusOr<Verdict> Judge(const Reader& rows, const JudgeContext& context) {
    finding_ = Finding();
    ABSL_ASSIGN_OR_RETURN(finding_.repeat, CheckRequest(rows, call_.request, context.now));
    if (subject_.has_value()) {
      ABSL_ASSIGN_OR_RETURN(finding_.consent,
                            ReadConsent(*context_->directory, rows, *call_.consent));
    }
    if (finding_.repeat.has_value()) {
      // Its consent was erased since.
      if (!finding_.consent.has_value()) return NotFound("consent");
      return Verdict();
    }
    Verdict verdict;
    if (!finding_.consent.has_value()) {
      ABSL_ASSIGN_OR_RETURN(finding_.refused, call_.unknown(rows, context.now));
      verdict.entries.push_back(DraftRefused(nullptr, v1::CONSENT_STATE_UNSPECIFIED, call_.caller,
                                             call_.case_context, finding_.refused->reason()));
      return verdict;
    }
    StoredConsent& consent = *finding_.consent;
    const storage::v1::ConsentRow before = consent.row;
    const v1::ConsentState state = EffectiveState(before, context.now);
    ABSL_ASSIGN_OR_RETURN(
        finding_.refused,
        call_.rule({rows, context.now, context.next_index, state}, consent, verdict));
    if (finding_.refused.has_value()) {
      Verdict refused;
      consent.row = before;
      refused.entries.push_back(DraftRefused(&consent, state, call_.caller, call_.case_context,
                                             finding_.refused->reason()));
      return refused;
    }
    if (verdict.entries.empty()) return InternalFault("a change of a consent has no entry");
    consent.row.set_last_entry(context.next_index + verdict.entries.size() - 1);
    PutConsent(before, consent.row, &verdict.writes);
    if (call_.remember) {
      verdict.entries.front().outer.set_request_sha256(call_.request.EntryDigest());
      verdict.writes.push_back(
          RememberRequest(call_.request, context.next_index, context.now, consent.id.bytes()));
      ABSL_RETURN_IF_ERROR(ForgetOldRequests(rows, call_.request, context.now, &verdict.writes));
    }
    return verdict;
  }

  void Finish(absl::StatusOr<Committed> committed) {
    if (!committed.ok()) return done_(std::move(committed).status());
    if (finding_.refused.has_value()) return done_(ConsentResult(*std::move(finding_.refused)));
    ConsentAnswer answer;
    answer.consent = *std::move(finding_.consent);
    if (finding_.repeat.has_value()) {
      answer.repeated = true;
      answer.index = finding_.repeat->ledger_index();
      absl::StatusOr<v1::OuterEntry> entry = ReadOuterEntry(*context_, answer.index);
      if (!entry.ok()) return done_(std::move(entry).status());
      answer.entry = *std::move(entry);
    } else {
      answer.index = committed->entries.front().index;
      answer.entry = std::move(committed->entries.front().outer);
      // P2: whoever holds something open under it learns of it before the caller does.
      if (call_.tell) context_->events->Changed(answer.consent.id);
    }
    done_(ConsentResult(std::move(answer)));
  }

  const RulesContext* const context_;
  ConsentCall call_;
  ConsentDone done_;
  std::optional<SubjectId> subject_;
  Finding finding_;
};

}  // namespace

void RunConsentCall(const RulesContext* context, ConsentCall call, ConsentDone done) {
  std::make_shared<RunningCall>(context, std::move(call), std::move(done))->Start();
}

EntryDraft DraftConsentEntry(v1::EntryKind kind, const StoredConsent& consent, const Caller& caller,
                             const storage::v1::Details& details) {
  EntryDraft draft;
  v1::OuterEntry& outer = draft.outer;
  outer.set_kind(kind);
  outer.set_consent_id(consent.id.text());
  outer.set_requester(consent.row.requester());
  outer.set_affair(consent.row.affair());
  outer.set_state(consent.row.state());
  outer.set_uses_left(consent.row.uses_left());
  outer.set_caller(caller.text());
  for (const storage::v1::PaperRow& paper : consent.row.papers()) {
    v1::PaperDecision* const decision = outer.add_decisions();
    decision->set_paper_id(paper.paper_id());
    decision->set_decision(paper.decision());
  }
  draft.subject = consent.subject;
  draft.data_key = consent.data_key;
  draft.details = details.SerializeAsString();
  draft.case_hash = consent.row.case_lookup();
  return draft;
}

EntryDraft DraftRefused(const StoredConsent* consent, v1::ConsentState state, const Caller& caller,
                        const v1::CaseContext& case_context, v1::RefusalReason reason) {
  EntryDraft draft;
  if (consent != nullptr) {
    draft = DraftConsentEntry(v1::ENTRY_KIND_REFUSED, *consent, caller, DetailsOf(case_context));
    draft.outer.clear_decisions();
    draft.outer.set_state(state);
  } else {
    draft.outer.set_kind(v1::ENTRY_KIND_REFUSED);
    draft.outer.set_caller(caller.text());
  }
  draft.outer.set_refusal_reason(reason);
  return draft;
}

absl::StatusOr<v1::OuterEntry> ReadOuterEntry(const RulesContext& context, uint64_t index) {
  ABSL_ASSIGN_OR_RETURN(const storage::v1::RecordRow record, context.ledger->Record(index));
  v1::OuterEntry outer;
  if (!outer.ParseFromString(record.outer())) return DataDamaged("an entry cannot be read");
  return outer;
}

v1::Refusal StateConflict(v1::ConsentState state) {
  return MakeRefusal(v1::REFUSAL_REASON_STATE_CONFLICT, {{"state", StateName(state)}});
}

}  // namespace naru
