#include "consent/store/ballast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kMoreThanAnyDisk = uint64_t{1} << 60;

class BallastTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = absl::StrCat(testing::TempDir(), "/ballast-",
                              testing::UnitTest::GetInstance()->current_test_info()->name());
    ABSL_ASSERT_OK(MakeDirectories(directory_));
  }

  // Space that the file takes; nullopt without file.
  std::optional<uint64_t> Space() {
    struct stat info;
    if (stat((directory_ + "/BALLAST").c_str(), &info) != 0) return std::nullopt;
    return info.st_blocks * 512;
  }

  std::string directory_;
};

TEST_F(BallastTest, TakesRealSpace) {
  ABSL_ASSERT_OK(PrepareBallast(directory_, 3 * kMiB, 0));
  ASSERT_TRUE(Space().has_value());
  EXPECT_GE(*Space(), 3 * kMiB);
  EXPECT_LT(*Space(), 4 * kMiB);
}

TEST_F(BallastTest, FollowsItsSize) {
  for (const uint64_t size : {3 * kMiB, 3 * kMiB, 8 * kMiB, 2 * kMiB}) {
    ABSL_ASSERT_OK(PrepareBallast(directory_, size, 0));
    EXPECT_GE(*Space(), size);
    EXPECT_LT(*Space(), size + kMiB);
  }
  ABSL_ASSERT_OK(PrepareBallast(directory_, 0, 0));
  EXPECT_EQ(Space(), std::nullopt);
}

TEST_F(BallastTest, IsLeftOutWithoutSpace) {
  ABSL_EXPECT_OK(PrepareBallast(directory_, 2 * kMiB, kMoreThanAnyDisk));
  EXPECT_EQ(Space(), std::nullopt);
  ABSL_EXPECT_OK(PrepareBallast(directory_, kMoreThanAnyDisk, 0));
  EXPECT_EQ(Space(), std::nullopt);
}

TEST_F(BallastTest, StaysWhileThereIsRoom) {
  ABSL_ASSERT_OK(PrepareBallast(directory_, 2 * kMiB, 0));
  ABSL_EXPECT_OK(MakeRoom(directory_, 1));
  EXPECT_NE(Space(), std::nullopt);
}

TEST_F(BallastTest, IsGivenUpWhenThereIsNone) {
  ABSL_ASSERT_OK(PrepareBallast(directory_, 2 * kMiB, 0));
  EXPECT_THAT(MakeRoom(directory_, kMoreThanAnyDisk),
              StatusIs(absl::StatusCode::kResourceExhausted, testing::HasSubstr("make room")));
  EXPECT_EQ(Space(), std::nullopt);
}

}  // namespace
}  // namespace naru
