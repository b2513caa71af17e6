#ifndef NARU_ADAPTERS_RESOLVER_IDENTITY_SERVICE_H_
#define NARU_ADAPTERS_RESOLVER_IDENTITY_SERVICE_H_

#include <atomic>
#include <functional>

#include "absl/status/status.h"
#include "adapters/resolver/look_up_limiter.h"
#include "adapters/resolver/look_up_recorder.h"
#include "adapters/resolver/person_register.h"
#include "adapters/resolver/resolver_metrics.h"
#include "adapters/resolver/resolver_rights.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "naru/identity/v1/identity_service.grpc.pb.h"

namespace naru {

// What the service works with; everything outlives the server that serves it.
struct ResolverParts {
  const ResolverRights* rights = nullptr;
  PersonRegister* persons = nullptr;
  LookUpRecorder* recorder = nullptr;
  LookUpLimiter* limiter = nullptr;
  Executor* reads = nullptr;  // Blocks on the database.
  ResolverMetrics* metrics = nullptr;
  const Clock* clock = nullptr;
};

// identity.v1. A number lives as long as the call that brought it, in memory alone; nothing of a
// call is logged. A look-up is answered only after the broker has entered it, found or not.
// Thread-safe; no call blocks a thread of gRPC.
class IdentityServiceImpl final : public identity::v1::IdentityService::CallbackService {
 public:
  explicit IdentityServiceImpl(const ResolverParts& parts) : parts_(parts) {}

  grpc::ServerUnaryReactor* LookUpPerson(grpc::CallbackServerContext* context,
                                         const identity::v1::LookUpPersonRequest* request,
                                         identity::v1::LookUpPersonResponse* response) override;
  grpc::ServerUnaryReactor* ResolveContact(grpc::CallbackServerContext* context,
                                           const identity::v1::ResolveContactRequest* request,
                                           identity::v1::ResolveContactResponse* response) override;
  grpc::ServerUnaryReactor* ResolveNumber(grpc::CallbackServerContext* context,
                                          const identity::v1::ResolveNumberRequest* request,
                                          identity::v1::ResolveNumberResponse* response) override;

 private:
  using Finish = std::function<void(const absl::Status&)>;

  // Runs `work` off gRPC's threads and has it finish the call; or finishes it at once when
  // `admitted` is an error, or too many calls are under way.
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, ResolverMetrics::Rpc rpc,
                                const absl::Status& admitted, std::function<void(Finish)> work);

  absl::Status AdmitLookUp(const PeerIdentity& caller,
                           const identity::v1::LookUpPersonRequest& request) const;
  void LookUp(const PeerIdentity& caller, const identity::v1::LookUpPersonRequest& request,
              absl::Time asked, identity::v1::LookUpPersonResponse* response,
              const Finish& finish) const;
  absl::Status Resolve(const PeerIdentity& caller,
                       const identity::v1::ResolveNumberRequest& request,
                       identity::v1::ResolveNumberResponse* response) const;

  const ResolverParts parts_;
  std::atomic<int> under_way_{0};
};

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_IDENTITY_SERVICE_H_
