#include "adapters/holder/number_resolver.h"

#include <glog/logging.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "broker/base/errors.h"
#include "broker/base/grpc/deadline.h"
#include "naru/identity/v1/identity_service.grpc.pb.h"

namespace naru {
namespace {

using identity::v1::IdentityService;
using identity::v1::NumberKind;
using identity::v1::ResolveNumberRequest;
using identity::v1::ResolveNumberResponse;

class GrpcNumberResolver final : public NumberResolver {
 public:
  explicit GrpcNumberResolver(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(IdentityService::NewStub(channel)) {}

  absl::StatusOr<std::optional<std::string>> NumberOf(NumberKind kind,
                                                      const std::string& ci) override {
    ResolveNumberRequest request;
    request.set_kind(kind);
    request.mutable_person()->set_type(v1::SUBJECT_TYPE_PERSON);
    request.mutable_person()->set_number(ci);
    absl::StatusOr<ResolveNumberResponse> response = Ask(request);
    if (!response.ok()) return response.status();
    if (response->number().empty()) return std::optional<std::string>();
    return std::move(*response->mutable_number());
  }

  absl::StatusOr<std::optional<std::string>> PersonOf(NumberKind kind,
                                                      const std::string& number) override {
    ResolveNumberRequest request;
    request.set_kind(kind);
    request.set_number(number);
    absl::StatusOr<ResolveNumberResponse> response = Ask(request);
    if (!response.ok()) return response.status();
    if (response->person().type() != v1::SUBJECT_TYPE_PERSON ||
        response->person().number().empty()) {
      return std::optional<std::string>();
    }
    return std::move(*response->mutable_person()->mutable_number());
  }

 private:
  absl::StatusOr<ResolveNumberResponse> Ask(const ResolveNumberRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(DeadlineAfter(kResolveNumber));
    ResolveNumberResponse response;
    const grpc::Status status = stub_->ResolveNumber(&context, request, &response);
    if (status.ok()) return response;
    // The peer's text stays out of the log: it may quote what it was sent.
    LOG_EVERY_T(ERROR, 1) << "the resolver gives no number: gRPC code " << status.error_code();
    return DependencyUnavailable("resolver");
  }

  const std::unique_ptr<IdentityService::Stub> stub_;
};

}  // namespace

std::unique_ptr<NumberResolver> NewNumberResolver(std::shared_ptr<grpc::Channel> channel) {
  return std::make_unique<GrpcNumberResolver>(channel);
}

}  // namespace naru
