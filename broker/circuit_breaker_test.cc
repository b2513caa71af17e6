#include "broker/circuit_breaker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace naru {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CircuitBreakerTest : public testing::Test {
 protected:
  void Open() {
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(breaker_.TryCall());
      breaker_.NotReached();
    }
  }

  SimulatedClock clock_;
  std::vector<bool> changes_;
  CircuitBreaker breaker_{&clock_, 3, absl::Seconds(5),
                          [this](bool open) { changes_.push_back(open); }};
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  Open();
  EXPECT_TRUE(breaker_.open());
  EXPECT_FALSE(breaker_.TryCall());
  EXPECT_THAT(changes_, ElementsAre(true));
}

TEST_F(CircuitBreakerTest, SuccessBetweenFailuresKeepsItClosed) {
  for (int i = 0; i < 10; ++i) {
    breaker_.NotReached();
    breaker_.NotReached();
    breaker_.Reached();
  }
  EXPECT_TRUE(breaker_.TryCall());
  EXPECT_THAT(changes_, IsEmpty());
}

TEST_F(CircuitBreakerTest, OneCallTriesAfterTheTime) {
  Open();
  clock_.Advance(absl::Seconds(5) - absl::Nanoseconds(1));
  EXPECT_FALSE(breaker_.TryCall());
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_TRUE(breaker_.TryCall());
  EXPECT_FALSE(breaker_.TryCall());
  breaker_.Reached();
  EXPECT_TRUE(breaker_.TryCall());
  EXPECT_TRUE(breaker_.TryCall());
  EXPECT_THAT(changes_, ElementsAre(true, false));
}

TEST_F(CircuitBreakerTest, TryThatFailsWaitsAgain) {
  Open();
  clock_.Advance(absl::Seconds(5));
  ASSERT_TRUE(breaker_.TryCall());
  clock_.Advance(absl::Seconds(3));
  breaker_.NotReached();
  clock_.Advance(absl::Seconds(4));
  EXPECT_FALSE(breaker_.TryCall());
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(breaker_.TryCall());
  EXPECT_THAT(changes_, ElementsAre(true));
}

TEST_F(CircuitBreakerTest, TryThatShowsNothingLetsAnotherTryLater) {
  Open();
  clock_.Advance(absl::Seconds(5));
  ASSERT_TRUE(breaker_.TryCall());
  clock_.Advance(absl::Seconds(4));
  EXPECT_FALSE(breaker_.TryCall());
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(breaker_.TryCall());
  EXPECT_TRUE(breaker_.open());
}

TEST_F(CircuitBreakerTest, CallMadeBeforeItOpenedMayCloseIt) {
  ASSERT_TRUE(breaker_.TryCall());
  Open();
  breaker_.Reached();
  EXPECT_FALSE(breaker_.open());
}

}  // namespace
}  // namespace naru
