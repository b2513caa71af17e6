#ifndef NARU_BROKER_BASE_GRPC_GRPC_STATUS_H_
#define NARU_BROKER_BASE_GRPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

// Statuses across the wire: code, text and the ErrorDetail of errors.h, which travels in the status
// details as naru/v1/rpc_status.proto has it. Thread-safe.
namespace naru {

// What a caller is told. An error of errors.h goes as it is, its text cut to limits::kErrorText
// bytes; CANCELLED and DEADLINE_EXCEEDED keep their code with a text of ours. Any other status was
// not made for callers (it may name files or come from a library) and becomes INTERNAL: log it
// before.
grpc::Status ToGrpcStatus(const absl::Status& status);

// What a peer told us, cut the same way. The detail is there again when it came and has a reason
// this version knows; the text is the peer's and must not be given on as it is.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace naru

#endif  // NARU_BROKER_BASE_GRPC_GRPC_STATUS_H_
