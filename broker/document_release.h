#ifndef NARU_BROKER_DOCUMENT_RELEASE_H_
#define NARU_BROKER_DOCUMENT_RELEASE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/holder_stream.h"
#include "broker/proof/document_header.h"
#include "broker/release_parts.h"
#include "broker/stall_timer.h"
#include "consent/release_book.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/error_reason.pb.h"

namespace naru {

// What the release of one document needs of the fetch it belongs to (fetch_release.h).
class ReleaseFetch {
 public:
  virtual ~ReleaseFetch() = default;

  virtual const AdmittedFetch& admitted() const = 0;
  // Keeps the fetch, and so its documents, alive.
  virtual std::shared_ptr<ReleaseFetch> Keep() = 0;
  // Runs work on the fetch's strand, and keeps the fetch alive until then. From any thread.
  virtual void Post(std::function<void()> work) = 0;
  // The same for a timer, which does not keep the fetch alive.
  virtual StallTimer::Post TimerPost() = 0;

  // Sends a step when it is the document's turn; `written` (may be empty) runs on the strand.
  virtual void Send(size_t document, v1::FetchDocumentsResponse step,
                    std::function<void()> written) = 0;
  // Forgets what was given to Send and is not on its way yet.
  virtual void Unsend(size_t document) = 0;
  // For a fetch of all or nothing: the document could be released. The fetch then calls
  // CommitBundle and ReleaseCommitted, or LeaveBundle.
  virtual void ReadyToRelease(size_t document) = 0;
  // The document is over, with its outcome told, or with a fault of ours that left it without.
  virtual void DocumentEnded(size_t document, const absl::Status& fault) = 0;
};

// THE flow: carries one document from its holder to the requester, once the fetch was admitted.
// Each step is a method of its own, below in their order; each ends by waiting for one event, and
// the event begins the next. Starts no thread and never waits, so that a simulation can drive it.
//
// Every document ends in exactly one outcome, recorded before it is told. Belongs to the strand of
// its fetch, which owns it.
class DocumentRelease : public HolderStream::Observer {
 public:
  // `parts` and `fetch` must outlive this object.
  DocumentRelease(const ReleaseParts& parts, ReleaseFetch* fetch, size_t document);

  void Begin();

  // Ends the document FAILED unless it has ended: the requester or the broker goes away.
  void Abandon(v1::RefusalReason reason) { Fail(reason); }
  // Ends it because its ground is gone (P2): no chunk is sent any more. NOT_PERMITTED before the
  // release, FAILED after it.
  void Cut(v1::Refusal why);
  // Ends it because the fetch took too long, and says who was waited for.
  void TimeOut();
  bool ended() const { return step_ == Step::kOutcome || step_ == Step::kEnded; }

  // All or nothing, from ReadyToRelease on. While it is ready it may still end by itself: its
  // holder or the requester goes, its ground is gone.
  bool ready() const { return step_ == Step::kReady; }
  // All are ready: what is to be committed, with those of the others.
  AnswerDigests CommitBundle();
  void ReleaseCommitted(absl::StatusOr<ReleaseBook::Commitment> commitment);
  // Another could not be released, so this is not either.
  void LeaveBundle(v1::Refusal why) { Stop(v1::OUTCOME_NOT_PERMITTED, std::move(why)); }

  void OnAnswer(holder::v1::DocumentAnswer answer) override;
  void OnChunk(holder::v1::BodyChunk chunk) override;
  void OnEnd(absl::Status status) override;

 private:
  // What is waited for.
  enum class Step { kNothing, kAnswer, kReady, kCommit, kBody, kReceipt, kOutcome, kEnded };

  // The steps.
  void RouteToHolder();
  void VerifyHeader(holder::v1::DocumentAnswer answer);
  void CommitRelease();
  void SendHeader();
  void SendProceed();
  void ReadNextChunk();
  void VerifyChunk(holder::v1::BodyChunk chunk);
  void PassOnChunk(holder::v1::BodyChunk chunk);
  void HolderEnded(const absl::Status& status);
  void SendReceipt();
  void PassOnNoRecord();
  void PassOnRefusal();

  // The ends.
  void Fail(v1::RefusalReason reason);
  void Quarantine(absl::string_view what);
  void Stop(v1::Outcome outcome, v1::Refusal why);
  void RecordOutcome(v1::Outcome outcome, std::optional<v1::Refusal> refusal,
                     const std::string& ground);
  void OutcomeRecorded(absl::StatusOr<RecordedOutcome> recorded);
  void TellOutcome(const RecordedOutcome& entry);
  void LeaveHolder();
  void End(const absl::Status& fault);

  const PlannedPaper& paper() const { return fetch_->admitted().papers[document_]; }
  holder::v1::AnswerStatus answered() const { return header_.header.status(); }
  // Waits for the release to be committed, alone or with others.
  bool before_release() const { return step_ == Step::kReady || step_ == Step::kCommit; }
  // A callback that takes its value to `step` on the strand.
  template <typename Value>
  std::function<void(Value)> Then(void (DocumentRelease::*step)(Value));

  const ReleaseParts& parts_;
  ReleaseFetch* const fetch_;
  const size_t document_;

  Step step_ = Step::kNothing;
  absl::Duration began_;
  std::shared_ptr<HolderStream> holder_;
  StallTimer answer_timer_;
  StallTimer body_timer_;

  v1::SignedHeader signed_header_;
  CheckedHeader header_;
  uint64_t holder_tree_size_ = 0;
  std::optional<Released> released_;
  std::optional<BodyChecker> body_;

  // Why the document ends as soon as its commit is answered: what the ledger says of it is not
  // known before.
  std::optional<v1::Refusal> stopped_;
  v1::Outcome outcome_ = v1::OUTCOME_UNSPECIFIED;
  std::optional<v1::Refusal> refusal_;
};

}  // namespace naru

#endif  // NARU_BROKER_DOCUMENT_RELEASE_H_
