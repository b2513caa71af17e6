#include "adapters/resolver/broker_history.h"

#include <glog/logging.h>
#include <grpcpp/client_context.h>

#include <optional>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/limits.h"

namespace naru {
namespace {

struct Call {
  grpc::ClientContext context;
  v1::RecordLookUpRequest request;
  v1::RecordLookUpResponse response;
};

// What the asker is told: only what it can mend itself is passed on, in our own words.
absl::Status Judge(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (const std::optional<v1::ErrorDetail> detail = GetErrorDetail(FromGrpcStatus(status))) {
    if (detail->reason() == v1::ERROR_REASON_REQUEST_ID_REUSED) return RequestIdReused();
    if (detail->reason() == v1::ERROR_REASON_REQUEST_ID_EXPIRED) return RequestIdExpired();
  }
  // The peer's text stays out of the log: it may quote what it was sent.
  LOG_EVERY_T(WARNING, 1) << "the broker did not enter a look-up: gRPC code "
                          << status.error_code();
  return DependencyUnavailable("broker");
}

}  // namespace

void BrokerHistory::Record(const v1::RecordLookUpRequest& look_up,
                           std::function<void(absl::Status)> done) {
  auto call = std::make_shared<Call>();
  call->request = look_up;
  call->context.set_deadline(DeadlineAfter(limits::kLookUpEntry));
  stub_->async()->RecordLookUp(
      &call->context, &call->request, &call->response,
      [call, done = std::move(done)](grpc::Status status) { done(Judge(status)); });
}

}  // namespace naru
