#include "broker/base/grpc/grpc_status.h"

#include <optional>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "naru/v1/rpc_status.pb.h"

namespace naru {
namespace {

// At most kErrorText bytes, never half a character of UTF-8.
std::string Cut(absl::string_view text) {
  size_t size = text.size();
  if (size > limits::kErrorText) {
    size = limits::kErrorText;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  }
  return std::string(text.substr(0, size));
}

grpc::Status WithDetail(const absl::Status& status, const v1::ErrorDetail& detail) {
  v1::RpcStatus rpc_status;
  rpc_status.set_code(static_cast<int>(status.code()));
  rpc_status.set_message(Cut(status.message()));
  rpc_status.add_details()->PackFrom(detail);
  // The two enumerations have the same numbers.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), rpc_status.message(),
                      rpc_status.SerializeAsString());
}

// The detail in a peer's status details, when there is one whose reason this version knows.
std::optional<v1::ErrorDetail> FindDetail(const std::string& bytes) {
  v1::RpcStatus rpc_status;
  if (bytes.size() > limits::kErrorText + limits::kErrorDetailBytes ||
      !rpc_status.ParseFromString(bytes)) {
    return std::nullopt;
  }
  for (const google::protobuf::Any& any : rpc_status.details()) {
    v1::ErrorDetail detail;
    if (any.value().size() <= limits::kErrorDetailBytes && any.UnpackTo(&detail) &&
        v1::ErrorReason_IsValid(detail.reason()) &&
        detail.reason() != v1::ERROR_REASON_UNSPECIFIED) {
      return detail;
    }
  }
  return std::nullopt;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  if (const std::optional<v1::ErrorDetail> detail = GetErrorDetail(status)) {
    return WithDetail(status, *detail);
  }
  if (absl::IsCancelled(status)) {
    return grpc::Status(grpc::StatusCode::CANCELLED, "the call was cancelled");
  }
  if (absl::IsDeadlineExceeded(status)) {
    return grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "the call took too long");
  }
  const absl::Status fault = InternalFault("the call met a fault");
  return WithDetail(fault, *GetErrorDetail(fault));
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  int code = status.error_code();
  // A peer can send any number; what is no code is no answer we know.
  if (code < static_cast<int>(absl::StatusCode::kCancelled) ||
      code > static_cast<int>(absl::StatusCode::kUnauthenticated)) {
    code = static_cast<int>(absl::StatusCode::kUnknown);
  }
  absl::Status result(static_cast<absl::StatusCode>(code), Cut(status.error_message()));
  if (const std::optional<v1::ErrorDetail> detail = FindDetail(status.error_details())) {
    result.SetPayload(kErrorDetailUrl, absl::Cord(detail->SerializeAsString()));
  }
  return result;
}

}  // namespace naru
