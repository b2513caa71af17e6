#include "broker/repeated_answer.h"

#include <utility>

#include "broker/base/limits.h"
#include "broker/proof/receipt.h"

namespace naru {

void RepeatedAnswer::Start(const ReleaseParts& parts, RepeatedFetch repeated,
                           std::shared_ptr<ResponseSink> sink, std::function<void()> over) {
  const std::shared_ptr<RepeatedAnswer> answer(
      new RepeatedAnswer(parts, std::move(repeated), std::move(sink), std::move(over)));
  answer->Post(&RepeatedAnswer::Begin);
}

RepeatedAnswer::RepeatedAnswer(const ReleaseParts& parts, RepeatedFetch repeated,
                               std::shared_ptr<ResponseSink> sink, std::function<void()> over)
    : parts_(parts),
      steps_(std::move(repeated.steps)),
      sink_(std::move(sink)),
      strand_(MakeStrand(parts.executor)),
      over_(std::move(over)) {}

void RepeatedAnswer::Begin() {
  requester_timer_.emplace(
      parts_.clock, parts_.timer, limits::kRequesterPatience,
      [weak = weak_from_this()](std::function<void()> work) {
        const std::shared_ptr<RepeatedAnswer> self = weak.lock();
        if (self == nullptr) return;
        self->strand_->Run([self, work = std::move(work)] { work(); });
      },
      [this] { sink_->Cancel(); });
  const auto self = shared_from_this();
  sink_->Listen({[self] { self->Post(&RepeatedAnswer::StepWritten); },
                 [self] { self->Post(&RepeatedAnswer::RequesterGone); }});
  WriteNext();
}

void RepeatedAnswer::WriteNext() {
  if (next_ == steps_.size()) {
    Finish(absl::OkStatus());
    return;
  }
  v1::FetchDocumentsResponse& step = steps_[next_++];
  if (step.has_receipt()) {
    v1::DocumentReceipt& receipt = *step.mutable_receipt();
    *receipt.mutable_signature() = SignReceipt(receipt.receipt(), *parts_.receipt_key);
  }
  requester_timer_->Start();
  sink_->Write(std::move(step));
}

void RepeatedAnswer::StepWritten() {
  if (finished_) return;
  requester_timer_->Stop();
  WriteNext();
}

void RepeatedAnswer::RequesterGone() { Finish(absl::CancelledError("the requester is gone")); }

void RepeatedAnswer::Finish(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  requester_timer_->Disarm();
  sink_->Finish(status);
  if (const std::function<void()> over = std::exchange(over_, nullptr)) over();
}

void RepeatedAnswer::Post(void (RepeatedAnswer::*step)()) {
  strand_->Run([self = shared_from_this(), step] { ((*self).*step)(); });
}

}  // namespace naru
