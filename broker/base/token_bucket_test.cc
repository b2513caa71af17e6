#include "broker/base/token_bucket.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace naru {
namespace {

constexpr absl::Duration kTaken = absl::ZeroDuration();

TEST(TokenBucketTest, P10_AllowsTheBurstThenTheRate) {
  SimulatedClock clock;
  TokenBucket bucket(&clock, {10, 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.TryTake(), kTaken);
  EXPECT_EQ(bucket.TryTake(), absl::Milliseconds(100));
  clock.Advance(absl::Milliseconds(40));
  EXPECT_EQ(absl::Trunc(bucket.TryTake() + absl::Microseconds(1), absl::Milliseconds(1)),
            absl::Milliseconds(60));
  clock.Advance(absl::Milliseconds(60));
  EXPECT_EQ(bucket.TryTake(), kTaken);
  EXPECT_GT(bucket.TryTake(), kTaken);
}

TEST(TokenBucketTest, WaitingAsLongAsToldIsEnough) {
  SimulatedClock clock;
  for (const double rate : {0.001, 0.3, 1.0, 7.0, 33.3, 2000.0}) {
    TokenBucket bucket(&clock, {rate, 5});
    for (int i = 0; i < 200; ++i) {
      const absl::Duration wait = bucket.TryTake(1 + i % 4);
      if (wait == kTaken) continue;
      clock.Advance(wait);
      ASSERT_EQ(bucket.TryTake(1 + i % 4), kTaken) << rate << " " << i;
    }
  }
}

TEST(TokenBucketTest, OverTimeNoMoreThanRateAndBurst) {
  SimulatedClock clock;
  TokenBucket bucket(&clock, {100, 10});
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {  // 10 s in steps of 1 ms
    while (bucket.TryTake() == kTaken) ++taken;
    clock.Advance(absl::Milliseconds(1));
  }
  EXPECT_GE(taken, 1000);
  EXPECT_LE(taken, 1010);
}

TEST(TokenBucketTest, KeepsNoMoreThanTheBurst) {
  SimulatedClock clock;
  TokenBucket bucket(&clock, {10, 2});
  clock.Advance(absl::Hours(1));
  EXPECT_EQ(bucket.TryTake(2), kTaken);
  EXPECT_GT(bucket.TryTake(1), kTaken);
}

TEST(TokenBucketTest, TakesAllOrNothing) {
  SimulatedClock clock;
  TokenBucket bucket(&clock, {1, 5});
  EXPECT_EQ(bucket.TryTake(3), kTaken);
  EXPECT_EQ(bucket.TryTake(3), absl::Seconds(1));
  EXPECT_EQ(bucket.TryTake(2), kTaken);
}

TEST(TokenBucketTest, MoreThanTheBurstIsNeverThere) {
  SimulatedClock clock;
  TokenBucket bucket(&clock, {1, 5});
  EXPECT_EQ(bucket.TryTake(5.5), absl::InfiniteDuration());
  EXPECT_EQ(bucket.TryTake(5), kTaken);
}

TEST(TokenBucketTest, WallClockChangesGiveNothing) {
  SimulatedClock clock;
  TokenBucket bucket(&clock, {1, 1});
  EXPECT_EQ(bucket.TryTake(), kTaken);
  clock.SetNow(clock.Now() + absl::Hours(10));
  EXPECT_GT(bucket.TryTake(), kTaken);
}

TEST(TokenBucketTest, NewLimitCountsFromNowOn) {
  SimulatedClock clock;
  TokenBucket bucket(&clock, {1, 10});
  bucket.SetLimit({2, 4});
  EXPECT_EQ(bucket.TryTake(4), kTaken);
  EXPECT_EQ(bucket.TryTake(1), absl::Milliseconds(500));
  EXPECT_EQ(bucket.UntilFull(), absl::Seconds(2));
  bucket.SetLimit({1, 10});
  EXPECT_EQ(bucket.TryTake(1), absl::Seconds(1));
}

TEST(TokenBucketTest, ConcurrentCallersShareTheTokens) {
  SimulatedClock clock;
  TokenBucket bucket(&clock, {1, 1000});
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) taken += bucket.TryTake() == kTaken ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1000);
}

TEST(TokenBucketDeathTest, LimitsMustLetSomethingThrough) {
  SimulatedClock clock;
  EXPECT_DEATH(TokenBucket(&clock, {0, 1}), "per_second");
  EXPECT_DEATH(TokenBucket(&clock, {1, 0.5}), "burst");
}

}  // namespace
}  // namespace naru
