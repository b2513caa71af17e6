#include "broker/stall_timer.h"

#include <gtest/gtest.h>

#include "broker/base/fake_executor.h"

namespace naru {
namespace {

class StallTimerTest : public testing::Test {
 protected:
  SimulatedClock clock_;
  SimulatedTimer timer_{&clock_};
  int stalled_ = 0;
  StallTimer stall_{&clock_, &timer_, absl::Seconds(10),
                    [](const std::function<void()>& work) { work(); }, [this] { ++stalled_; }};
};

TEST_F(StallTimerTest, WaitThatLastsTheLimitStalls) {
  stall_.Start();
  timer_.Advance(absl::Seconds(10) - absl::Nanoseconds(1));
  EXPECT_EQ(stalled_, 0);
  timer_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(stalled_, 1);
  EXPECT_FALSE(stall_.waiting());
  timer_.Advance(absl::Hours(1));
  EXPECT_EQ(stalled_, 1);
}

TEST_F(StallTimerTest, ManyWaitsSetOneTimer) {
  for (int i = 0; i < 1000; ++i) {
    stall_.Start();
    stall_.Stop();
  }
  EXPECT_EQ(timer_.pending(), 1u);
}

TEST_F(StallTimerTest, LaterWaitHasItsWholeLimit) {
  stall_.Start();
  timer_.Advance(absl::Seconds(9));
  stall_.Stop();
  stall_.Start();
  timer_.Advance(absl::Seconds(9));
  EXPECT_EQ(stalled_, 0);
  timer_.Advance(absl::Seconds(1));
  EXPECT_EQ(stalled_, 1);
}

TEST_F(StallTimerTest, StartDoesNotProlongAWait) {
  stall_.Start();
  timer_.Advance(absl::Seconds(9));
  stall_.Start();
  timer_.Advance(absl::Seconds(1));
  EXPECT_EQ(stalled_, 1);
}

TEST_F(StallTimerTest, DisarmLeavesNoTimer) {
  stall_.Start();
  stall_.Disarm();
  EXPECT_EQ(timer_.pending(), 0u);
  timer_.Advance(absl::Hours(1));
  EXPECT_EQ(stalled_, 0);
}

}  // namespace
}  // namespace naru
