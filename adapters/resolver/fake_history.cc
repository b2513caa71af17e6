#include "adapters/resolver/fake_history.h"

#include <utility>

#include "broker/base/grpc/grpc_status.h"

namespace naru {

void FakeHistory::HoldBack() {
  absl::MutexLock lock(&mu_);
  holding_ = true;
}

void FakeHistory::LetGo() {
  std::vector<grpc::ServerUnaryReactor*> held;
  {
    absl::MutexLock lock(&mu_);
    holding_ = false;
    held = std::exchange(held_, {});
  }
  for (grpc::ServerUnaryReactor* reactor : held) reactor->Finish(grpc::Status::OK);
}

void FakeHistory::AnswerWith(absl::Status status) {
  absl::MutexLock lock(&mu_);
  status_ = std::move(status);
}

std::vector<v1::RecordLookUpRequest> FakeHistory::entries() const {
  absl::MutexLock lock(&mu_);
  return entries_;
}

bool FakeHistory::AwaitEntries(size_t count, absl::Duration wait) const {
  absl::MutexLock lock(&mu_);
  const auto enough = [this, count]()
                          ABSL_SHARED_LOCKS_REQUIRED(mu_) { return entries_.size() >= count; };
  return mu_.AwaitWithTimeout(absl::Condition(&enough), wait);
}

grpc::ServerUnaryReactor* FakeHistory::RecordLookUp(grpc::CallbackServerContext* context,
                                                    const v1::RecordLookUpRequest* request,
                                                    v1::RecordLookUpResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  absl::Status status;
  {
    absl::MutexLock lock(&mu_);
    status = status_;
    if (status.ok()) {
      response->set_ledger_index(entries_.size());
      entries_.push_back(*request);
      if (holding_) {
        held_.push_back(reactor);
        return reactor;
      }
    }
  }
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace naru
