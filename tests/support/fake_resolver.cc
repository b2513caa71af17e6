#include "tests/support/fake_resolver.h"

#include <glog/logging.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/server_callback.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/proof/crypto.h"
#include "naru/identity/v1/identity_service.grpc.pb.h"

namespace naru {

class FakeResolver::Service final : public identity::v1::IdentityService::CallbackService {
 public:
  grpc::ServerUnaryReactor* ResolveContact(
      grpc::CallbackServerContext* context, const identity::v1::ResolveContactRequest* request,
      identity::v1::ResolveContactResponse* response) override {
    response->set_contact_ref(ContactOf(request->person()));
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

FakeResolver::FakeResolver(const config::v1::TlsFiles& tls) : service_(new Service) {
  const auto credentials = ServerCredentials(tls);
  CHECK(credentials.ok()) << credentials.status();
  grpc::ServerBuilder builder;
  SetServerBounds(builder, limits::kRequestBytes);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  CHECK(server_ != nullptr && port != 0);
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeResolver::~FakeResolver() { server_->Shutdown(absl::ToChronoTime(absl::UnixEpoch())); }

std::string FakeResolver::ContactOf(const v1::Subject& person) {
  const std::string digest = crypto::Sha256({"contact/", person.number()});
  return "contact-" + absl::BytesToHexString(digest.substr(0, 16));
}

}  // namespace naru
