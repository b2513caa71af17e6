#include "broker/resolver_client.h"

#include <glog/logging.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "broker/base/errors.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/limits.h"

namespace naru {
namespace {

struct Call {
  grpc::ClientContext context;
  identity::v1::ResolveContactRequest request;
  identity::v1::ResolveContactResponse response;
};

}  // namespace

ResolverClient::ResolverClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(identity::v1::IdentityService::NewStub(std::move(channel))) {}

void ResolverClient::ResolveContact(const v1::Subject& person,
                                    std::function<void(absl::StatusOr<std::string>)> done) {
  auto call = std::make_shared<Call>();
  *call->request.mutable_person() = person;
  call->context.set_deadline(DeadlineAfter(kDeadline));
  stub_->async()->ResolveContact(
      &call->context, &call->request, &call->response,
      [call, done = std::move(done)](grpc::Status status) {
        if (!status.ok()) {
          LOG(WARNING) << "the resolver did not answer: gRPC code " << status.error_code();
          done(DependencyUnavailable("resolver"));
        } else if (call->response.contact_ref().size() > limits::kShortText) {
          LOG(ERROR) << "the resolver gave a contact reference that is too long";
          done(DependencyUnavailable("resolver"));
        } else {
          done(call->response.contact_ref());
        }
      });
}

}  // namespace naru
