#ifndef NARU_ADAPTERS_NOTIFY_NOTIFIER_H_
#define NARU_ADAPTERS_NOTIFY_NOTIFIER_H_

#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "adapters/notify/backoff.h"
#include "adapters/notify/cursor_file.h"
#include "adapters/notify/dead_letters.h"
#include "adapters/notify/feed_reader.h"
#include "adapters/notify/message_gateway.h"
#include "adapters/notify/notify_metrics.h"
#include "broker/base/clock.h"
#include "naru/v1/message_service.grpc.pb.h"

namespace naru {

// What the notifier works with; everything outlives it.
struct NotifierParts {
  v1::MessageService::Stub* broker = nullptr;
  MessageGateway* gateway = nullptr;
  DeadLetters* dead_letters = nullptr;
  CursorFile* cursor = nullptr;
  Backoff* backoff = nullptr;
  NotifyMetrics* metrics = nullptr;
  const Clock* clock = nullptr;
};

// Carries messages from the broker's feed to the gateway, at least once each: first the gateway has
// a message durably, then the broker is told, then the cursor moves. Whatever goes wrong, and a
// crash at any point, ends in the same way: the feed is followed again from the cursor, and what
// was handed over before is handed over again under the same name. Run and Drain on one thread,
// Stop on any.
class Notifier {
 public:
  explicit Notifier(const NotifierParts& parts) : parts_(parts) {}

  // Follows the feed until Stop, through all failures.
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Hands over what is there. OK once nothing came for `quiet`; the first failure otherwise.
  absl::Status Drain(absl::Duration quiet) ABSL_LOCKS_EXCLUDED(mu_);
  // Run returns when what it has in hand is handed over.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // Follows the feed from the cursor until it fails; OK when nothing came for `quiet`, when the
  // feed must be followed again, or after Stop.
  absl::Status Follow(absl::Duration quiet) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status CarryFrom(FeedReader& feed, bool from_beginning, absl::Duration quiet);
  // Hands over, acknowledges and moves the cursor: in this order.
  absl::Status Carry(const std::vector<v1::Message>& messages);
  absl::Status HandOver(const v1::Message& message);
  absl::Status Acknowledge(const std::vector<uint64_t>& cursors);
  bool Register(FeedReader* feed) ABSL_LOCKS_EXCLUDED(mu_);
  // True when stopped.
  bool Wait(absl::Duration time) ABSL_LOCKS_EXCLUDED(mu_);

  const NotifierParts parts_;
  bool look_back_ = false;  // The next call begins at the beginning.
  absl::Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  FeedReader* feed_ ABSL_GUARDED_BY(mu_) = nullptr;  // The call under way.
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_NOTIFIER_H_
