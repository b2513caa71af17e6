#include "broker/base/status_matchers.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace naru {
namespace {

using testing::Not;
using testing::Pointee;

const absl::Status kGone = absl::NotFoundError("it is gone");

TEST(StatusMatchersTest, MatchWhatTheySay) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(kGone, Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(3), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(kGone), Not(IsOk()));

  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(3));
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(testing::Gt(2)));
  EXPECT_THAT(absl::StatusOr<int>(3), Not(IsOkAndHolds(4)));
  EXPECT_THAT(absl::StatusOr<int>(kGone), Not(IsOkAndHolds(testing::_)));
  EXPECT_THAT(absl::StatusOr<std::unique_ptr<int>>(std::make_unique<int>(3)),
              IsOkAndHolds(Pointee(3)));
  EXPECT_THAT(absl::StatusOr<std::string>("text"), IsOkAndHolds("text"));

  EXPECT_THAT(kGone, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(kGone, Not(StatusIs(absl::StatusCode::kInternal)));
  EXPECT_THAT(kGone, StatusIs(absl::StatusCode::kNotFound, "it is gone"));
  EXPECT_THAT(kGone, StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("gone")));
  EXPECT_THAT(kGone, Not(StatusIs(absl::StatusCode::kNotFound, "gone")));
  EXPECT_THAT(absl::StatusOr<int>(kGone), StatusIs(absl::StatusCode::kNotFound));

  EXPECT_THAT(NotFound("consent"), HasErrorReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(NotFound("consent"), Not(HasErrorReason(v1::ERROR_REASON_INTERNAL)));
  EXPECT_THAT(kGone, Not(HasErrorReason(v1::ERROR_REASON_NOT_FOUND)));
  EXPECT_THAT(absl::StatusOr<int>(CallerUnknown()),
              HasErrorReason(v1::ERROR_REASON_CALLER_UNKNOWN));
}

TEST(StatusMatchersTest, FailuresShowTheStatus) {
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(kGone, IsOk()), "NOT_FOUND: it is gone");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(absl::StatusOr<int>(kGone), IsOkAndHolds(3)),
                          "NOT_FOUND: it is gone");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(kGone, StatusIs(absl::StatusCode::kInternal, "x")),
                          "NOT_FOUND: it is gone");
}

TEST(StatusMatchersTest, AssertOkAndAssignTakesTheValue) {
  ABSL_ASSERT_OK_AND_ASSIGN(const int value, absl::StatusOr<int>(3));
  EXPECT_EQ(value, 3);
  ABSL_ASSERT_OK(absl::OkStatus());
  ABSL_EXPECT_OK(absl::StatusOr<int>(3));
}

}  // namespace
}  // namespace naru
