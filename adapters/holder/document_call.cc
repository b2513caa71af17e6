#include "adapters/holder/document_call.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "adapters/holder/proceed_check.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/limits.h"
#include "broker/proof/crypto.h"

namespace naru {

DocumentCall* DocumentCall::Begin(grpc::CallbackServerContext* context, const HolderParts& parts,
                                  std::function<void()> ended) {
  const std::shared_ptr<DocumentCall> call(new DocumentCall(context, parts, std::move(ended)));
  call->self_ = call;
  parts.metrics->CallBegan();
  call->AwaitMessage(Step::kAwaitRequest, limits::kHolderRequest);
  return call.get();
}

bool DocumentCall::Enter(Step step) {
  Timer::Token timer = 0;
  {
    absl::MutexLock lock(&mu_);
    if (step_ == Step::kEnded) return false;
    step_ = step;
    ++entered_;
    timer = std::exchange(timer_, 0);
  }
  if (timer != 0) parts_.timer->Cancel(timer);
  return true;
}

DocumentCall::Step DocumentCall::step() const {
  absl::MutexLock lock(&mu_);
  return step_;
}

void DocumentCall::Limit(absl::Duration time) {
  absl::MutexLock lock(&mu_);
  timer_ = parts_.timer->After(time, [weak = weak_from_this(), entered = entered_] {
    if (const std::shared_ptr<DocumentCall> call = weak.lock()) call->Expire(entered);
  });
}

void DocumentCall::Expire(uint64_t entered) {
  {
    absl::MutexLock lock(&mu_);
    if (step_ == Step::kEnded || entered_ != entered) return;
    if (step_ == Step::kSendAnswer || step_ == Step::kSendBody) {
      // A write cannot be ended but by ending the call; OnWriteDone does the rest. Under the lock
      // that OnDone takes, so that the context is there.
      context_->TryCancel();
      return;
    }
    step_ = Step::kEnded;
  }
  parts_.metrics->Abandoned();
  Finish(ToGrpcStatus(absl::DeadlineExceededError("")));
}

void DocumentCall::End(const absl::Status& status) {
  if (Enter(Step::kEnded)) Finish(ToGrpcStatus(status));
}

void DocumentCall::AwaitMessage(Step step, absl::Duration time) {
  if (!Enter(step)) return;
  message_.Clear();
  Limit(time);
  StartRead(&message_);
}

void DocumentCall::OnReadDone(bool ok) {
  const Step now = step();
  if (now == Step::kEnded) return;  // The timer was first.
  if (!ok) {
    parts_.metrics->Abandoned();
    return End(absl::CancelledError());
  }
  if (now == Step::kAwaitRequest) return TakeRequest();
  TakeProceed();
}

void DocumentCall::TakeRequest() {
  if (!Enter(Step::kMakeAnswer)) return;
  if (!message_.has_request()) return End(FieldMissing("request"));
  request_ = std::move(*message_.mutable_request());
  parts_.reads->Run([self = shared_from_this()] { self->MakeAnswer(); });
}

void DocumentCall::MakeAnswer() {
  if (context_->IsCancelled()) return End(absl::CancelledError());
  const absl::Duration began = parts_.clock->Monotonic();
  // Before the answer: the proceed's tree must extend what was known by then.
  known_ = parts_.checkpoints->known();
  maker_ = parts_.answers->Get();
  absl::StatusOr<Answer> answer = maker_->Make(request_);
  if (!answer.ok()) {
    parts_.metrics->Failed(answer.status());
    return End(answer.status());
  }
  answer_ = *std::move(answer);
  parts_.metrics->Answered(answer_.header.document_kind(), answer_.header.status(),
                           parts_.clock->Monotonic() - began);
  if (answer_.mismatch) parts_.metrics->Mismatched();
  SendAnswer();
}

void DocumentCall::SendAnswer() {
  if (!Enter(Step::kSendAnswer)) return;
  holder::v1::DocumentAnswer& answer = *response_.mutable_answer();
  answer.set_header(answer_.signed_header.header());
  *answer.mutable_signature() = answer_.signed_header.signature();
  answer.set_known_tree_size(known_.size);
  Limit(limits::kHolderWrite);
  StartWrite(&response_);
}

void DocumentCall::OnWriteDone(bool ok) {
  const Step now = step();
  if (!ok) {
    parts_.metrics->Abandoned();
    return End(absl::CancelledError());
  }
  if (now == Step::kSendBody) {
    // Reading the next one may wait for a disk.
    return parts_.proofs->Run([self = shared_from_this()] { self->SendNextChunk(); });
  }
  if (answer_.header.status() != holder::v1::ANSWER_STATUS_FOUND) return End(absl::OkStatus());
  AwaitMessage(Step::kAwaitProceed, limits::kHolderProceed);
}

void DocumentCall::TakeProceed() {
  if (!Enter(Step::kCheckProceed)) return;
  if (!message_.has_proceed()) {
    parts_.metrics->ProceedRefused();
    return End(FieldMissing("proceed"));
  }
  parts_.proofs->Run([self = shared_from_this()] { self->CheckProceedAndSend(); });
}

void DocumentCall::CheckProceedAndSend() {
  const absl::Status may =
      CheckProceed(message_.proceed(), request_, answer_, known_, *parts_.checkpoints);
  if (!may.ok()) {
    parts_.metrics->ProceedRefused();
    return End(may);
  }
  // No release makes another's paper this person's.
  if (answer_.mismatch) return End(InternalFault("the record is about another subject"));
  SendNextChunk();
}

void DocumentCall::SendNextChunk() {
  if (sent_bytes_ == answer_.header.size_bytes()) {
    parts_.metrics->BodySent(answer_.header.document_kind(), sent_bytes_);
    return End(absl::OkStatus());
  }
  if (!Enter(Step::kSendBody)) return;
  const uint64_t size = std::min<uint64_t>(answer_.header.chunk_size_bytes(),
                                           answer_.header.size_bytes() - sent_bytes_);
  absl::StatusOr<std::string> data = answer_.body->Read(sent_bytes_, size);
  // A file that is written to after it was digested: what was not signed is not sent.
  if (data.ok() && crypto::Sha256(*data) != answer_.header.chunk_sha256(next_chunk_)) {
    data = DataDamaged("document");
  }
  if (!data.ok()) {
    parts_.metrics->Failed(data.status());
    return End(data.status());
  }
  holder::v1::BodyChunk& chunk = *response_.mutable_chunk();
  chunk.set_index(next_chunk_++);
  chunk.set_data(*std::move(data));
  sent_bytes_ += size;
  Limit(limits::kHolderWrite);
  StartWrite(&response_);
}

void DocumentCall::OnDone() {
  Timer::Token timer = 0;
  {
    // Waits for an Expire that uses the context.
    absl::MutexLock lock(&mu_);
    step_ = Step::kEnded;
    timer = std::exchange(timer_, 0);
  }
  if (timer != 0) parts_.timer->Cancel(timer);
  parts_.metrics->CallEnded();
  ended_();
  const std::shared_ptr<DocumentCall> last = std::move(self_);
}

}  // namespace naru
