#include "broker/document_release.h"

#include <utility>

#include "broker/base/errors.h"
#include "broker/release_messages.h"
#include "glog/logging.h"

namespace naru {

DocumentRelease::DocumentRelease(const ReleaseParts& parts, ReleaseFetch* fetch, size_t document)
    : parts_(parts),
      fetch_(fetch),
      document_(document),
      answer_timer_(parts.clock, parts.timer, parts.holder_answer, fetch->TimerPost(),
                    [this] { Fail(v1::REFUSAL_REASON_HOLDER_TIMEOUT); }),
      body_timer_(parts.clock, parts.timer, parts.body_idle, fetch->TimerPost(),
                  [this] { Fail(v1::REFUSAL_REASON_HOLDER_TIMEOUT); }) {}

template <typename Value>
std::function<void(Value)> DocumentRelease::Then(void (DocumentRelease::*step)(Value)) {
  return [this, step, fetch = fetch_->Keep()](Value value) {
    fetch->Post(
        [this, step, value = std::move(value)]() mutable { (this->*step)(std::move(value)); });
  };
}

// --- The flow. The agency was authenticated and the fetch admitted, with its ground and its use
// --- approvals found (ReleaseBook::Admit).

void DocumentRelease::Begin() {
  began_ = parts_.clock->Monotonic();
  if (!paper().refused.has_value()) {
    RouteToHolder();
    return;
  }
  outcome_ = v1::OUTCOME_NOT_PERMITTED;
  refusal_ = paper().refused;
  TellOutcome({paper().refused_index, fetch_->admitted().time});
}

void DocumentRelease::RouteToHolder() {
  absl::StatusOr<std::shared_ptr<HolderStream>> stream = parts_.holders->Open(paper().holder);
  if (!stream.ok()) {
    Fail(v1::REFUSAL_REASON_HOLDER_UNAVAILABLE);
    return;
  }
  holder_ = *std::move(stream);
  step_ = Step::kAnswer;
  answer_timer_.Start();
  holder_->Start(HolderRequest(fetch_->admitted(), paper()),
                 std::shared_ptr<HolderStream::Observer>(fetch_->Keep(), this));
}

void DocumentRelease::VerifyHeader(holder::v1::DocumentAnswer answer) {
  if (step_ != Step::kAnswer) return;
  answer_timer_.Disarm();
  signed_header_.set_header(std::move(*answer.mutable_header()));
  *signed_header_.mutable_signature() = std::move(*answer.mutable_signature());
  holder_tree_size_ = answer.known_tree_size();
  header_ = CheckDocumentHeader(signed_header_, ExpectedAnswer(fetch_->admitted(), paper()),
                                *parts_.keys, parts_.clock->Now());
  if (header_.refused == v1::REFUSAL_REASON_SUBJECT_MISMATCH) {
    Quarantine(header_.what);
  } else if (header_.refused != v1::REFUSAL_REASON_UNSPECIFIED) {
    LOG(WARNING) << "holder " << paper().holder << " gave a wrong answer: " << header_.what;
    Fail(header_.refused);
  } else {
    // Nothing may come before the proceed, and a holder that goes away is noticed.
    holder_->ReadNext();
    if (answered() == holder::v1::ANSWER_STATUS_DECLINED ||
        answered() == holder::v1::ANSWER_STATUS_DEFERRED) {
      PassOnRefusal();
    } else {
      CommitRelease();
    }
  }
}

void DocumentRelease::CommitRelease() {
  if (fetch_->admitted().all_or_nothing) {
    step_ = Step::kReady;
    fetch_->ReadyToRelease(document_);
    return;
  }
  step_ = Step::kCommit;
  const bool no_record = answered() == holder::v1::ANSWER_STATUS_NO_RECORD;
  parts_.record->Release(fetch_->admitted(), document_, header_.header_sha256,
                         header_.header.body_sha256(), no_record,
                         Then(&DocumentRelease::ReleaseCommitted));
}

AnswerDigests DocumentRelease::CommitBundle() {
  step_ = Step::kCommit;
  return {header_.header_sha256, header_.header.body_sha256(),
          answered() == holder::v1::ANSWER_STATUS_NO_RECORD};
}

void DocumentRelease::ReleaseCommitted(absl::StatusOr<ReleaseBook::Commitment> commitment) {
  step_ = Step::kNothing;
  if (!commitment.ok()) {
    LOG(ERROR) << "a release could not be entered: " << commitment.status();
    // Whether it was released is not known; that nothing arrived is.
    Fail(stopped_.has_value() ? stopped_->reason() : v1::REFUSAL_REASON_INTERRUPTED);
    return;
  }
  if (commitment->refused.has_value()) {
    outcome_ = v1::OUTCOME_NOT_PERMITTED;
    refusal_ = std::move(commitment->refused);
    TellOutcome(commitment->refusal_entry);
    return;
  }
  released_ = std::move(commitment->released);
  if (answered() == holder::v1::ANSWER_STATUS_NO_RECORD) {
    PassOnNoRecord();
  } else if (stopped_.has_value()) {
    Stop(v1::OUTCOME_FAILED, *std::move(stopped_));
  } else {
    SendHeader();
    SendProceed();
  }
}

void DocumentRelease::SendHeader() {
  v1::FetchDocumentsResponse step;
  step.mutable_header()->set_paper_id(paper().paper.paper_id());
  *step.mutable_header()->mutable_signed_header() = signed_header_;
  fetch_->Send(document_, std::move(step), nullptr);
}

void DocumentRelease::SendProceed() {
  const absl::StatusOr<v1::LedgerProof> proof =
      parts_.record->ProofFor(*released_, holder_tree_size_);
  if (!proof.ok()) {
    const bool of_holder = proof.status().code() == absl::StatusCode::kFailedPrecondition;
    LOG(ERROR) << "no proof of a release for holder " << paper().holder << " at size "
               << holder_tree_size_ << ": " << proof.status();
    Fail(of_holder ? v1::REFUSAL_REASON_HOLDER_FAULT : v1::REFUSAL_REASON_INTERRUPTED);
    return;
  }
  step_ = Step::kBody;
  body_.emplace(header_.header);
  body_timer_.Start();
  holder_->Proceed(*proof);
}

void DocumentRelease::ReadNextChunk() {
  if (step_ != Step::kBody) return;
  body_timer_.Start();
  holder_->ReadNext();
}

void DocumentRelease::VerifyChunk(holder::v1::BodyChunk chunk) {
  if (before_release()) {
    // Before the proceed (P1).
    Fail(v1::REFUSAL_REASON_HOLDER_FAULT);
    return;
  }
  if (step_ != Step::kBody) return;
  body_timer_.Stop();
  if (const absl::Status is_right = body_->Add(chunk.index(), chunk.data()); !is_right.ok()) {
    Quarantine(is_right.message());
    return;
  }
  PassOnChunk(std::move(chunk));
}

void DocumentRelease::PassOnChunk(holder::v1::BodyChunk chunk) {
  const size_t bytes = chunk.data().size();
  v1::FetchDocumentsResponse step;
  step.mutable_chunk()->set_paper_id(paper().paper.paper_id());
  step.mutable_chunk()->set_index(chunk.index());
  step.mutable_chunk()->set_data(std::move(*chunk.mutable_data()));
  // The next is read only then: one chunk in hand, whoever is slow (P10).
  fetch_->Send(document_, std::move(step), [this, bytes] {
    if (parts_.document_bytes) parts_.document_bytes(paper().holder, bytes);
    ReadNextChunk();
  });
}

void DocumentRelease::HolderEnded(const absl::Status& status) {
  const bool whole = step_ == Step::kBody && body_->complete();
  if (whole && status.ok()) {
    body_timer_.Disarm();
    SendReceipt();
    return;
  }
  // A holder without document ends after its answer.
  const bool without_document =
      before_release() && answered() == holder::v1::ANSWER_STATUS_NO_RECORD;
  const bool waited_for = step_ == Step::kAnswer || before_release() || step_ == Step::kBody;
  if (waited_for && !without_document) Fail(ReasonOfEnd(status));
}

void DocumentRelease::SendReceipt() {
  step_ = Step::kReceipt;
  v1::FetchDocumentsResponse step;
  *step.mutable_receipt() =
      SignedReceipt(fetch_->admitted(), paper(), *released_, header_.header_sha256,
                    parts_.clock->Now(), *parts_.receipt_key);
  fetch_->Send(document_, std::move(step), [this] {
    if (step_ == Step::kReceipt) RecordOutcome(v1::OUTCOME_SENT, std::nullopt, "");
  });
}

void DocumentRelease::PassOnNoRecord() {
  // The release entry is the outcome: it says something about the person too.
  const absl::StatusOr<RecordedOutcome> entry = OutcomeOfRelease(*released_);
  if (!entry.ok()) {
    End(entry.status());
    return;
  }
  v1::FetchDocumentsResponse step;
  *step.mutable_receipt() =
      SignedReceipt(fetch_->admitted(), paper(), *released_, header_.header_sha256,
                    parts_.clock->Now(), *parts_.receipt_key);
  fetch_->Send(document_, std::move(step), nullptr);
  outcome_ = v1::OUTCOME_NO_RECORD;
  TellOutcome(*entry);
}

void DocumentRelease::PassOnRefusal() {
  const bool deferred = answered() == holder::v1::ANSWER_STATUS_DEFERRED;
  RecordOutcome(deferred ? v1::OUTCOME_DEFERRED : v1::OUTCOME_DECLINED, RefusalOf(header_.header),
                header_.header.decline_ground());
}

// --- How it ends otherwise.

void DocumentRelease::Cut(v1::Refusal why) {
  Stop(released_.has_value() ? v1::OUTCOME_FAILED : v1::OUTCOME_NOT_PERMITTED, std::move(why));
}

void DocumentRelease::TimeOut() {
  const bool for_holder = answer_timer_.waiting() || body_timer_.waiting();
  if (for_holder) {
    Fail(v1::REFUSAL_REASON_HOLDER_TIMEOUT);
  } else if (step_ == Step::kBody || step_ == Step::kReceipt) {
    Fail(v1::REFUSAL_REASON_REQUESTER_GONE);
  } else {
    Fail(v1::REFUSAL_REASON_INTERRUPTED);
  }
}

void DocumentRelease::Fail(v1::RefusalReason reason) {
  Stop(v1::OUTCOME_FAILED, MakeRefusal(reason));
}

void DocumentRelease::Stop(v1::Outcome outcome, v1::Refusal why) {
  if (ended()) return;
  LeaveHolder();
  // No chunk after the decision (P2); what is on its way cannot be called back.
  fetch_->Unsend(document_);
  if (step_ != Step::kCommit) {
    RecordOutcome(outcome, std::move(why), "");
  } else if (!stopped_.has_value()) {
    stopped_ = std::move(why);
  }
}

void DocumentRelease::Quarantine(absl::string_view what) {
  LOG(ERROR) << "quarantined: an answer of holder " << paper().holder << ": " << what;
  const v1::RefusalReason reason = v1::REFUSAL_REASON_SUBJECT_MISMATCH;
  if (parts_.quarantined) parts_.quarantined(paper().holder, reason);
  LeaveHolder();
  fetch_->Unsend(document_);
  step_ = Step::kOutcome;
  outcome_ = v1::OUTCOME_FAILED;
  refusal_ = MakeRefusal(reason);
  parts_.record->Quarantine(fetch_->admitted(), document_, reason, header_.header_sha256,
                            Then(&DocumentRelease::OutcomeRecorded));
}

void DocumentRelease::RecordOutcome(v1::Outcome outcome, std::optional<v1::Refusal> refusal,
                                    const std::string& ground) {
  step_ = Step::kOutcome;
  outcome_ = outcome;
  refusal_ = std::move(refusal);
  const v1::RefusalReason reason =
      refusal_.has_value() ? refusal_->reason() : v1::REFUSAL_REASON_UNSPECIFIED;
  parts_.record->RecordOutcome(fetch_->admitted(), document_, outcome, reason, ground,
                               header_.header_sha256, Then(&DocumentRelease::OutcomeRecorded));
}

void DocumentRelease::OutcomeRecorded(absl::StatusOr<RecordedOutcome> recorded) {
  if (!recorded.ok()) {
    LOG(ERROR) << "the outcome of a document could not be entered: " << recorded.status();
    End(recorded.status());
    return;
  }
  TellOutcome(*recorded);
}

void DocumentRelease::TellOutcome(const RecordedOutcome& entry) {
  v1::FetchDocumentsResponse step;
  *step.mutable_outcome() = OutcomeMessage(paper(), outcome_, entry);
  if (refusal_.has_value()) *step.mutable_outcome()->mutable_refusal() = *refusal_;
  if (outcome_ == v1::OUTCOME_NO_RECORD || outcome_ == v1::OUTCOME_DECLINED ||
      outcome_ == v1::OUTCOME_DEFERRED) {
    *step.mutable_outcome()->mutable_signed_answer() = signed_header_;
  }
  fetch_->Send(document_, std::move(step), nullptr);
  if (parts_.document_done) {
    parts_.document_done(paper().holder, outcome_,
                         refusal_.has_value() ? refusal_->reason() : v1::REFUSAL_REASON_UNSPECIFIED,
                         parts_.clock->Monotonic() - began_);
  }
  End(absl::OkStatus());
}

void DocumentRelease::LeaveHolder() {
  answer_timer_.Disarm();
  body_timer_.Disarm();
  if (holder_ != nullptr) holder_->Cancel();
  holder_ = nullptr;
}

void DocumentRelease::End(const absl::Status& fault) {
  LeaveHolder();
  step_ = Step::kEnded;
  fetch_->DocumentEnded(document_, fault);
}

// --- Events, from any thread.

void DocumentRelease::OnAnswer(holder::v1::DocumentAnswer answer) {
  fetch_->Post([this, answer = std::move(answer)]() mutable { VerifyHeader(std::move(answer)); });
}

void DocumentRelease::OnChunk(holder::v1::BodyChunk chunk) {
  fetch_->Post([this, chunk = std::move(chunk)]() mutable { VerifyChunk(std::move(chunk)); });
}

void DocumentRelease::OnEnd(absl::Status status) {
  fetch_->Post([this, status = std::move(status)] { HolderEnded(status); });
}

}  // namespace naru
