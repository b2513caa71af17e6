#ifndef NARU_BROKER_CIRCUIT_BREAKER_H_
#define NARU_BROKER_CIRCUIT_BREAKER_H_

#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"

namespace naru {

// Stops calls to somebody who cannot be reached, so that callers learn it at once: closed until
// `failures` calls in a row did not reach him, then open for `open_for`, then one call tries, and
// its end closes or opens it again. Thread-safe.
class CircuitBreaker {
 public:
  // `changed` (may be empty) is told when it opens (true) and closes (false); it must not call the
  // breaker. `clock` must outlive this object.
  CircuitBreaker(Clock* clock, int failures, absl::Duration open_for,
                 std::function<void(bool open)> changed)
      : clock_(clock), failures_(failures), open_for_(open_for), changed_(std::move(changed)) {}

  // Whether a call may be made. It then says how it went, unless it ended before it showed.
  bool TryCall() ABSL_LOCKS_EXCLUDED(mu_);
  void Reached() ABSL_LOCKS_EXCLUDED(mu_);
  void NotReached() ABSL_LOCKS_EXCLUDED(mu_);

  bool open() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Clock* const clock_;
  const int failures_;
  const absl::Duration open_for_;
  const std::function<void(bool)> changed_;
  mutable absl::Mutex mu_;
  int failed_ ABSL_GUARDED_BY(mu_) = 0;  // In a row.
  bool open_ ABSL_GUARDED_BY(mu_) = false;
  absl::Duration try_at_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_CIRCUIT_BREAKER_H_
