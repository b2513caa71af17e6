#ifndef NARU_BROKER_MESSAGE_FEED_H_
#define NARU_BROKER_MESSAGE_FEED_H_

#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/call_frame.h"
#include "broker/metrics.h"
#include "consent/outbox.h"
#include "naru/v1/message_service.grpc.pb.h"

namespace naru {

// The outbox feed: messages in ledger order from a cursor on, as they come. At most
// limits::kMessagesAhead are sent ahead of their acknowledgement; a heartbeat goes when nothing
// came. No feed holds a thread. Thread-safe.
class MessageFeed {
 public:
  struct Options {
    Clock* clock = nullptr;
    Timer* timer = nullptr;
    Executor* executor = nullptr;
    Outbox* outbox = nullptr;
    Metrics* metrics = nullptr;
  };
  // All must outlive the feed.
  explicit MessageFeed(Options options) : options_(options) {}

  // The reactor of one call; finished at once when `caller` is a status or there are too many
  // feeds.
  grpc::ServerWriteReactor<v1::FollowMessagesResponse>* Follow(absl::StatusOr<Caller> caller,
                                                               uint64_t cursor);
  // A group was committed or messages were acknowledged: there may be something to send. Never
  // blocks.
  void Wake() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class Follower;
  // A deployment has one notifier; two while it is replaced.
  static constexpr size_t kFollowers = 8;

  void Forget(uint64_t id) ABSL_LOCKS_EXCLUDED(mu_);

  const Options options_;
  absl::Mutex mu_;
  uint64_t next_ ABSL_GUARDED_BY(mu_) = 1;
  std::map<uint64_t, std::weak_ptr<Follower>> followers_ ABSL_GUARDED_BY(mu_);
};

// Translates naru.v1.MessageService to feed and outbox. Thread-safe.
class MessageServiceImpl : public v1::MessageService::CallbackService {
 public:
  // All must outlive the service.
  MessageServiceImpl(CallFrame* frame, MessageFeed* feed, Outbox* outbox)
      : frame_(frame), feed_(feed), outbox_(outbox) {}

  grpc::ServerWriteReactor<v1::FollowMessagesResponse>* FollowMessages(
      grpc::CallbackServerContext* context, const v1::FollowMessagesRequest* request) override;
  grpc::ServerUnaryReactor* AcknowledgeMessages(grpc::CallbackServerContext* context,
                                                const v1::AcknowledgeMessagesRequest* request,
                                                v1::AcknowledgeMessagesResponse* response) override;

 private:
  CallFrame* const frame_;
  MessageFeed* const feed_;
  Outbox* const outbox_;
};

}  // namespace naru

#endif  // NARU_BROKER_MESSAGE_FEED_H_
