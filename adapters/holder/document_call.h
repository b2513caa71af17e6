#ifndef NARU_ADAPTERS_HOLDER_DOCUMENT_CALL_H_
#define NARU_ADAPTERS_HOLDER_DOCUMENT_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "adapters/holder/answer.h"
#include "adapters/holder/answer_source.h"
#include "adapters/holder/holder_metrics.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/proof/ledger_proof.h"
#include "naru/holder/v1/holder_service.pb.h"

namespace naru {

// What all calls of a holder share; everything outlives them.
struct HolderParts {
  const AnswerSource* answers = nullptr;
  CheckpointKeeper* checkpoints = nullptr;
  HolderMetrics* metrics = nullptr;
  Executor* reads = nullptr;   // Blocks on the database.
  Executor* proofs = nullptr;  // Blocks on files: the checkpoint, bodies.
  Timer* timer = nullptr;
  Clock* clock = nullptr;
};

// One document: request, signed answer, proceed, body. The order of the steps is the order of the
// enumeration below, and a body is sent in one place, behind CheckProceed (P1). At any time exactly
// one thing is under way (a read, a write, work on an executor, or nothing more), and its end alone
// decides what comes next; only a timer may end a read that takes too long. Keeps itself alive
// until gRPC is done with it.
class DocumentCall final : public grpc::ServerBidiReactor<holder::v1::ProvideDocumentRequest,
                                                          holder::v1::ProvideDocumentResponse>,
                           public std::enable_shared_from_this<DocumentCall> {
 public:
  // The reactor for gRPC, which begins at once. `ended` is called when everything is over.
  static DocumentCall* Begin(grpc::CallbackServerContext* context, const HolderParts& parts,
                             std::function<void()> ended);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  enum class Step {
    kAwaitRequest,
    kMakeAnswer,
    kSendAnswer,
    kAwaitProceed,
    kCheckProceed,
    kSendBody,
    kEnded,
  };

  DocumentCall(grpc::CallbackServerContext* context, const HolderParts& parts,
               std::function<void()> ended)
      : context_(context), parts_(parts), ended_(std::move(ended)) {}

  // Moves on, unless a timer has ended the call.
  bool Enter(Step step) ABSL_LOCKS_EXCLUDED(mu_);
  Step step() const ABSL_LOCKS_EXCLUDED(mu_);
  // Ends the step that was entered last, if it is still the one when the time is over.
  void Limit(absl::Duration time) ABSL_LOCKS_EXCLUDED(mu_);
  void Expire(uint64_t entered) ABSL_LOCKS_EXCLUDED(mu_);
  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_);

  void AwaitMessage(Step step, absl::Duration time);
  void TakeRequest();
  void MakeAnswer();
  void SendAnswer();
  void TakeProceed();
  void CheckProceedAndSend();
  void SendNextChunk();

  grpc::CallbackServerContext* const context_;
  const HolderParts parts_;
  const std::function<void()> ended_;
  std::shared_ptr<DocumentCall> self_;

  mutable absl::Mutex mu_;
  Step step_ ABSL_GUARDED_BY(mu_) = Step::kAwaitRequest;
  uint64_t entered_ ABSL_GUARDED_BY(mu_) = 0;  // Counts steps, so that an old timer is known.
  Timer::Token timer_ ABSL_GUARDED_BY(mu_) = 0;

  // Of the step under way alone.
  holder::v1::ProvideDocumentRequest message_;
  holder::v1::ProvideDocumentResponse response_;
  holder::v1::DocumentRequest request_;
  CheckpointKeeper::Known known_;
  std::shared_ptr<const AnswerMaker>
      maker_;  // Its registers stay open as long as the body is read.
  Answer answer_;
  uint64_t sent_bytes_ = 0;
  uint32_t next_chunk_ = 0;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_DOCUMENT_CALL_H_
