#include "broker/probe_judge.h"

#include <gtest/gtest.h>

namespace naru {
namespace {

constexpr absl::Duration kStep = absl::Seconds(4);

class ProbeJudgeTest : public testing::Test {
 protected:
  bool Deaf(ProbeResult result) { return judge_.IsDeaf(result, now_ += kStep); }

  absl::Duration now_ = absl::Hours(1);
  ProbeJudge judge_{now_};
};

TEST_F(ProbeJudgeTest, ThreeUnheardProbesInARowAreDeaf) {
  EXPECT_FALSE(Deaf(ProbeResult::kUnheard));
  EXPECT_FALSE(Deaf(ProbeResult::kUnheard));
  EXPECT_TRUE(Deaf(ProbeResult::kUnheard));
}

TEST_F(ProbeJudgeTest, AHandshakeBetweenIsASignOfHearing) {
  for (const ProbeResult heard : {ProbeResult::kAnswered, ProbeResult::kSlow}) {
    EXPECT_FALSE(Deaf(ProbeResult::kUnheard));
    EXPECT_FALSE(Deaf(ProbeResult::kUnheard));
    EXPECT_FALSE(Deaf(heard));
  }
}

TEST_F(ProbeJudgeTest, AStarvedProbeNeitherCountsNorClears) {
  EXPECT_FALSE(Deaf(ProbeResult::kUnheard));
  EXPECT_FALSE(Deaf(ProbeResult::kStarved));
  EXPECT_FALSE(Deaf(ProbeResult::kUnheard));
  EXPECT_FALSE(Deaf(ProbeResult::kStarved));
  EXPECT_TRUE(Deaf(ProbeResult::kUnheard));
}

TEST_F(ProbeJudgeTest, SlowOrStarvedIsBorneForAMinuteAndNoLonger) {
  for (const ProbeResult late : {ProbeResult::kSlow, ProbeResult::kStarved}) {
    EXPECT_FALSE(Deaf(ProbeResult::kAnswered));
    const absl::Duration answered = now_;
    while (now_ + kStep < answered + ProbeJudge::kLongest) EXPECT_FALSE(Deaf(late));
    EXPECT_TRUE(Deaf(late));
  }
}

}  // namespace
}  // namespace naru
