#include "adapters/notify/fake_message_service.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace naru {
namespace {

constexpr int64_t kFarAway = 4102444800;  // 2100-01-01
// How soon a call notices that its caller is gone.
constexpr absl::Duration kLook = absl::Milliseconds(10);

}  // namespace

v1::Message TestMessage(uint64_t cursor, absl::string_view text) {
  v1::Message message;
  message.set_cursor(cursor);
  message.set_kind(v1::MESSAGE_KIND_NOTICE);
  message.set_contact_ref(absl::StrCat("0123456789abcdef", cursor));
  message.set_text(std::string(text));
  message.mutable_expire_time()->set_seconds(kFarAway);
  return message;
}

void FakeMessageService::Add(v1::Message message) {
  absl::MutexLock lock(&mu_);
  const uint64_t cursor = message.cursor();
  outbox_[cursor] = std::move(message);
}

void FakeMessageService::Acknowledge(Acknowledgements how) {
  absl::MutexLock lock(&mu_);
  how_ = how;
}

void FakeMessageService::SendHeartbeats() {
  absl::MutexLock lock(&mu_);
  heartbeats_ = true;
}

void FakeMessageService::EndCalls() {
  absl::MutexLock lock(&mu_);
  ++epoch_;
}

std::set<uint64_t> FakeMessageService::acknowledged() const {
  absl::MutexLock lock(&mu_);
  return acknowledged_;
}

size_t FakeMessageService::left() const {
  absl::MutexLock lock(&mu_);
  return outbox_.size();
}

std::vector<uint64_t> FakeMessageService::starts() const {
  absl::MutexLock lock(&mu_);
  return starts_;
}

size_t FakeMessageService::largest() const {
  absl::MutexLock lock(&mu_);
  return largest_;
}

bool FakeMessageService::AwaitAcknowledged(size_t count, absl::Duration wait) const {
  absl::MutexLock lock(&mu_);
  const auto enough = [this, count]()
                          ABSL_SHARED_LOCKS_REQUIRED(mu_) { return acknowledged_.size() >= count; };
  return mu_.AwaitWithTimeout(absl::Condition(&enough), wait);
}

bool FakeMessageService::AwaitStarts(size_t count, absl::Duration wait) const {
  absl::MutexLock lock(&mu_);
  const auto enough = [this, count]()
                          ABSL_SHARED_LOCKS_REQUIRED(mu_) { return starts_.size() >= count; };
  return mu_.AwaitWithTimeout(absl::Condition(&enough), wait);
}

grpc::Status FakeMessageService::FollowMessages(
    grpc::ServerContext* context, const v1::FollowMessagesRequest* request,
    grpc::ServerWriter<v1::FollowMessagesResponse>* writer) {
  const uint64_t start = request->cursor();
  uint64_t sent = start;
  int epoch = 0;
  {
    absl::MutexLock lock(&mu_);
    starts_.push_back(start);
    epoch = epoch_;
  }
  while (true) {
    v1::FollowMessagesResponse response;
    {
      absl::MutexLock lock(&mu_);
      const auto may_send = [&]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
        const auto next = outbox_.upper_bound(sent);
        const auto first = outbox_.upper_bound(start);
        return next != outbox_.end() && static_cast<size_t>(std::distance(first, next)) < ahead_;
      };
      const bool sends = mu_.AwaitWithTimeout(absl::Condition(&may_send), kLook);
      if (context->IsCancelled()) return grpc::Status::CANCELLED;
      if (epoch_ != epoch) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "ended");
      if (sends) {
        const auto next = outbox_.upper_bound(sent);
        sent = next->first;
        *response.mutable_message() = next->second;
      } else if (heartbeats_) {
        response.mutable_heartbeat();
      } else {
        continue;
      }
    }
    if (!writer->Write(response)) return grpc::Status::CANCELLED;
  }
}

grpc::Status FakeMessageService::AcknowledgeMessages(grpc::ServerContext* /*context*/,
                                                     const v1::AcknowledgeMessagesRequest* request,
                                                     v1::AcknowledgeMessagesResponse* response) {
  Acknowledgements how = Acknowledgements::kTaken;
  {
    absl::MutexLock lock(&mu_);
    how = how_;
    largest_ = std::max(largest_, static_cast<size_t>(request->cursors_size()));
  }
  const grpc::Status lost(grpc::StatusCode::UNAVAILABLE, "lost");
  if (how == Acknowledgements::kRefused) return lost;
  uint32_t deleted = 0;
  for (const uint64_t cursor : request->cursors()) {
    hooks_.before_delete(cursor);
    {
      absl::MutexLock lock(&mu_);
      deleted += static_cast<uint32_t>(outbox_.erase(cursor));
      acknowledged_.insert(cursor);
    }
    hooks_.after_delete(cursor);
  }
  response->set_deleted(deleted);
  return how == Acknowledgements::kTaken ? grpc::Status::OK : lost;
}

}  // namespace naru
