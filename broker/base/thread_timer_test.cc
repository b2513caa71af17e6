#include "broker/base/thread_timer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "broker/base/clock.h"
#include "broker/base/fake_executor.h"
#include "broker/base/thread_pool.h"

namespace naru {
namespace {

TEST(ThreadTimerTest, RunsNotBeforeTheDelayHasPassed) {
  InlineExecutor executor;
  ThreadTimer timer(&executor);
  for (const absl::Duration delay : {absl::Microseconds(300), absl::Milliseconds(20)}) {
    absl::Notification ran;
    const absl::Duration start = Clock::Real()->Monotonic();
    timer.After(delay, [&] { ran.Notify(); });
    ran.WaitForNotification();
    EXPECT_GE(Clock::Real()->Monotonic() - start, delay);
  }
}

TEST(ThreadTimerTest, RunsTheEarliestFirstWhateverTheOrderOfCalls) {
  InlineExecutor executor;
  std::string log;
  absl::Notification last;
  ThreadTimer timer(&executor);
  timer.After(absl::Milliseconds(60), [&] {
    log += "c";
    last.Notify();
  });
  timer.After(absl::Milliseconds(40), [&] { log += "b"; });
  timer.After(absl::Milliseconds(20), [&] { log += "a"; });
  last.WaitForNotification();
  EXPECT_EQ(log, "abc");
}

TEST(ThreadTimerTest, RunsAtOnceWithoutDelay) {
  InlineExecutor executor;
  ThreadTimer timer(&executor);
  timer.After(absl::Hours(1), [] { FAIL(); });
  for (const absl::Duration delay : {absl::ZeroDuration(), -absl::Seconds(1)}) {
    absl::Notification ran;
    timer.After(delay, [&] { ran.Notify(); });
    ran.WaitForNotification();
  }
  EXPECT_EQ(timer.pending(), 1u);
}

TEST(ThreadTimerTest, RunsOnTheExecutor) {
  ThreadPool pool("timer-test", 1);
  ThreadTimer timer(&pool);
  absl::Notification known;
  std::thread::id pool_thread;
  pool.Run([&] {
    pool_thread = std::this_thread::get_id();
    known.Notify();
  });
  known.WaitForNotification();
  absl::Notification ran;
  timer.After(absl::Milliseconds(1), [&] {
    EXPECT_EQ(std::this_thread::get_id(), pool_thread);
    ran.Notify();
  });
  ran.WaitForNotification();
}

TEST(ThreadTimerTest, CancelledClosureIsDestroyedAndDoesNotRun) {
  InlineExecutor executor;
  ThreadTimer timer(&executor);
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watch = held;
  const Timer::Token token = timer.After(absl::Hours(1), [held = std::move(held)] { FAIL(); });
  EXPECT_EQ(timer.pending(), 1u);
  EXPECT_TRUE(timer.Cancel(token));
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(timer.pending(), 0u);
  EXPECT_FALSE(timer.Cancel(token));
}

TEST(ThreadTimerTest, CancelIsFalseForWhatRanAndForUnknownTokens) {
  InlineExecutor executor;
  ThreadTimer timer(&executor);
  absl::Notification ran;
  const Timer::Token token = timer.After(absl::ZeroDuration(), [&] { ran.Notify(); });
  ran.WaitForNotification();
  EXPECT_FALSE(timer.Cancel(token));
  EXPECT_FALSE(timer.Cancel(token + 1000));
}

TEST(ThreadTimerTest, NeverIsAllowed) {
  InlineExecutor executor;
  ThreadTimer timer(&executor);
  const Timer::Token token = timer.After(absl::InfiniteDuration(), [] { FAIL(); });
  EXPECT_TRUE(timer.Cancel(token));
  timer.After(absl::InfiniteDuration(), [] { FAIL(); });
}

TEST(ThreadTimerTest, StoppedDropsWhatItHasAndWhatItIsGiven) {
  ThreadPool pool("test", 1);
  ThreadTimer timer(&pool);
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> seen = held;
  // What is dropped may still call the timer.
  std::shared_ptr<void> leaving(nullptr, [&timer](void*) { timer.Cancel(1); });
  timer.After(absl::Hours(1), [held = std::move(held), leaving = std::move(leaving)] {});
  timer.Stop();
  EXPECT_TRUE(seen.expired());
  const Timer::Token token = timer.After(absl::ZeroDuration(), [] { FAIL() << "it ran"; });
  EXPECT_FALSE(timer.Cancel(token));
  EXPECT_EQ(timer.pending(), 0u);
  timer.Stop();
}

TEST(ThreadTimerTest, EachClosureEitherRunsOrIsCancelled) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::atomic<int> ran{0};
  std::atomic<int> cancelled{0};
  {
    ThreadPool pool("timer-test", 2);
    absl::BlockingCounter settled(kThreads * kEach);
    ThreadTimer timer(&pool);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) {
          const Timer::Token token = timer.After(absl::Microseconds(i % 50), [&] {
            ++ran;
            settled.DecrementCount();
          });
          if (i % 2 == 0 && timer.Cancel(token)) {
            ++cancelled;
            settled.DecrementCount();
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    settled.Wait();
    EXPECT_EQ(timer.pending(), 0u);
  }
  EXPECT_EQ(ran + cancelled, kThreads * kEach);
}

}  // namespace
}  // namespace naru
