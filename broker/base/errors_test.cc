#include "broker/base/errors.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

struct ErrorCase {
  absl::Status status;
  absl::StatusCode code;
  v1::ErrorReason reason;
  std::string field;
  int64_t limit;
  int64_t retry_after_ms;
};

std::vector<ErrorCase> AllErrors() {
  using absl::StatusCode;
  return {
      {FieldMissing("papers[2].kind"), StatusCode::kInvalidArgument, v1::ERROR_REASON_FIELD_MISSING,
       "papers[2].kind", 0, 0},
      {FieldMalformed("nonce", "32 bytes"), StatusCode::kInvalidArgument,
       v1::ERROR_REASON_FIELD_MALFORMED, "nonce", 0, 0},
      {FieldTooLarge("papers", 64), StatusCode::kInvalidArgument, v1::ERROR_REASON_FIELD_TOO_LARGE,
       "papers", 64, 0},
      {FieldsContradict("uses", "a prior consent has none"), StatusCode::kInvalidArgument,
       v1::ERROR_REASON_FIELDS_CONTRADICT, "uses", 0, 0},
      {RequestIdExpired(), StatusCode::kInvalidArgument, v1::ERROR_REASON_REQUEST_ID_EXPIRED,
       "request_id", 0, 0},
      {RequestIdReused(), StatusCode::kAlreadyExists, v1::ERROR_REASON_REQUEST_ID_REUSED,
       "request_id", 0, 0},
      {CallerUnknown(), StatusCode::kUnauthenticated, v1::ERROR_REASON_CALLER_UNKNOWN, "", 0, 0},
      {RoleNotAllowed("REQUESTER"), StatusCode::kPermissionDenied,
       v1::ERROR_REASON_ROLE_NOT_ALLOWED, "", 0, 0},
      {NotFound("consent"), StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND, "", 0, 0},
      {QuotaExceeded("requester", absl::Milliseconds(250)), StatusCode::kResourceExhausted,
       v1::ERROR_REASON_QUOTA_EXCEEDED, "", 0, 250},
      {Overloaded("journal", absl::Seconds(2)), StatusCode::kUnavailable,
       v1::ERROR_REASON_OVERLOADED, "", 0, 2000},
      {StorageFull(1 << 30), StatusCode::kUnavailable, v1::ERROR_REASON_STORAGE_FULL, "", 1 << 30,
       0},
      {NotReady("the broker stops"), StatusCode::kUnavailable, v1::ERROR_REASON_NOT_READY, "", 0,
       0},
      {DependencyUnavailable("the resolver"), StatusCode::kUnavailable,
       v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE, "", 0, 0},
      {InternalFault("the journal stopped"), StatusCode::kInternal, v1::ERROR_REASON_INTERNAL, "",
       0, 0},
      {DataDamaged("a ledger tile"), StatusCode::kDataLoss, v1::ERROR_REASON_DATA_DAMAGED, "", 0,
       0},
  };
}

TEST(ErrorsTest, EachErrorHasItsCodeAndDetail) {
  for (const ErrorCase& c : AllErrors()) {
    SCOPED_TRACE(v1::ErrorReason_Name(c.reason));
    EXPECT_EQ(c.status.code(), c.code);
    const std::optional<v1::ErrorDetail> detail = GetErrorDetail(c.status);
    ASSERT_TRUE(detail.has_value());
    EXPECT_EQ(detail->reason(), c.reason);
    EXPECT_EQ(detail->field(), c.field);
    EXPECT_EQ(detail->limit(), c.limit);
    EXPECT_EQ(detail->retry_after_ms(), c.retry_after_ms);
    EXPECT_TRUE(absl::EndsWith(detail->next_step(), ".")) << detail->next_step();
    EXPECT_FALSE(c.status.message().empty());
    EXPECT_TRUE(absl::StrContains(c.status.message(), c.field));
  }
}

TEST(ErrorsTest, EveryReasonOfTheContractCanBeReturned) {
  std::set<int> made;
  for (const ErrorCase& c : AllErrors()) EXPECT_TRUE(made.insert(c.reason).second);
  const auto& reasons = *v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons.value_count(); ++i) {
    EXPECT_EQ(made.count(reasons.value(i)->number()), reasons.value(i)->number() == 0 ? 0u : 1u)
        << reasons.value(i)->name();
  }
}

TEST(ErrorsTest, StatusFromElsewhereHasNoDetail) {
  EXPECT_FALSE(GetErrorDetail(absl::OkStatus()).has_value());
  EXPECT_FALSE(GetErrorDetail(absl::InternalError("of a library")).has_value());
  absl::Status damaged = absl::InternalError("x");
  damaged.SetPayload(kErrorDetailUrl, absl::Cord("\xff\xff"));
  EXPECT_FALSE(GetErrorDetail(damaged).has_value());
}

TEST(ErrorsTest, RetryAfterIsRoundedUpAndBounded) {
  const struct {
    absl::Duration wait;
    int64_t millis;
  } kCases[] = {
      {absl::ZeroDuration(), 1},
      {absl::Nanoseconds(1), 1},
      {absl::Microseconds(1001), 2},
      {absl::Milliseconds(7), 7},
      {absl::Hours(48), 24 * 60 * 60 * 1000},
      {absl::InfiniteDuration(), 24 * 60 * 60 * 1000},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(GetErrorDetail(QuotaExceeded("holder", c.wait))->retry_after_ms(), c.millis);
    EXPECT_EQ(GetErrorDetail(Overloaded("journal", c.wait))->retry_after_ms(), c.millis);
  }
}

TEST(RefusalTest, EveryReasonOfTheContractNamesAMenderAndExplainsItself) {
  std::set<std::string> explanations;
  const auto& reasons = *v1::RefusalReason_descriptor();
  for (int i = 0; i < reasons.value_count(); ++i) {
    const auto reason = static_cast<v1::RefusalReason>(reasons.value(i)->number());
    if (reason == v1::REFUSAL_REASON_UNSPECIFIED) continue;
    SCOPED_TRACE(reasons.value(i)->name());
    const v1::Refusal refusal = MakeRefusal(reason);
    EXPECT_EQ(refusal.reason(), reason);
    EXPECT_NE(refusal.mender(), v1::MENDER_UNSPECIFIED);
    EXPECT_TRUE(absl::EndsWith(refusal.explanation(), "."));
    EXPECT_TRUE(explanations.insert(refusal.explanation()).second) << "says nothing of its own";
    EXPECT_EQ(refusal.facts_size(), 0);
  }
}

TEST(RefusalTest, CarriesTheFactsBehindIt) {
  const v1::Refusal refusal =
      MakeRefusal(v1::REFUSAL_REASON_CODE_WRONG, {{"tries_left", "3"}, {"state", "PENDING"}});
  EXPECT_EQ(refusal.mender(), v1::MENDER_CITIZEN);
  EXPECT_EQ(refusal.facts().at("tries_left"), "3");
  EXPECT_EQ(refusal.facts().at("state"), "PENDING");
  EXPECT_EQ(refusal.facts_size(), 2);
}

TEST(RefusalDeathTest, ThereIsNoneWithoutReason) {
  EXPECT_DEATH(MakeRefusal(v1::REFUSAL_REASON_UNSPECIFIED), "no refusal has reason 0");
}

}  // namespace
}  // namespace naru
