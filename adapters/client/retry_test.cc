#include "adapters/client/retry.h"

#include <gtest/gtest.h>

#include <vector>

#include "broker/base/errors.h"
#include "broker/base/status_matchers.h"

namespace naru::client {
namespace {

using absl::StatusCode;

// Moves the clock on instead of waiting.
class InstantTimer : public Timer {
 public:
  explicit InstantTimer(SimulatedClock* clock) : clock_(clock) {}
  Token After(absl::Duration delay, std::function<void()> work) override {
    waits.push_back(delay);
    clock_->Advance(delay);
    work();
    return waits.size();
  }
  bool Cancel(Token) override { return false; }
  std::vector<absl::Duration> waits;

 private:
  SimulatedClock* const clock_;
};

class RetryTest : public testing::Test {
 protected:
  absl::Status Run(absl::Duration within, const std::vector<absl::Status>& answers) {
    size_t next = 0;
    const absl::Status status = retry_.Run(within, [&](absl::Duration left) {
      lefts_.push_back(left);
      return answers.at(next++);
    });
    tries_ = next;
    return status;
  }

  SimulatedClock clock_;
  FakeRandom random_;
  InstantTimer timer_{&clock_};
  Retry retry_{&clock_, &timer_, &random_};
  std::vector<absl::Duration> lefts_;
  size_t tries_ = 0;
};

TEST_F(RetryTest, TriesAgainWhatWasUnavailableAndWaitsLongerEachTime) {
  const absl::Status gone = absl::UnavailableError("gone");
  ABSL_EXPECT_OK(Run(absl::Minutes(1), {gone, gone, gone, absl::OkStatus()}));
  ASSERT_EQ(timer_.waits.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_GE(timer_.waits[i], Retry::kFirstWait * (1 << i) / 2);
    EXPECT_LE(timer_.waits[i], Retry::kFirstWait * (1 << i));
  }
  EXPECT_LT(lefts_[1], lefts_[0]);
}

TEST_F(RetryTest, GivesUpAfterItsTries) {
  const absl::Status gone = absl::UnavailableError("gone");
  EXPECT_THAT(Run(absl::Minutes(1), {gone, gone, gone, gone, gone}),
              StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(tries_, static_cast<size_t>(Retry::kAttempts));
}

TEST_F(RetryTest, NeverRepeatsWhatFailedOtherwise) {
  EXPECT_THAT(Run(absl::Minutes(1), {absl::InternalError("fault"), absl::OkStatus()}),
              StatusIs(StatusCode::kInternal));
  EXPECT_THAT(Run(absl::Minutes(1), {absl::DeadlineExceededError("late"), absl::OkStatus()}),
              StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(timer_.waits.empty());
}

TEST_F(RetryTest, WaitsAsLongAsTheAnswerSaysButBounded) {
  const absl::Status busy = Overloaded("journal", absl::Seconds(3));
  const absl::Status very_busy = Overloaded("journal", absl::Hours(3));
  ABSL_EXPECT_OK(Run(absl::Minutes(1), {busy, very_busy, absl::OkStatus()}));
  EXPECT_EQ(timer_.waits[0], absl::Seconds(3));
  EXPECT_EQ(timer_.waits[1], Retry::kLongestWait);
}

TEST_F(RetryTest, EndsWhenItsTimeWouldPass) {
  const absl::Status busy = Overloaded("journal", absl::Seconds(3));
  EXPECT_THAT(Run(absl::Seconds(2), {busy, absl::OkStatus()}), StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(tries_, 1u);
}

}  // namespace
}  // namespace naru::client
