#include "broker/base/status_macros.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "broker/base/status_matchers.h"

namespace naru {
namespace {

absl::Status Fail() { return absl::NotFoundError("gone"); }

absl::Status CheckTwice(const absl::Status& first, const absl::Status& second, int* reached) {
  *reached = 1;
  ABSL_RETURN_IF_ERROR(first);
  *reached = 2;
  // Also as the only statement of an if.
  if (!second.ok()) ABSL_RETURN_IF_ERROR(second);
  *reached = 3;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, ReturnIfErrorReturnsTheErrorAsItIs) {
  int reached = 0;
  EXPECT_THAT(CheckTwice(absl::OkStatus(), absl::OkStatus(), &reached), IsOk());
  EXPECT_EQ(reached, 3);
  EXPECT_EQ(CheckTwice(Fail(), absl::OkStatus(), &reached), Fail());
  EXPECT_EQ(reached, 1);
  EXPECT_EQ(CheckTwice(absl::OkStatus(), Fail(), &reached), Fail());
  EXPECT_EQ(reached, 2);
}

absl::StatusOr<std::unique_ptr<int>> MakeInt(int value) {
  if (value < 0) return absl::OutOfRangeError("negative");
  return std::make_unique<int>(value);
}

template <typename A, typename B>
absl::StatusOr<std::map<A, B>> MakeMap(A a, B b) {
  return std::map<A, B>{{a, b}};
}

absl::StatusOr<int> Add(int a, int b) {
  ABSL_ASSIGN_OR_RETURN(const std::unique_ptr<int> first, MakeInt(a));
  int second = 0;
  ABSL_ASSIGN_OR_RETURN(second, [b]() -> absl::StatusOr<int> { return b; }());
  const auto map = MakeMap<int, int>(a, b);
  ABSL_ASSIGN_OR_RETURN(const auto map_with_comma, (MakeMap<int, int>(a, b)));
  ABSL_ASSIGN_OR_RETURN(const auto map_without_parentheses, MakeMap<int, int>(a, b));
  EXPECT_EQ(map_with_comma, *map);
  EXPECT_EQ(map_without_parentheses, *map);
  ABSL_RETURN_IF_ERROR(second == 0 ? Fail() : absl::OkStatus());
  return *first + second;
}

TEST(StatusMacrosTest, AssignOrReturnTakesTheValueOrReturnsTheError) {
  EXPECT_THAT(Add(1, 2), IsOkAndHolds(3));
  EXPECT_THAT(Add(-1, 2), StatusIs(absl::StatusCode::kOutOfRange, "negative"));
  EXPECT_THAT(Add(1, 0), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace naru
