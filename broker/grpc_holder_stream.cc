#include "broker/grpc_holder_stream.h"

#include <utility>

#include "broker/base/errors.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/limits.h"

namespace naru {
namespace {

// The release ends a call long before; this one only bounds what was forgotten.
const absl::Duration kCallLife = limits::kFetchLife + absl::Minutes(1);

}  // namespace

void GrpcHolderStream::Start(const holder::v1::DocumentRequest& request,
                             std::shared_ptr<Observer> observer) {
  absl::MutexLock lock(&mu_);
  self_ = shared_from_this();
  observer_ = std::move(observer);
  *outgoing_.mutable_request() = request;
  writing_ = true;
  held_ = true;
  // The release ends the call before; this only bounds what would be forgotten.
  context_.set_deadline(DeadlineAfter(limits::kFetchLife + absl::Minutes(1)));
  stub_->async()->ProvideDocument(&context_, this);
  AddHold();
  StartWrite(&outgoing_);
  StartRead(&incoming_);
  StartCall();
}

void GrpcHolderStream::Proceed(const v1::LedgerProof& proof) {
  absl::MutexLock lock(&mu_);
  if (!held_) return;
  if (writing_) {
    proceed_ = proof;
    return;
  }
  *outgoing_.mutable_proceed()->mutable_proof() = proof;
  writing_ = true;
  StartWriteLast(&outgoing_, grpc::WriteOptions());
}

void GrpcHolderStream::ReadNext() {
  absl::MutexLock lock(&mu_);
  if (held_) StartRead(&incoming_);
}

void GrpcHolderStream::Cancel() {
  {
    absl::MutexLock lock(&mu_);
    if (!held_) return;
  }
  context_.TryCancel();
  LetGo();
}

void GrpcHolderStream::LetGo() {
  {
    absl::MutexLock lock(&mu_);
    if (!held_) return;
    held_ = false;
  }
  RemoveHold();
}

void GrpcHolderStream::OnReadDone(bool ok) {
  if (!ok) {
    LetGo();
    return;
  }
  holder::v1::ProvideDocumentResponse message;
  message.Swap(&incoming_);
  std::shared_ptr<Observer> observer;
  bool is_answer = false;
  {
    absl::MutexLock lock(&mu_);
    is_answer = !answered_ && message.has_answer();
    if (is_answer || (answered_ && message.has_chunk())) {
      observer = observer_;
    } else {
      out_of_order_ = true;
    }
    if (!answered_ && place_ != nullptr) place_->Reached();
    answered_ = true;
  }
  if (observer == nullptr) {
    Cancel();
  } else if (is_answer) {
    observer->OnAnswer(std::move(*message.mutable_answer()));
  } else {
    observer->OnChunk(std::move(*message.mutable_chunk()));
  }
}

void GrpcHolderStream::OnWriteDone(bool) {
  // A write that fails is told by the read that follows it.
  absl::MutexLock lock(&mu_);
  writing_ = false;
  if (!held_ || !proceed_.has_value()) return;
  *outgoing_.mutable_proceed()->mutable_proof() = *std::move(proceed_);
  proceed_.reset();
  writing_ = true;
  StartWriteLast(&outgoing_, grpc::WriteOptions());
}

void GrpcHolderStream::OnDone(const grpc::Status& grpc_status) {
  std::unique_ptr<HolderPlace> place;
  std::shared_ptr<Observer> observer;
  std::shared_ptr<GrpcHolderStream> self;
  absl::Status status = FromGrpcStatus(grpc_status);
  bool answered = false;
  {
    absl::MutexLock lock(&mu_);
    place = std::move(place_);
    observer = std::move(observer_);
    self = std::move(self_);
    answered = answered_;
    if (out_of_order_) status = InternalFault("a holder broke the order of steps");
  }
  if (!answered) {
    // An error of ours that came over the wire was said by somebody.
    if (status.ok() || GetErrorDetail(status).has_value()) {
      place->Reached();
    } else {
      place->NothingHeard(status);
    }
  }
  place = nullptr;
  observer->OnEnd(std::move(status));
}

}  // namespace naru
