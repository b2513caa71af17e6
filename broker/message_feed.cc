#include "broker/message_feed.h"

#include <deque>
#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/limits.h"
#include "broker/base/strand.h"
#include "broker/stream_writer.h"
#include "google/protobuf/util/time_util.h"

namespace naru {
namespace {

using Writer = StreamWriter<v1::FollowMessagesResponse>;

}  // namespace

// One feed; every event runs on its strand.
class MessageFeed::Follower : public std::enable_shared_from_this<Follower> {
 public:
  Follower(MessageFeed* owner, uint64_t id, uint64_t cursor, std::shared_ptr<Writer> writer)
      : owner_(owner),
        options_(owner->options_),
        id_(id),
        start_(cursor),
        writer_(std::move(writer)),
        strand_(MakeStrand(options_.executor)),
        cursor_(cursor) {}

  void Start() {
    auto self = shared_from_this();
    writer_->Listen({[self](bool) { self->On(&Follower::Written); },
                     [self] { self->On(&Follower::Gone); }, [self] { self->On(&Follower::Done); }});
    On(&Follower::Look);
    On(&Follower::ArmHeartbeat);
  }

  void Wake() { On(&Follower::Look); }

 private:
  void On(void (Follower::*event)()) {
    strand_->Run([self = shared_from_this(), event] { (self.get()->*event)(); });
  }

  // Reads what there is beyond the cursor, as far as the reader may be ahead.
  void Look() {
    if (over_) return;
    // What lies in the outbox from the start on is unacknowledged or unsent, and the first
    // kMessagesAhead of it may be on the way: so the bound needs no bookkeeping of what was
    // acknowledged.
    auto outstanding = options_.outbox->Next(start_, limits::kMessagesAhead);
    if (!outstanding.ok()) return End(outstanding.status());
    for (v1::Message& message : *outstanding) {
      if (message.cursor() <= cursor_) continue;
      cursor_ = message.cursor();
      waiting_.push_back(std::move(message));
    }
    Send();
  }

  void Send() {
    if (over_ || writing_ || waiting_.empty()) return;
    v1::FollowMessagesResponse response;
    *response.mutable_message() = std::move(waiting_.front());
    waiting_.pop_front();
    writing_ = writer_->Write(std::move(response));
    ArmHeartbeat();
  }

  void Written() {
    writing_ = false;
    Send();
  }

  void ArmHeartbeat() {
    options_.timer->Cancel(heartbeat_);
    heartbeat_ = options_.timer->After(limits::kHeartbeat, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->On(&Follower::Heartbeat);
    });
  }

  void Heartbeat() {
    if (over_) return;
    if (!writing_) {
      v1::FollowMessagesResponse response;
      *response.mutable_heartbeat() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
          absl::ToUnixMicros(options_.clock->Now()));
      writing_ = writer_->Write(std::move(response));
    }
    // Nobody wakes a feed for a message that a restart found: look now and then.
    Look();
    ArmHeartbeat();
  }

  void Gone() { End(absl::CancelledError("the reader is gone")); }

  void End(const absl::Status& status) {
    if (over_) return;
    over_ = true;
    options_.timer->Cancel(heartbeat_);
    owner_->Forget(id_);
    writer_->Finish(ToGrpcStatus(status));
  }

  void Done() {
    End(absl::OkStatus());
    options_.metrics->watches().Decrement();
    options_.metrics->message_followers().Decrement();
  }

  MessageFeed* const owner_;
  const Options& options_;
  const uint64_t id_;
  const uint64_t start_;
  const std::shared_ptr<Writer> writer_;
  const std::shared_ptr<Strand> strand_;
  // On the strand alone:
  uint64_t cursor_;                  // The last message read from the outbox.
  std::deque<v1::Message> waiting_;  // At most limits::kMessagesAhead.
  Timer::Token heartbeat_ = 0;
  bool writing_ = false;
  bool over_ = false;
};

grpc::ServerWriteReactor<v1::FollowMessagesResponse>* MessageFeed::Follow(
    absl::StatusOr<Caller> caller, uint64_t cursor) {
  auto writer = Writer::Create();
  writer->HoldForRpc();
  std::shared_ptr<Follower> follower;
  if (caller.ok()) {
    absl::MutexLock lock(&mu_);
    if (followers_.size() >= kFollowers) {
      caller = Overloaded("feeds", absl::Seconds(1));
    } else {
      follower = std::make_shared<Follower>(this, next_, cursor, writer);
      followers_.emplace(next_++, follower);
    }
  }
  if (follower == nullptr) {
    writer->Finish(ToGrpcStatus(caller.status()));
    return writer->reactor();
  }
  options_.metrics->watches().Increment();
  options_.metrics->message_followers().Increment();
  follower->Start();
  return writer->reactor();
}

void MessageFeed::Wake() {
  absl::MutexLock lock(&mu_);
  for (const auto& [id, weak] : followers_) {
    if (auto follower = weak.lock()) follower->Wake();
  }
}

void MessageFeed::Forget(uint64_t id) {
  absl::MutexLock lock(&mu_);
  followers_.erase(id);
}

grpc::ServerWriteReactor<v1::FollowMessagesResponse>* MessageServiceImpl::FollowMessages(
    grpc::CallbackServerContext* context, const v1::FollowMessagesRequest* request) {
  return feed_->Follow(frame_->Admit(*context, "MessageService/FollowMessages", *request),
                       request->cursor());
}

grpc::ServerUnaryReactor* MessageServiceImpl::AcknowledgeMessages(
    grpc::CallbackServerContext* context, const v1::AcknowledgeMessagesRequest* request,
    v1::AcknowledgeMessagesResponse* response) {
  return frame_->Unary<v1::AcknowledgeMessagesRequest, v1::AcknowledgeMessagesResponse>(
      context, "MessageService/AcknowledgeMessages", request, response,
      [this](const Caller& caller, const v1::AcknowledgeMessagesRequest& acknowledge, auto done) {
        outbox_->Acknowledge(caller, acknowledge,
                             [this, done](absl::StatusOr<v1::AcknowledgeMessagesResponse> answer) {
                               feed_->Wake();
                               done(std::move(answer));
                             });
      });
}

}  // namespace naru
