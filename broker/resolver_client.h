#ifndef NARU_BROKER_RESOLVER_CLIENT_H_
#define NARU_BROKER_RESOLVER_CLIENT_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "naru/identity/v1/identity_service.grpc.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// Asks the resolver for a person's contact. Thread-safe; never blocks.
class ResolverClient {
 public:
  static constexpr absl::Duration kDeadline = absl::Seconds(2);

  explicit ResolverClient(std::shared_ptr<grpc::Channel> channel);

  // The opaque reference, empty when the person has no contact. UNAVAILABLE /
  // DEPENDENCY_UNAVAILABLE when the resolver does not answer in time or not as it must.
  void ResolveContact(const v1::Subject& person,
                      std::function<void(absl::StatusOr<std::string>)> done);

 private:
  std::unique_ptr<identity::v1::IdentityService::Stub> stub_;
};

}  // namespace naru

#endif  // NARU_BROKER_RESOLVER_CLIENT_H_
