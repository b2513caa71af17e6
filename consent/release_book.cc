#include "consent/release_book.h"

#include <utility>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/catalog/policy.h"
#include "consent/consent_events.h"
#include "consent/consent_machine.h"
#include "consent/fetch_record.h"
#include "consent/journal.h"
#include "consent/judged_commit.h"
#include "consent/ledger_proof_builder.h"
#include "consent/release_answer.h"
#include "consent/release_judge.h"
#include "consent/release_plan.h"
#include "consent/release_rules.h"
#include "consent/running_fetches.h"

namespace naru {
namespace {

FetchActor ActorOf(const AdmittedFetch& fetch) {
  return {fetch.caller, fetch.case_context, fetch.case_hash};
}

// An outcome's entry is the last of its change.
RecordedOutcome LastEntry(const Committed& committed) {
  return {committed.entries.back().index, committed.time};
}

struct JudgedOutcome {
  Verdict verdict;
};

}  // namespace

ReleaseBook::ReleaseBook(const RulesContext* context)
    : context_(context), running_(std::make_unique<RunningFetches>()) {}

ReleaseBook::~ReleaseBook() = default;

void ReleaseBook::Admit(const Caller& caller, const v1::FetchDocumentsRequest& request,
                        std::function<void(absl::StatusOr<Admission>)> done) {
  absl::StatusOr<FetchQuestion> asked = AskFetch(*context_, caller, request);
  if (!asked.ok()) {
    FailOnExecutor(context_->journal, std::move(asked).status(), std::move(done));
    return;
  }
  const auto question = std::make_shared<const FetchQuestion>(*std::move(asked));
  // Before a repeat can find it admitted.
  std::shared_ptr<const void> token;
  if (!question->fetch.empty()) token = running_->Start(question->fetch);
  CommitJudged<JudgedFetch>(
      context_->journal, question->Locks(),
      [context = context_, question](const Reader& rows, const JudgeContext& now) {
        return JudgeFetch(*context, *question, rows, now);
      },
      [this, question, token = std::move(token),
       done = std::move(done)](absl::StatusOr<Stood<JudgedFetch>> stood) {
        if (!stood.ok()) {
          done(std::move(stood).status());
          return;
        }
        JudgedFetch& judged = stood->judged;
        if (judged.repeat_of.has_value()) {
          Repeat(*judged.repeat_of,
                 {question->caller.text(), question->request.case_(), question->case_hash},
                 question->request.known_tree_size(), done);
          return;
        }
        Admission admission;
        admission.refused = std::move(judged.refused);
        admission.admitted = std::move(judged.admitted);
        if (admission.admitted.has_value()) {
          admission.admitted->time = stood->committed.time;
          admission.admitted->running = token;
        }
        done(std::move(admission));
      });
}

void ReleaseBook::Repeat(const FetchId& fetch, const FetchActor& actor, uint64_t known_size,
                         const std::function<void(absl::StatusOr<Admission>)>& done) {
  const auto answer = [context = context_, fetch, known_size, done] {
    absl::StatusOr<RepeatedFetch> repeated = AnswerAgain(*context, fetch, known_size);
    if (!repeated.ok()) {
      done(std::move(repeated).status());
      return;
    }
    Admission admission;
    admission.repeated = *std::move(repeated);
    done(std::move(admission));
  };
  const absl::StatusOr<std::optional<storage::v1::FetchRow>> row =
      ReadFetchRow(*context_->store, fetch);
  if (!row.ok()) {
    done(row.status());
    return;
  }
  if (row->has_value() && (*row)->ended_index_plus_one() != 0) {
    answer();
    return;
  }
  if (running_->IsRunning(fetch)) {
    done(NotReady("the first call with this request_id is still running"));
    return;
  }
  // Nobody works on it any more, and nobody will: what has no outcome was interrupted.
  absl::StatusOr<FetchRecord> record =
      ReadFetchRecord(*context_->store, *context_->directory, fetch);
  if (!record.ok()) {
    done(std::move(record).status());
    return;
  }
  CommitJudged<JudgedEnd>(
      context_->journal, {record->consent.subject.bytes()},
      [context = context_, fetch, actor](const Reader& rows, const JudgeContext& now) {
        return JudgeEnd(*context, fetch, actor, rows, now);
      },
      [answer, done](absl::StatusOr<Stood<JudgedEnd>> stood) {
        if (stood.ok()) {
          answer();
        } else {
          done(std::move(stood).status());
        }
      });
}

void ReleaseBook::Release(const AdmittedFetch& fetch, size_t paper,
                          const std::string& header_sha256, const std::string& document_sha256,
                          bool no_record, std::function<void(absl::StatusOr<Commitment>)> done) {
  const FetchStep step = {fetch.fetch, paper, ActorOf(fetch)};
  const AnswerDigests answer = {header_sha256, document_sha256, no_record};
  CommitJudged<JudgedRelease>(
      context_->journal, {fetch.subject.bytes()},
      [context = context_, step, answer](const Reader& rows, const JudgeContext& now) {
        return JudgeRelease(*context, step, answer, rows, now);
      },
      [context = context_, consent = fetch.consent, known_size = fetch.known_tree_size,
       done = std::move(done)](absl::StatusOr<Stood<JudgedRelease>> stood) {
        if (!stood.ok()) {
          done(std::move(stood).status());
          return;
        }
        const Committed& committed = stood->committed;
        if (stood->judged.took_use && context->events != nullptr) {
          context->events->Changed(consent);
        }
        Commitment commitment;
        if (stood->judged.refused.has_value()) {
          commitment.refused = std::move(stood->judged.refused);
          commitment.refusal_entry = LastEntry(committed);
          done(std::move(commitment));
          return;
        }
        absl::StatusOr<v1::LedgerProof> proof =
            ProveCommitted(*context->ledger, committed, 0, known_size);
        if (!proof.ok()) {
          done(std::move(proof).status());
          return;
        }
        commitment.released = Released{*std::move(proof), committed.tree_size};
        done(std::move(commitment));
      });
}

void ReleaseBook::ReleaseAll(const AdmittedFetch& fetch, std::vector<AnswerDigests> answers,
                             std::function<void(absl::StatusOr<std::vector<Commitment>>)> done) {
  CommitJudged<JudgedBundle>(
      context_->journal, {fetch.subject.bytes()},
      [context = context_, id = fetch.fetch, actor = ActorOf(fetch), answers = std::move(answers)](
          const Reader& rows, const JudgeContext& now) {
        return JudgeBundle(*context, id, actor, answers, rows, now);
      },
      [context = context_, consent = fetch.consent, known_size = fetch.known_tree_size,
       done = std::move(done)](absl::StatusOr<Stood<JudgedBundle>> stood) {
        if (!stood.ok()) {
          done(std::move(stood).status());
          return;
        }
        const Committed& committed = stood->committed;
        if (stood->judged.took_use && context->events != nullptr) {
          context->events->Changed(consent);
        }
        std::vector<Commitment> commitments(committed.entries.size());
        for (size_t i = 0; i < commitments.size(); ++i) {
          if (!stood->judged.refused.empty()) {
            commitments[i].refused = std::move(stood->judged.refused[i]);
            commitments[i].refusal_entry = {committed.entries[i].index, committed.time};
            continue;
          }
          absl::StatusOr<v1::LedgerProof> proof =
              ProveCommitted(*context->ledger, committed, i, known_size);
          if (!proof.ok()) {
            done(std::move(proof).status());
            return;
          }
          commitments[i].released = Released{*std::move(proof), committed.tree_size};
        }
        done(std::move(commitments));
      });
}

void ReleaseBook::EnterEnd(const AdmittedFetch& fetch, size_t paper, const PaperEnd& end,
                           std::function<void(absl::StatusOr<RecordedOutcome>)> done) {
  const FetchStep step = {fetch.fetch, paper, ActorOf(fetch)};
  CommitJudged<JudgedOutcome>(
      context_->journal, {fetch.subject.bytes()},
      [context = context_, step, end](const Reader& rows,
                                      const JudgeContext& now) -> absl::StatusOr<JudgedOutcome> {
        ABSL_ASSIGN_OR_RETURN(Verdict verdict, JudgeOutcome(*context, step, end, rows, now));
        return JudgedOutcome{std::move(verdict)};
      },
      [done = std::move(done)](absl::StatusOr<Stood<JudgedOutcome>> stood) {
        if (stood.ok()) {
          done(LastEntry(stood->committed));
        } else {
          done(std::move(stood).status());
        }
      });
}

void ReleaseBook::RecordOutcome(const AdmittedFetch& fetch, size_t paper, v1::Outcome outcome,
                                v1::RefusalReason reason, const std::string& ground,
                                const std::string& header_sha256,
                                std::function<void(absl::StatusOr<RecordedOutcome>)> done) {
  EnterEnd(fetch, paper, {outcome, reason, ground, header_sha256, false}, std::move(done));
}

void ReleaseBook::Quarantine(const AdmittedFetch& fetch, size_t paper, v1::RefusalReason reason,
                             const std::string& header_sha256,
                             std::function<void(absl::StatusOr<RecordedOutcome>)> done) {
  EnterEnd(fetch, paper, {v1::OUTCOME_FAILED, reason, "", header_sha256, true}, std::move(done));
}

void ReleaseBook::Finish(const AdmittedFetch& fetch,
                         std::function<void(absl::StatusOr<v1::FetchSummary>)> done) {
  CommitJudged<JudgedEnd>(
      context_->journal, {fetch.subject.bytes()},
      [context = context_, id = fetch.fetch, actor = ActorOf(fetch)](const Reader& rows,
                                                                     const JudgeContext& now) {
        return JudgeEnd(*context, id, actor, rows, now);
      },
      [context = context_, id = fetch.fetch,
       done = std::move(done)](absl::StatusOr<Stood<JudgedEnd>> stood) {
        if (!stood.ok()) {
          done(std::move(stood).status());
        } else if (stood->judged.ended_before) {
          done(SummaryAgain(*context, id));
        } else {
          done(std::move(stood->judged.summary));
        }
      });
}

absl::StatusOr<v1::LedgerProof> ReleaseBook::ProofFor(const Released& released,
                                                      uint64_t known_size) const {
  const uint64_t size = context_->ledger->head().size;
  if (known_size > size) {
    return absl::FailedPreconditionError("the holder knows a tree that this ledger has not");
  }
  // A holder may have seen a later group's checkpoint meanwhile.
  if (known_size > released.tree_size) {
    return ProveEntry(*context_->ledger, released.proof.index(), known_size);
  }
  v1::LedgerProof proof = released.proof;
  proof.clear_consistency_path();
  proof.set_known_size(known_size);
  if (known_size == 0) return proof;
  ABSL_ASSIGN_OR_RETURN(std::vector<std::string> path,
                        context_->ledger->ConsistencyPath(known_size, released.tree_size));
  for (std::string& hash : path) proof.add_consistency_path(std::move(hash));
  return proof;
}

absl::StatusOr<std::optional<v1::Refusal>> ReleaseBook::WhyNotPermitted(const AdmittedFetch& fetch,
                                                                        size_t paper) const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<StoredConsent> stored,
                        ReadConsent(*context_->directory, *context_->store, fetch.consent));
  if (!stored.has_value() || paper >= fetch.papers.size()) {
    return MakeRefusal(v1::REFUSAL_REASON_NO_CONSENT);
  }
  const storage::v1::ConsentRow& consent = stored->row;
  const absl::Time now = context_->clock->Now();
  const v1::ConsentState state = EffectiveState(consent, now);
  // The last use may be this fetch's own.
  if (state != v1::CONSENT_STATE_GRANTED && state != v1::CONSENT_STATE_EXHAUSTED) {
    return RefuseConsent(consent, now);
  }
  const uint32_t paper_id = fetch.papers[paper].paper.paper_id();
  if (std::optional<v1::Refusal> refused = RefusePaper(consent, paper_id); refused.has_value()) {
    return refused;
  }
  return RefuseUse(*context_->store, *context_->policy->catalogue(), consent.requester(),
                   consent.affair(), FindPaper(consent, paper_id)->kind(), fetch.mode);
}

absl::StatusOr<bool> ReleaseBook::StillPermitted(const AdmittedFetch& fetch, size_t paper) const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<v1::Refusal> refused, WhyNotPermitted(fetch, paper));
  return !refused.has_value();
}

}  // namespace naru
