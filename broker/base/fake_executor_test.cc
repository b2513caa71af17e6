#include "broker/base/fake_executor.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/base/strand.h"

namespace naru {
namespace {

TEST(ManualExecutorTest, RunsOnlyWhenTold) {
  ManualExecutor executor;
  std::string log;
  executor.Run([&] { log += "a"; });
  executor.Run([&] {
    log += "b";
    executor.Run([&] { log += "d"; });
  });
  executor.Run([&] { log += "c"; });
  EXPECT_EQ(log, "");
  EXPECT_EQ(executor.size(), 3u);
  EXPECT_TRUE(executor.RunOne());
  EXPECT_EQ(log, "a");
  EXPECT_EQ(executor.RunAll(), 3u);
  EXPECT_EQ(log, "abcd");
  EXPECT_FALSE(executor.RunOne());
}

TEST(ManualExecutorTest, RunsTheOneChosen) {
  ManualExecutor executor;
  std::string log;
  for (const char* name : {"a", "b", "c"}) executor.Run([&log, name] { log += name; });
  EXPECT_FALSE(executor.RunOne(3));
  EXPECT_TRUE(executor.RunOne(1));
  EXPECT_TRUE(executor.RunOne(1));
  EXPECT_TRUE(executor.RunOne(0));
  EXPECT_EQ(log, "bca");
}

class SimulatedTimerTest : public testing::Test {
 protected:
  // Logs `name` and the seconds passed since the start.
  std::function<void()> Log(const std::string& name) {
    return [this, name] {
      absl::StrAppend(&log_, name, "@", absl::ToInt64Seconds(clock_.Monotonic() - start_), " ");
    };
  }

  SimulatedClock clock_;
  const absl::Duration start_ = clock_.Monotonic();
  const absl::Time wall_start_ = clock_.Now();
  std::string log_;
};

TEST_F(SimulatedTimerTest, RunsWhatIsDueInOrderAtItsTime) {
  SimulatedTimer timer(&clock_);
  timer.After(absl::Seconds(3), Log("c"));
  timer.After(absl::Seconds(1), Log("a"));
  timer.After(absl::Seconds(3), Log("d"));
  timer.After(absl::Seconds(2), Log("b"));
  timer.After(absl::Seconds(9), Log("late"));
  EXPECT_EQ(log_, "");
  timer.Advance(absl::Seconds(5));
  EXPECT_EQ(log_, "a@1 b@2 c@3 d@3 ");
  EXPECT_EQ(clock_.Monotonic() - start_, absl::Seconds(5));
  EXPECT_EQ(timer.pending(), 1u);
  EXPECT_EQ(timer.NextDue(), absl::Seconds(4));
}

TEST_F(SimulatedTimerTest, RunsExactlyAtTheDelayAndNotBefore) {
  SimulatedTimer timer(&clock_);
  timer.After(absl::Seconds(10), Log("x"));
  timer.Advance(absl::Seconds(10) - absl::Nanoseconds(1));
  EXPECT_EQ(log_, "");
  timer.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(log_, "x@10 ");
}

TEST_F(SimulatedTimerTest, RunsWhatClosuresSetMeanwhile) {
  SimulatedTimer timer(&clock_);
  std::function<void()> heartbeat = [&] {
    Log("beat")();
    timer.After(absl::Seconds(15), heartbeat);
  };
  timer.After(absl::Seconds(15), heartbeat);
  timer.Advance(absl::Seconds(50));
  EXPECT_EQ(log_, "beat@15 beat@30 beat@45 ");
}

TEST_F(SimulatedTimerTest, CancelStopsAClosure) {
  SimulatedTimer timer(&clock_);
  const Timer::Token a = timer.After(absl::Seconds(1), Log("a"));
  const Timer::Token b = timer.After(absl::Seconds(2), Log("b"));
  EXPECT_TRUE(timer.Cancel(b));
  EXPECT_FALSE(timer.Cancel(b));
  timer.Advance(absl::Seconds(5));
  EXPECT_EQ(log_, "a@1 ");
  EXPECT_FALSE(timer.Cancel(a));
}

TEST_F(SimulatedTimerTest, ManualExecutorRunsAtEveryStop) {
  ManualExecutor executor;
  SimulatedTimer timer(&clock_, &executor);
  const std::shared_ptr<Strand> strand = MakeStrand(&executor);
  // Each step goes through the strand, as that of an event-driven object would.
  timer.After(absl::Seconds(1), [&] {
    strand->Run([&] {
      Log("first")();
      timer.After(absl::Seconds(1), Log("second"));
    });
  });
  timer.Advance(absl::Seconds(10));
  EXPECT_EQ(log_, "first@1 second@2 ");
}

TEST_F(SimulatedTimerTest, WorkThatWaitsRunsBeforeTheClockMoves) {
  ManualExecutor executor;
  SimulatedTimer timer(&clock_, &executor);
  executor.Run(Log("now"));
  timer.Advance(absl::Seconds(1));
  EXPECT_EQ(log_, "now@0 ");
}

TEST_F(SimulatedTimerTest, CatchesUpWithAClockThatWasMovedElsewhere) {
  SimulatedTimer timer(&clock_);
  timer.After(absl::Seconds(1), Log("x"));
  clock_.Advance(absl::Seconds(7));
  EXPECT_EQ(timer.NextDue(), absl::ZeroDuration());
  timer.Advance(absl::ZeroDuration());
  EXPECT_EQ(log_, "x@7 ");
}

TEST_F(SimulatedTimerTest, IgnoresChangesOfTheWallClock) {
  SimulatedTimer timer(&clock_);
  timer.After(absl::Seconds(10), Log("x"));
  clock_.SetNow(clock_.Now() + absl::Hours(5));
  timer.Advance(absl::Seconds(9));
  EXPECT_EQ(log_, "");
  timer.Advance(absl::Seconds(1));
  EXPECT_EQ(log_, "x@10 ");
}

TEST_F(SimulatedTimerTest, AdvanceToAndToNext) {
  SimulatedTimer timer(&clock_);
  timer.After(absl::Seconds(4), Log("x"));
  timer.After(absl::InfiniteDuration(), Log("never"));
  timer.AdvanceTo(wall_start_ + absl::Seconds(3));
  EXPECT_EQ(log_, "");
  EXPECT_TRUE(timer.AdvanceToNext());
  EXPECT_EQ(log_, "x@4 ");
  EXPECT_FALSE(timer.AdvanceToNext());
  EXPECT_EQ(timer.NextDue(), std::nullopt);
}

}  // namespace
}  // namespace naru
