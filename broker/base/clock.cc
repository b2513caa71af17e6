#include "broker/base/clock.h"

#include <ctime>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "glog/logging.h"

namespace naru {
namespace {

// Rounds towards the past, also before 1970.
absl::Time ToMicrosecond(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

class RealClock : public Clock {
 public:
  absl::Time Now() const override { return ToMicrosecond(absl::Now()); }

  absl::Duration Monotonic() const override {
    timespec now;
    CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return absl::DurationFromTimespec(now);
  }
};

}  // namespace

Clock* Clock::Real() {
  static Clock* const clock = new RealClock;
  return clock;
}

SimulatedClock::SimulatedClock()
    : SimulatedClock(absl::FromCivil(absl::CivilSecond(2026, 11, 22, 14, 3, 0),
                                     absl::FixedTimeZone(9 * 60 * 60))) {}

SimulatedClock::SimulatedClock(absl::Time start) : now_(start), monotonic_(absl::Seconds(1)) {}

absl::Time SimulatedClock::Now() const {
  absl::MutexLock lock(&mu_);
  return ToMicrosecond(now_);
}

absl::Duration SimulatedClock::Monotonic() const {
  absl::MutexLock lock(&mu_);
  return monotonic_;
}

void SimulatedClock::Advance(absl::Duration by) {
  CHECK(by >= absl::ZeroDuration());
  absl::MutexLock lock(&mu_);
  now_ += by;
  monotonic_ += by;
}

void SimulatedClock::SetNow(absl::Time now) {
  absl::MutexLock lock(&mu_);
  now_ = now;
}

}  // namespace naru
