#ifndef NARU_ADAPTERS_RESOLVER_RESOLVER_RIGHTS_H_
#define NARU_ADAPTERS_RESOLVER_RESOLVER_RIGHTS_H_

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "broker/base/identity.h"
#include "naru/config/v1/config.pb.h"
#include "naru/identity/v1/identity_service.pb.h"

namespace naru {

// Who may ask the resolver what, as configured. Whoever is not named may ask nothing. Immutable,
// thread-safe.
class ResolverRights {
 public:
  // INVALID_ARGUMENT when an identity or a kind of number is none (resolver_config.h names the
  // line before).
  static absl::StatusOr<ResolverRights> Create(const config::v1::ResolverConfig& config);

  bool IsBroker(const PeerIdentity& caller) const { return caller == broker_; }
  bool MayLookUp(const PeerIdentity& caller) const { return requesters_.contains(caller); }
  bool MayResolve(const PeerIdentity& caller, identity::v1::NumberKind kind) const {
    return holders_.contains(std::make_pair(caller, static_cast<int>(kind)));
  }
  const absl::flat_hash_set<PeerIdentity>& requesters() const { return requesters_; }

 private:
  ResolverRights() = default;

  PeerIdentity broker_;
  absl::flat_hash_set<PeerIdentity> requesters_;
  absl::flat_hash_set<std::pair<PeerIdentity, int>> holders_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_RESOLVER_RIGHTS_H_
