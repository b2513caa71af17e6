#ifndef NARU_BROKER_BASE_STATUS_MATCHERS_H_
#define NARU_BROKER_BASE_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/base/errors.h"

// Matchers with the names of absl/status/status_matchers.h, which Debian's Abseil does not have
// yet, for absl::Status and absl::StatusOr:
//   EXPECT_THAT(Parse(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 3")));
//   EXPECT_THAT(Parse(text), IsOkAndHolds(7));
//   ABSL_ASSERT_OK_AND_ASSIGN(const Tree tree, Parse(text));
namespace naru {
namespace internal_status_matchers {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

// Turns into a matcher of a StatusOr once its type is known.
template <typename InnerMatcher>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(InnerMatcher inner) : inner_(std::move(inner)) {}

  template <typename StatusOrType>
  operator testing::Matcher<StatusOrType>() const {  // NOLINT: conversion is the purpose
    return testing::Matcher<StatusOrType>(new Impl<StatusOrType>(inner_));
  }

 private:
  template <typename StatusOrType>
  class Impl : public testing::MatcherInterface<StatusOrType> {
   public:
    using Value = typename std::decay_t<StatusOrType>::value_type;

    explicit Impl(const InnerMatcher& inner)
        : inner_(testing::SafeMatcherCast<const Value&>(inner)) {}

    void DescribeTo(std::ostream* os) const override {
      *os << "is OK and holds a value that ";
      inner_.DescribeTo(os);
    }
    void DescribeNegationTo(std::ostream* os) const override {
      *os << "is not OK or holds a value that ";
      inner_.DescribeNegationTo(os);
    }
    bool MatchAndExplain(StatusOrType actual,
                         testing::MatchResultListener* listener) const override {
      if (!actual.ok()) {
        *listener << "which has status " << actual.status();
        return false;
      }
      return inner_.MatchAndExplain(*actual, listener);
    }

   private:
    const testing::Matcher<const Value&> inner_;
  };

  const InnerMatcher inner_;
};

}  // namespace internal_status_matchers

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << "which has status " << internal_status_matchers::GetStatus(arg);
  return internal_status_matchers::GetStatus(arg).ok();
}

template <typename InnerMatcher>
internal_status_matchers::IsOkAndHoldsMatcher<std::decay_t<InnerMatcher>> IsOkAndHolds(
    InnerMatcher&& inner) {
  return internal_status_matchers::IsOkAndHoldsMatcher<std::decay_t<InnerMatcher>>(
      std::forward<InnerMatcher>(inner));
}

// Also matches the message with a matcher or a string.
MATCHER_P2(StatusIs, code, message,
           "has code " + testing::PrintToString(code) + " and a message that " +
               testing::DescribeMatcher<std::string>(message, negation)) {
  const absl::Status& status = internal_status_matchers::GetStatus(arg);
  *result_listener << "which has status " << status;
  return status.code() == code && testing::Matches(message)(std::string(status.message()));
}
template <typename Code>
auto StatusIs(Code code) {
  return StatusIs(code, testing::_);
}

// An error of errors.h with this v1::ErrorReason.
MATCHER_P(HasErrorReason, reason, "has the error reason " + v1::ErrorReason_Name(reason)) {
  const absl::Status& status = internal_status_matchers::GetStatus(arg);
  *result_listener << "which has status " << status;
  const std::optional<v1::ErrorDetail> detail = GetErrorDetail(status);
  return detail.has_value() && detail->reason() == reason;
}

}  // namespace naru

#define ABSL_EXPECT_OK(...) EXPECT_THAT((__VA_ARGS__), ::naru::IsOk())
#define ABSL_ASSERT_OK(...) ASSERT_THAT((__VA_ARGS__), ::naru::IsOk())

// Assigns the value of `...`, an absl::StatusOr, to `lhs`, or ends the test.
#define ABSL_ASSERT_OK_AND_ASSIGN(lhs, ...) \
  NARU_ASSERT_OK_AND_ASSIGN_(NARU_ASSERT_CONCAT_(naru_status_or_, __LINE__), lhs, (__VA_ARGS__))
#define NARU_ASSERT_OK_AND_ASSIGN_(status_or, lhs, rexpr) \
  auto status_or = rexpr;                                 \
  ASSERT_THAT(status_or, ::naru::IsOk());                 \
  lhs = *std::move(status_or)
#define NARU_ASSERT_CONCAT_(a, b) NARU_ASSERT_CONCAT_INNER_(a, b)
#define NARU_ASSERT_CONCAT_INNER_(a, b) a##b

#endif  // NARU_BROKER_BASE_STATUS_MATCHERS_H_
