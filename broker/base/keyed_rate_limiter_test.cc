#include "broker/base/keyed_rate_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace naru {
namespace {

constexpr absl::Duration kTaken = absl::ZeroDuration();

TEST(KeyedRateLimiterTest, P10_GreedyKeySlowsItselfOnly) {
  SimulatedClock clock;
  KeyedRateLimiter limiter(&clock, {1, 2}, 10);
  EXPECT_EQ(limiter.TryTake("greedy"), kTaken);
  EXPECT_EQ(limiter.TryTake("greedy"), kTaken);
  EXPECT_EQ(limiter.TryTake("greedy"), absl::Seconds(1));
  EXPECT_EQ(limiter.TryTake("modest"), kTaken);
  EXPECT_EQ(limiter.TryTake("greedy"), absl::Seconds(1));
}

TEST(KeyedRateLimiterTest, P10_RemembersABoundedNumberOfKeys) {
  SimulatedClock clock;
  KeyedRateLimiter limiter(&clock, {1, 1}, 100);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(limiter.TryTake(absl::StrCat("key", i)), kTaken);
    EXPECT_LE(limiter.size(), 100u);
    clock.Advance(absl::Milliseconds(10));  // 100 keys a second, each full again after a second
  }
  EXPECT_EQ(limiter.size(), 100u);
}

TEST(KeyedRateLimiterTest, CyclingThroughKeysDoesNotWashAwayWhatOneUsed) {
  SimulatedClock clock;
  KeyedRateLimiter limiter(&clock, {1, 1}, 3);
  EXPECT_EQ(limiter.TryTake("a"), kTaken);
  clock.Advance(absl::Milliseconds(100));
  EXPECT_EQ(limiter.TryTake("b"), kTaken);
  EXPECT_EQ(limiter.TryTake("c"), kTaken);
  // No place: the oldest is full again in 900 ms.
  EXPECT_EQ(limiter.TryTake("d"), absl::Milliseconds(900));
  EXPECT_GT(limiter.TryTake("a"), kTaken);
  clock.Advance(absl::Milliseconds(900));
  EXPECT_EQ(limiter.TryTake("d"), kTaken);
  EXPECT_EQ(limiter.size(), 3u);
}

TEST(KeyedRateLimiterTest, ForgetsTheKeyUnusedForLongest) {
  SimulatedClock clock;
  KeyedRateLimiter limiter(&clock, {1, 5}, 2);
  EXPECT_EQ(limiter.TryTake("a", 5), kTaken);
  EXPECT_EQ(limiter.TryTake("b", 1), kTaken);
  clock.Advance(absl::Seconds(2));
  // "a" was used first but is not full again; "b" is, and goes.
  EXPECT_EQ(limiter.TryTake("c", 1), kTaken);
  EXPECT_EQ(limiter.TryTake("a", 5), absl::Seconds(3));
}

TEST(KeyedRateLimiterTest, KeysMayHaveLimitsOfTheirOwn) {
  SimulatedClock clock;
  KeyedRateLimiter limiter(&clock, {1, 1}, 10);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(limiter.TryTake("large", {50, 50}), kTaken);
  EXPECT_EQ(limiter.TryTake("large", {50, 50}), absl::Milliseconds(20));
  EXPECT_EQ(limiter.TryTake("small"), kTaken);
  EXPECT_EQ(limiter.TryTake("small"), absl::Seconds(1));
  // A catalogue with another limit counts from the next call on.
  EXPECT_EQ(limiter.TryTake("large", {10, 10}), absl::Milliseconds(100));
}

TEST(KeyedRateLimiterTest, ASlowKeyDoesNotHoldUpThoseBehindIt) {
  SimulatedClock clock;
  KeyedRateLimiter limiter(&clock, {1, 1}, 2);
  EXPECT_EQ(limiter.TryTake("slow", {0.001, 1}), kTaken);
  EXPECT_EQ(limiter.TryTake("quick"), kTaken);
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(limiter.TryTake("new"), kTaken);
  EXPECT_GT(limiter.TryTake("slow", {0.001, 1}), absl::Seconds(900));
}

TEST(KeyedRateLimiterTest, KeysAreBytes) {
  SimulatedClock clock;
  KeyedRateLimiter limiter(&clock, {1, 1}, 10);
  EXPECT_EQ(limiter.TryTake(std::string("a\0b", 3)), kTaken);
  EXPECT_EQ(limiter.TryTake(std::string("a\0c", 3)), kTaken);
  EXPECT_EQ(limiter.TryTake(""), kTaken);
  EXPECT_EQ(limiter.size(), 3u);
}

TEST(KeyedRateLimiterTest, ConcurrentCallersShareEachKeysTokens) {
  SimulatedClock clock;
  KeyedRateLimiter limiter(&clock, {1, 50}, 8);
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        taken += limiter.TryTake(absl::StrCat(i % 8)) == kTaken ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 8 * 50);
}

}  // namespace
}  // namespace naru
