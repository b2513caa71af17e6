#include "broker/base/thread_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"

namespace naru {
namespace {

TEST(ThreadPoolTest, RunsEachClosureOnce) {
  std::atomic<int> ran{0};
  {
    ThreadPool pool("test", 3);
    for (int i = 0; i < 1000; ++i) pool.Run([&] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

TEST(ThreadPoolTest, UsesAllItsThreadsAtOnce) {
  ThreadPool pool("test", 3);
  auto* const all_here = new absl::Barrier(4);
  for (int i = 0; i < 3; ++i) {
    pool.Run([=] {
      if (all_here->Block()) delete all_here;
    });
  }
  if (all_here->Block()) delete all_here;
}

TEST(ThreadPoolTest, OneThreadKeepsTheOrder) {
  std::string log;
  {
    ThreadPool pool("test", 1);
    for (char c = 'a'; c <= 'z'; ++c) pool.Run([&log, c] { log += c; });
  }
  EXPECT_EQ(log, "abcdefghijklmnopqrstuvwxyz");
}

TEST(ThreadPoolTest, EndsOnlyAfterWhatClosuresGiveInTurn) {
  int ran = 0;
  std::function<void(int)> chain;
  {
    ThreadPool pool("test", 2);
    chain = [&](int left) {
      ++ran;
      if (left > 0) pool.Run([&chain, left] { chain(left - 1); });
    };
    pool.Run([&chain] { chain(9'999); });
    // Destroyed while the chain runs.
  }
  EXPECT_EQ(ran, 10'000);
}

TEST(ThreadPoolTest, QueuedCountsWhatWaitsForAThread) {
  ThreadPool pool("test", 1);
  absl::Notification started;
  absl::Notification go_on;
  pool.Run([&] {
    started.Notify();
    go_on.WaitForNotification();
  });
  started.WaitForNotification();
  EXPECT_EQ(pool.queued(), 0u);
  pool.Run([] {});
  pool.Run([] {});
  EXPECT_EQ(pool.queued(), 2u);
  go_on.Notify();
}

TEST(ThreadPoolTest, WaitIdleSeesTheEndOfWhatClosuresGiveInTurn) {
  ThreadPool pool("test", 2);
  std::atomic<int> ran{0};
  std::function<void(int)> chain = [&](int left) {
    ++ran;
    if (left > 0) pool.Run([&chain, left] { chain(left - 1); });
  };
  pool.Run([&chain] { chain(999); });
  EXPECT_TRUE(pool.WaitIdle(absl::InfiniteDuration()).ok());
  EXPECT_EQ(ran, 1000);
}

TEST(ThreadPoolTest, WaitIdleIsBoundedAndSaysWhatIsLeft) {
  ThreadPool pool("slow", 1);
  absl::Notification started;
  absl::Notification go_on;
  pool.Run([&] {
    started.Notify();
    go_on.WaitForNotification();
  });
  started.WaitForNotification();
  pool.Run([] {});
  pool.Run([] {});
  const absl::Status status = pool.WaitIdle(absl::Milliseconds(1));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "slow: 2 waiting, 1 running");
  go_on.Notify();
  EXPECT_TRUE(pool.WaitIdle(absl::InfiniteDuration()).ok());
}

TEST(ThreadPoolTest, ThreadsAreNamed) {
  std::string name;
  {
    ThreadPool pool("a-name-longer-than-fifteen", 1);
    pool.Run([&name] {
      char buffer[32];
      pthread_getname_np(pthread_self(), buffer, sizeof(buffer));
      name = buffer;
    });
  }
  EXPECT_EQ(name, "a-name-longer-t");
}

}  // namespace
}  // namespace naru
