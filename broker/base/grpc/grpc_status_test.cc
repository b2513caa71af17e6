#include "broker/base/grpc/grpc_status.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

TEST(GrpcStatusTest, OkStaysOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_THAT(FromGrpcStatus(grpc::Status::OK), IsOk());
}

TEST(GrpcStatusTest, AnErrorOfOursCrossesWithItsDetail) {
  const absl::Status error = Overloaded("documents", absl::Milliseconds(250));
  const absl::Status back = FromGrpcStatus(ToGrpcStatus(error));
  EXPECT_EQ(back.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(back.message(), error.message());
  const std::optional<v1::ErrorDetail> detail = GetErrorDetail(back);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->reason(), v1::ERROR_REASON_OVERLOADED);
  EXPECT_EQ(detail->retry_after_ms(), 250);
}

TEST(GrpcStatusTest, WhatWasNotMadeForCallersIsNotTold) {
  const grpc::Status told = ToGrpcStatus(absl::NotFoundError("/var/lib/naru/secret: cannot open"));
  EXPECT_EQ(told.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(told.error_message().find("secret"), std::string::npos);
  EXPECT_THAT(FromGrpcStatus(told), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST(GrpcStatusTest, CancellationAndDeadlineKeepTheirCode) {
  EXPECT_EQ(ToGrpcStatus(absl::CancelledError("by 0123")).error_code(),
            grpc::StatusCode::CANCELLED);
  EXPECT_EQ(ToGrpcStatus(absl::CancelledError("by 0123")).error_message().find("0123"),
            std::string::npos);
  EXPECT_EQ(ToGrpcStatus(absl::DeadlineExceededError("x")).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(GrpcStatusTest, LongTextsAreCutBetweenCharacters) {
  std::string text;
  while (text.size() < 2 * limits::kErrorText) absl::StrAppend(&text, "가");
  const absl::Status cut =
      FromGrpcStatus(grpc::Status(grpc::StatusCode::INTERNAL, absl::StrCat("x", text)));
  EXPECT_LE(cut.message().size(), limits::kErrorText);
  EXPECT_EQ((cut.message().size() - 1) % 3, 0u);
}

TEST(GrpcStatusTest, APeersNonsenseIsNotTakenOver) {
  const absl::Status odd = FromGrpcStatus(
      grpc::Status(static_cast<grpc::StatusCode>(99), "odd", std::string("\xff\xff\xff", 3)));
  EXPECT_EQ(odd.code(), absl::StatusCode::kUnknown);
  EXPECT_FALSE(GetErrorDetail(odd).has_value());

  v1::ErrorDetail large;
  large.set_reason(v1::ERROR_REASON_NOT_FOUND);
  large.set_next_step(std::string(limits::kErrorDetailBytes, 'x'));
  EXPECT_FALSE(GetErrorDetail(FromGrpcStatus(grpc::Status(grpc::StatusCode::NOT_FOUND, "",
                                                          large.SerializeAsString())))
                   .has_value());
}

}  // namespace
}  // namespace naru
