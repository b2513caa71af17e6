#include "broker/base/grpc/grpc_status.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "naru/v1/rpc_status.pb.h"

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
  v1::RpcStatus status;
  status.add_details()->PackFrom(large);
  EXPECT_FALSE(GetErrorDetail(FromGrpcStatus(grpc::Status(grpc::StatusCode::NOT_FOUND, "",
                                                          status.SerializeAsString())))
                   .has_value());
}

// As google.rpc.Status, so that libraries of other languages find it too.
TEST(GrpcStatusTest, TheDetailsAreAStatusThatAnyLibraryReads) {
  const grpc::Status told = ToGrpcStatus(FieldTooLarge("papers", 64));
  v1::RpcStatus status;
  ASSERT_TRUE(status.ParseFromString(told.error_details()));
  EXPECT_EQ(status.code(), told.error_code());
  EXPECT_EQ(status.message(), told.error_message());
  ASSERT_EQ(status.details_size(), 1);
  EXPECT_EQ(status.details(0).type_url(), "type.googleapis.com/naru.v1.ErrorDetail");
}

TEST(GrpcStatusTest, ADetailBehindOthersIsFound) {
  v1::RpcStatus status;
  status.add_details()->set_type_url("type.googleapis.com/google.rpc.DebugInfo");
  v1::ErrorDetail detail;
  detail.set_reason(v1::ERROR_REASON_NOT_FOUND);
  status.add_details()->PackFrom(detail);
  EXPECT_THAT(
      FromGrpcStatus(grpc::Status(grpc::StatusCode::NOT_FOUND, "gone", status.SerializeAsString())),
      HasErrorReason(v1::ERROR_REASON_NOT_FOUND));
}

}  // namespace
}  // namespace naru
