#ifndef NARU_BROKER_WATCH_H_
#define NARU_BROKER_WATCH_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/metrics.h"
#include "consent/caller.h"
#include "consent/consent_book.h"
#include "consent/consent_events.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {

// Open watches of consents: the present state first, then every change, a heartbeat when nothing
// happened for limits::kHeartbeat. A reader that is slow gets the newest state when it is ready,
// not every one between: no queue. No watch holds a thread. Thread-safe.
class ConsentWatches {
 public:
  struct Options {
    Clock* clock = nullptr;
    Timer* timer = nullptr;
    Executor* executor = nullptr;
    ConsentBook* book = nullptr;
    ConsentEvents* events = nullptr;
    Metrics* metrics = nullptr;
    int max_watches = 0;
  };
  // All must outlive the watches.
  explicit ConsentWatches(Options options) : options_(options) {}

  // The reactor of one call; finished at once when `caller` is a status or there are too many
  // watches.
  grpc::ServerWriteReactor<v1::WatchConsentResponse>* Watch(absl::StatusOr<Caller> caller,
                                                            const std::string& consent_id);

 private:
  class OneWatch;

  const Options options_;
  std::atomic<int> open_{0};
};

}  // namespace naru

#endif  // NARU_BROKER_WATCH_H_
