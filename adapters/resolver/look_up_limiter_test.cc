#include "adapters/resolver/look_up_limiter.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

const PeerIdentity kCounter = {"B553077", "counter"};
const PeerIdentity kSystem = {"B553077", "system"};

class LookUpLimiterTest : public testing::Test {
 protected:
  // How many look-ups pass before the first that does not.
  int PassesOf(const PeerIdentity& asker, const std::string& official) {
    int passes = 0;
    while (limiter_.Take(asker, official).ok()) ++passes;
    return passes;
  }

  SimulatedClock clock_;
  LookUpLimiter limiter_{&clock_, {kCounter, kSystem}};
};

TEST_F(LookUpLimiterTest, P10_AnOfficialWhoTriesOutNumbersWaits) {
  EXPECT_EQ(PassesOf(kCounter, "greedy"), limits::kOfficialLookUpsBurst);
  const absl::Status status = limiter_.Take(kCounter, "greedy");
  EXPECT_THAT(status, HasErrorReason(v1::ERROR_REASON_QUOTA_EXCEEDED));
  EXPECT_GT(GetErrorDetail(status)->retry_after_ms(), 0);
  // Neither a colleague nor the same name elsewhere does.
  ABSL_EXPECT_OK(limiter_.Take(kCounter, "colleague"));
  ABSL_EXPECT_OK(limiter_.Take(kSystem, "greedy"));
  clock_.Advance(absl::Milliseconds(GetErrorDetail(status)->retry_after_ms()));
  EXPECT_EQ(PassesOf(kCounter, "greedy"), 1);
}

TEST_F(LookUpLimiterTest, P10_AServiceThatInventsOfficialsUsesUpItsOwnRate) {
  int passes = 0;
  while (limiter_.Take(kCounter, absl::StrCat("official-", passes)).ok()) ++passes;
  EXPECT_EQ(passes, limits::kLookUpsBurst);
  ABSL_EXPECT_OK(limiter_.Take(kSystem, "official-0"));
}

TEST_F(LookUpLimiterTest, WhoWasNotNamedHasNoRate) {
  EXPECT_THAT(limiter_.Take({"1741999", "broker"}, "official"),
              HasErrorReason(v1::ERROR_REASON_ROLE_NOT_ALLOWED));
}

}  // namespace
}  // namespace naru
