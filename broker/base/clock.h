#ifndef NARU_BROKER_BASE_CLOCK_H_
#define NARU_BROKER_BASE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace naru {

// Where every part of Naru gets the time from. Nothing outside broker/base asks the system, so that
// a test decides what time it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall-clock time, truncated to microseconds: what is entered in the ledger and compared with
  // ends of validity.
  virtual absl::Time Now() const = 0;

  // Monotonic time since an arbitrary point: for time-outs and measured durations, never stored.
  virtual absl::Duration Monotonic() const = 0;

  // The system's clock; lives for ever.
  static Clock* Real();
};

// A clock that moves only when told. Starts at 2026-11-22T14:03:00+09:00. Thread-safe.
class SimulatedClock : public Clock {
 public:
  SimulatedClock();
  explicit SimulatedClock(absl::Time start);

  absl::Time Now() const override;
  absl::Duration Monotonic() const override;

  // Moves both times on. `by` is not negative.
  void Advance(absl::Duration by);
  // Sets wall-clock time alone, also backwards, as an operator or a bad time server would.
  void SetNow(absl::Time now);

 private:
  mutable absl::Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
  absl::Duration monotonic_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_CLOCK_H_
