#include "broker/base/clock.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace naru {
namespace {

TEST(ClockTest, RealTimeIsTheSystemsInWholeMicroseconds) {
  const absl::Time before = absl::Now();
  const absl::Time now = Clock::Real()->Now();
  EXPECT_GE(now, before - absl::Microseconds(1));
  EXPECT_LE(now, absl::Now());
  EXPECT_EQ(absl::FromUnixMicros(absl::ToUnixMicros(now)), now);
}

TEST(ClockTest, RealMonotonicTimeNeverGoesBack) {
  absl::Duration last = Clock::Real()->Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = Clock::Real()->Monotonic();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SimulatedClockTest, StartsAtTheDocumentedTime) {
  const SimulatedClock clock;
  EXPECT_EQ(absl::FormatTime(clock.Now(), absl::FixedTimeZone(9 * 3600)),
            "2026-11-22T14:03:00+09:00");
}

TEST(SimulatedClockTest, AdvanceMovesBothTimes) {
  SimulatedClock clock;
  const absl::Time now = clock.Now();
  const absl::Duration monotonic = clock.Monotonic();
  clock.Advance(absl::Minutes(10));
  EXPECT_EQ(clock.Now(), now + absl::Minutes(10));
  EXPECT_EQ(clock.Monotonic(), monotonic + absl::Minutes(10));
}

TEST(SimulatedClockTest, SetNowMovesWallTimeAlone) {
  SimulatedClock clock;
  const absl::Duration monotonic = clock.Monotonic();
  const absl::Time past = clock.Now() - absl::Hours(1);
  clock.SetNow(past);
  EXPECT_EQ(clock.Now(), past);
  EXPECT_EQ(clock.Monotonic(), monotonic);
}

TEST(SimulatedClockTest, NowIsTruncatedToMicrosecondsButNothingIsLost) {
  SimulatedClock clock(absl::UnixEpoch());
  clock.Advance(absl::Nanoseconds(600));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  clock.Advance(absl::Nanoseconds(600));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch() + absl::Microseconds(1));
}

TEST(SimulatedClockDeathTest, DoesNotAdvanceBackwards) {
  SimulatedClock clock;
  EXPECT_DEATH(clock.Advance(-absl::Seconds(1)), "by >= ");
}

}  // namespace
}  // namespace naru
