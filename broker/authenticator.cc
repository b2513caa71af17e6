#include "broker/authenticator.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "broker/base/errors.h"

namespace naru {
namespace {

using config::v1::Role;

std::string RoleNames(const std::set<Role>& roles) {
  std::string names;
  for (Role role : roles) {
    if (!names.empty()) names += " or ";
    names += config::v1::Role_Name(role);
  }
  return names;
}

}  // namespace

const std::vector<RpcRule>& RpcRules() {
  static const auto* rules = [] {
    const std::set<Role> asks = {config::v1::ROLE_REQUESTER, config::v1::ROLE_COUNTER};
    const std::set<Role> requester = {config::v1::ROLE_REQUESTER};
    const std::set<Role> citizen = {config::v1::ROLE_CITIZEN};
    const std::set<Role> approver = {config::v1::ROLE_APPROVER};
    const std::set<Role> notifier = {config::v1::ROLE_NOTIFIER};
    std::set<Role> asks_or_citizen = asks;
    asks_or_citizen.insert(config::v1::ROLE_CITIZEN);
    return new std::vector<RpcRule>{
        {"ConsentService/OpenConsent", asks},
        {"ConsentService/GetConsent", asks_or_citizen},
        {"ConsentService/CheckConsent", asks},
        {"ConsentService/WatchConsent", asks},
        {"ConsentService/CancelConsent", asks},
        {"ConsentService/ShowConsent", citizen},
        {"ConsentService/SendCode", citizen},
        {"ConsentService/DecideConsent", citizen},
        {"ConsentService/WithdrawConsent", citizen},
        {"ConsentService/SuspendConsent", citizen},
        {"ConsentService/ResumeConsent", citizen},
        {"ConsentService/PreviewConsent", citizen},
        {"ConsentService/GrantConsent", citizen},
        {"ConsentService/ListPersonConsents", citizen},
        {"ConsentService/ListAgencyConsents", asks},
        {"ConsentService/ListCaseConsents", asks},
        {"ConsentService/GetConsentReceipt", asks_or_citizen},
        {"ConsentService/BatchCheckConsent", requester},
        {"ConsentService/StreamCheckConsent", requester},
        {"ConsentService/WatchCase", asks},
        {"ConsentService/WatchAgency", asks},
        {"DocumentService/FetchDocuments", asks},
        {"DocumentService/ResumeDocument", asks},
        {"DocumentService/AcknowledgeDocuments", asks},
        {"CatalogueService/GetCatalogue", {}},
        {"CatalogueService/ListKinds", {}},
        {"CatalogueService/GetAffair", {}},
        {"CatalogueService/SuspendApproval", approver},
        {"CatalogueService/LiftApproval", approver},
        {"CatalogueService/GetSignedCatalogue", {}},
        {"CatalogueService/ApplyCatalogue", approver},
        {"HistoryService/ListPersonHistory", citizen},
        {"HistoryService/ListCaseHistory", asks},
        {"HistoryService/RecordLookUp", {config::v1::ROLE_RESOLVER}},
        {"LedgerService/GetCheckpoint", {}},
        {"LedgerService/GetInclusionProof", {}},
        {"LedgerService/GetConsistencyProof", {}},
        {"MessageService/FollowMessages", notifier},
        {"MessageService/AcknowledgeMessages", notifier},
    };
  }();
  return *rules;
}

absl::StatusOr<Caller> Authenticator::Authorize(const PeerIdentity& identity,
                                                absl::string_view rpc) const {
  std::optional<std::set<Role>> roles = roles_of_(identity);
  if (!roles.has_value()) return CallerUnknown();
  const auto& rules = RpcRules();
  const auto rule = std::find_if(rules.begin(), rules.end(),
                                 [&](const RpcRule& candidate) { return candidate.rpc == rpc; });
  // A call that stands in no table is nobody's.
  if (rule == rules.end()) return RoleNotAllowed("no role");
  const bool may =
      rule->roles.empty() || std::any_of(rule->roles.begin(), rule->roles.end(),
                                         [&](Role role) { return roles->count(role) != 0; });
  if (!may) return RoleNotAllowed(RoleNames(rule->roles));
  return Caller{identity.agency, identity.service, *std::move(roles)};
}

absl::Status RequireCaseContext(const Caller& caller, bool has_case,
                                const v1::CaseContext& context) {
  if (!caller.Has(config::v1::ROLE_COUNTER)) return absl::OkStatus();
  if (!has_case) return FieldMissing("case");
  if (context.official_id().empty()) return FieldMissing("case.official_id");
  if (context.terminal_id().empty()) return FieldMissing("case.terminal_id");
  if (context.case_number().empty()) return FieldMissing("case.case_number");
  return absl::OkStatus();
}

}  // namespace naru
