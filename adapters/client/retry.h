#ifndef NARU_ADAPTERS_CLIENT_RETRY_H_
#define NARU_ADAPTERS_CLIENT_RETRY_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/base/random.h"

namespace naru::client {

// Tries a call again that was UNAVAILABLE, a bounded number of times, later each time and by
// chance, so that many callers do not come back at once. Only for what may be repeated: reading,
// and changes under one request_id (P7). Thread-safe.
class Retry {
 public:
  // All must outlive this object.
  Retry(const Clock* clock, Timer* timer, Random* random)
      : clock_(clock), timer_(timer), random_(random) {}

  static constexpr int kAttempts = 4;
  static constexpr absl::Duration kFirstWait = absl::Milliseconds(200);
  static constexpr absl::Duration kLongestWait = absl::Seconds(5);

  // Calls `attempt` with the time it has left until one try does not end in UNAVAILABLE, the tries
  // are used up or `within` would pass. The status of the last try.
  absl::Status Run(absl::Duration within,
                   const std::function<absl::Status(absl::Duration left)>& attempt) const;

 private:
  absl::Duration WaitBefore(int attempt, const absl::Status& error) const;
  void Wait(absl::Duration delay) const;

  const Clock* const clock_;
  Timer* const timer_;
  Random* const random_;
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_RETRY_H_
