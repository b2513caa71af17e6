#ifndef NARU_ADAPTERS_NOTIFY_FEED_READER_H_
#define NARU_ADAPTERS_NOTIFY_FEED_READER_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "naru/v1/message_service.grpc.pb.h"

namespace naru {

// One call of FollowMessages. Holds at most limits::kMessagesAhead messages and reads on only when
// they were taken. Cancel may be called by any thread, Take by one.
class FeedReader final : private grpc::ClientReadReactor<v1::FollowMessagesResponse> {
 public:
  // What came.
  struct Events {
    std::vector<v1::Message> messages;
    bool heartbeat = false;  // Behind the messages: nothing came for a while.
    bool ended = false;      // Nothing will come any more; see status().
  };

  // Begins the call; `stub` must outlive this object.
  FeedReader(v1::MessageService::Stub* stub, uint64_t cursor);
  // Cancels the call and waits until gRPC is done with it.
  ~FeedReader() override;

  // Blocks until something came or `wait` is over; then all fields are empty.
  Events Take(absl::Duration wait) ABSL_LOCKS_EXCLUDED(mu_);
  // Ends the call soon.
  void Cancel() { context_.TryCancel(); }
  // How the call ended; OK before.
  absl::Status status() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone(const grpc::Status& status) override ABSL_LOCKS_EXCLUDED(mu_);

  bool SomethingCame() const ABSL_SHARED_LOCKS_REQUIRED(mu_);

  grpc::ClientContext context_;
  v1::FollowMessagesRequest request_;
  v1::FollowMessagesResponse incoming_;  // Of the read under way.

  mutable absl::Mutex mu_;
  std::vector<v1::Message> messages_ ABSL_GUARDED_BY(mu_);
  bool heartbeat_ ABSL_GUARDED_BY(mu_) = false;
  bool reading_ ABSL_GUARDED_BY(mu_) = true;   // A read is under way.
  bool closing_ ABSL_GUARDED_BY(mu_) = false;  // No read begins any more.
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_FEED_READER_H_
