#ifndef NARU_BROKER_AUTHENTICATOR_H_
#define NARU_BROKER_AUTHENTICATOR_H_

#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/base/identity.h"
#include "consent/caller.h"
#include "naru/config/v1/catalogue.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// One RPC and the roles that may call it: design table "Roles".
struct RpcRule {
  absl::string_view rpc;             // "ConsentService/OpenConsent"
  std::set<config::v1::Role> roles;  // Any of these; empty: every known certificate.
};

// Every public RPC; a test holds it against the services' descriptors.
const std::vector<RpcRule>& RpcRules();

// Says who a caller is and whether it may make a call. Thread-safe.
class Authenticator {
 public:
  // Roles of an identity in the catalogue in force; nullopt for one it does not know.
  using RolesOf = std::function<std::optional<std::set<config::v1::Role>>(const PeerIdentity&)>;
  explicit Authenticator(RolesOf roles_of) : roles_of_(std::move(roles_of)) {}

  // UNAUTHENTICATED for an unknown identity, PERMISSION_DENIED when none of its roles may.
  absl::StatusOr<Caller> Authorize(const PeerIdentity& identity, absl::string_view rpc) const;

 private:
  const RolesOf roles_of_;
};

// FIELD_MISSING unless a COUNTER's call names official, terminal and case (R16, R17).
absl::Status RequireCaseContext(const Caller& caller, bool has_case,
                                const v1::CaseContext& context);

}  // namespace naru

#endif  // NARU_BROKER_AUTHENTICATOR_H_
