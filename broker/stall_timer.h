#ifndef NARU_BROKER_STALL_TIMER_H_
#define NARU_BROKER_STALL_TIMER_H_

#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"

namespace naru {

// Notices that what is waited for does not come. Start and Stop are cheap enough for every chunk of
// a body: a timer is set once for many waits, and finds out when it is due which of them runs. Not
// thread-safe: belongs to an object on a strand.
class StallTimer {
 public:
  // Runs work on the owner's strand, or not at all when the owner is gone.
  using Post = std::function<void(std::function<void()>)>;

  // `stalled` runs on the strand once a wait has lasted `limit`, and stops it. `clock` and `timer`
  // must outlive this object.
  StallTimer(Clock* clock, Timer* timer, absl::Duration limit, Post post,
             std::function<void()> stalled);
  // Stops the timer too.
  ~StallTimer();

  StallTimer(const StallTimer&) = delete;
  StallTimer& operator=(const StallTimer&) = delete;

  // A wait begins; nothing when one is on.
  void Start();
  // It ended.
  void Stop() { since_.reset(); }
  // No wait will begin any more.
  void Disarm();
  bool waiting() const { return since_.has_value(); }

 private:
  void Arm(absl::Duration delay);
  void Due();

  Clock* const clock_;
  Timer* const timer_;
  const absl::Duration limit_;
  const Post post_;
  const std::function<void()> stalled_;
  std::optional<absl::Duration> since_;
  std::optional<Timer::Token> token_;
};

}  // namespace naru

#endif  // NARU_BROKER_STALL_TIMER_H_
