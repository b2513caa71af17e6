#include "adapters/resolver/resolver_rights.h"

#include <string>

#include "broker/base/status_macros.h"

namespace naru {

absl::StatusOr<ResolverRights> ResolverRights::Create(const config::v1::ResolverConfig& config) {
  ResolverRights rights;
  ABSL_ASSIGN_OR_RETURN(rights.broker_, ParseIdentity(config.broker_identity()));
  for (const std::string& uri : config.requesters()) {
    ABSL_ASSIGN_OR_RETURN(PeerIdentity requester, ParseIdentity(uri));
    rights.requesters_.insert(std::move(requester));
  }
  for (const config::v1::HolderRight& right : config.holders()) {
    ABSL_ASSIGN_OR_RETURN(PeerIdentity holder, ParseIdentity(right.identity()));
    identity::v1::NumberKind kind = identity::v1::NUMBER_KIND_UNSPECIFIED;
    if (!identity::v1::NumberKind_Parse(right.number_kind(), &kind) ||
        kind == identity::v1::NUMBER_KIND_UNSPECIFIED) {
      return absl::InvalidArgumentError("number_kind is not the name of a NumberKind");
    }
    rights.holders_.emplace(std::move(holder), static_cast<int>(kind));
  }
  return rights;
}

}  // namespace naru
