#include "consent/store/free_space_guard.h"

#include <gtest/gtest.h>

#include "broker/base/clock.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

class FreeSpaceGuardTest : public testing::Test {
 protected:
  SimulatedClock clock_;
  absl::StatusOr<uint64_t> free_ = 1000;
  int probes_ = 0;
  FreeSpaceGuard guard_{&clock_, 400, [this] {
                          ++probes_;
                          return free_;
                        }};
};

TEST_F(FreeSpaceGuardTest, MinimumStaysFree) {
  EXPECT_TRUE(guard_.HasRoom(0));
  EXPECT_TRUE(guard_.HasRoom(600));
  EXPECT_FALSE(guard_.HasRoom(601));
  EXPECT_FALSE(guard_.HasRoom(UINT64_MAX));
}

TEST_F(FreeSpaceGuardTest, BelowTheMinimumThereIsNoRoomForAnything) {
  free_ = 399;
  EXPECT_FALSE(guard_.HasRoom(0));
}

TEST_F(FreeSpaceGuardTest, SystemIsAskedEveryHundredMilliseconds) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(guard_.HasRoom(1));
  EXPECT_EQ(probes_, 1);
  free_ = 0;
  clock_.Advance(FreeSpaceGuard::kAge - absl::Microseconds(1));
  EXPECT_TRUE(guard_.HasRoom(1)) << "the old answer";
  clock_.Advance(absl::Microseconds(1));
  EXPECT_FALSE(guard_.HasRoom(1));
  EXPECT_EQ(probes_, 2);
  free_ = 401;
  EXPECT_FALSE(guard_.HasRoom(1));
  clock_.Advance(FreeSpaceGuard::kAge);
  EXPECT_TRUE(guard_.HasRoom(1));
}

TEST_F(FreeSpaceGuardTest, WhatWasWrittenSinceTheAnswerCounts) {
  EXPECT_TRUE(guard_.HasRoom(300));
  guard_.Wrote(300);
  EXPECT_TRUE(guard_.HasRoom(300));
  guard_.Wrote(300);
  EXPECT_FALSE(guard_.HasRoom(1));
  guard_.Wrote(300);
  EXPECT_FALSE(guard_.HasRoom(0));
  clock_.Advance(FreeSpaceGuard::kAge);
  EXPECT_TRUE(guard_.HasRoom(600)) << "a new answer already knows";
}

TEST_F(FreeSpaceGuardTest, WithoutAnswerThereIsNoRoom) {
  free_ = absl::InternalError("no answer");
  EXPECT_FALSE(guard_.HasRoom(0));
}

TEST(FreeBytesTest, AsksTheSystem) {
  EXPECT_GT(*FreeBytes(testing::TempDir()), 0u);
  EXPECT_THAT(FreeBytes("/nowhere/at/all"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace naru
