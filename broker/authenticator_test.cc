#include "broker/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "broker/base/status_matchers.h"
#include "naru/v1/catalogue_service.pb.h"
#include "naru/v1/consent_service.pb.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/history_service.pb.h"
#include "naru/v1/ledger_service.pb.h"
#include "naru/v1/message_service.pb.h"

namespace naru {
namespace {

using config::v1::Role;

// Every RPC the protos declare, as the rules name them.
std::set<std::string> DeclaredRpcs() {
  std::set<std::string> rpcs;
  for (const auto* file : {v1::OpenConsentRequest::descriptor()->file(),
                           v1::FetchDocumentsRequest::descriptor()->file(),
                           v1::GetCatalogueRequest::descriptor()->file(),
                           v1::ListPersonHistoryRequest::descriptor()->file(),
                           v1::GetCheckpointRequest::descriptor()->file(),
                           v1::FollowMessagesRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        rpcs.insert(
            absl::StrCat(file->service(s)->name(), "/", file->service(s)->method(m)->name()));
      }
    }
  }
  return rpcs;
}

// Who may call what, written down a second time from the design's table of roles: one letter a
// role.
const std::map<std::string, std::string>& Oracle() {
  static const auto* oracle = new std::map<std::string, std::string>{
      // R requester, C counter, Z citizen, V resolver, N notifier, A approver, * anybody known.
      {"ConsentService/OpenConsent", "RC"},
      {"ConsentService/GetConsent", "RCZ"},
      {"ConsentService/CheckConsent", "RC"},
      {"ConsentService/WatchConsent", "RC"},
      {"ConsentService/CancelConsent", "RC"},
      {"ConsentService/ShowConsent", "Z"},
      {"ConsentService/SendCode", "Z"},
      {"ConsentService/DecideConsent", "Z"},
      {"ConsentService/WithdrawConsent", "Z"},
      {"ConsentService/SuspendConsent", "Z"},
      {"ConsentService/ResumeConsent", "Z"},
      {"ConsentService/PreviewConsent", "Z"},
      {"ConsentService/GrantConsent", "Z"},
      {"ConsentService/ListPersonConsents", "Z"},
      {"ConsentService/ListAgencyConsents", "RC"},
      {"ConsentService/ListCaseConsents", "RC"},
      {"ConsentService/GetConsentReceipt", "RCZ"},
      {"ConsentService/BatchCheckConsent", "R"},
      {"ConsentService/StreamCheckConsent", "R"},
      {"ConsentService/WatchCase", "RC"},
      {"ConsentService/WatchAgency", "RC"},
      {"DocumentService/FetchDocuments", "RC"},
      {"DocumentService/ResumeDocument", "RC"},
      {"DocumentService/AcknowledgeDocuments", "RC"},
      {"CatalogueService/GetCatalogue", "*"},
      {"CatalogueService/ListKinds", "*"},
      {"CatalogueService/GetAffair", "*"},
      {"CatalogueService/SuspendApproval", "A"},
      {"CatalogueService/LiftApproval", "A"},
      {"CatalogueService/GetSignedCatalogue", "*"},
      {"CatalogueService/ApplyCatalogue", "A"},
      {"HistoryService/ListPersonHistory", "Z"},
      {"HistoryService/ListCaseHistory", "RC"},
      {"HistoryService/RecordLookUp", "V"},
      {"LedgerService/GetCheckpoint", "*"},
      {"LedgerService/GetInclusionProof", "*"},
      {"LedgerService/GetConsistencyProof", "*"},
      {"MessageService/FollowMessages", "N"},
      {"MessageService/AcknowledgeMessages", "N"},
  };
  return *oracle;
}

char Letter(Role role) {
  switch (role) {
    case config::v1::ROLE_REQUESTER:
      return 'R';
    case config::v1::ROLE_COUNTER:
      return 'C';
    case config::v1::ROLE_CITIZEN:
      return 'Z';
    case config::v1::ROLE_RESOLVER:
      return 'V';
    case config::v1::ROLE_NOTIFIER:
      return 'N';
    case config::v1::ROLE_APPROVER:
      return 'A';
    default:
      return '-';
  }
}

Authenticator WithRoles(std::set<Role> roles) {
  return Authenticator([roles](const PeerIdentity&) { return roles; });
}

const PeerIdentity kAnybody{"1741000", "system"};

TEST(AuthenticatorTest, EveryDeclaredRpcHasARule) {
  std::set<std::string> ruled;
  for (const RpcRule& rule : RpcRules()) ruled.insert(std::string(rule.rpc));
  EXPECT_EQ(ruled, DeclaredRpcs());
  EXPECT_EQ(ruled.size(), RpcRules().size()) << "an RPC stands twice";
}

TEST(AuthenticatorTest, P9_P10_EveryRoleMayCallWhatTheDesignSaysAndNothingElse) {
  for (const auto& [rpc, letters] : Oracle()) {
    for (int number = config::v1::Role_MIN; number <= config::v1::Role_MAX; ++number) {
      if (number == config::v1::ROLE_UNSPECIFIED) continue;
      const Role role = static_cast<Role>(number);
      const bool may = letters == "*" || letters.find(Letter(role)) != std::string::npos;
      const auto caller = WithRoles({role}).Authorize(kAnybody, rpc);
      if (may) {
        EXPECT_THAT(caller, IsOk()) << rpc << " " << config::v1::Role_Name(role);
      } else {
        EXPECT_THAT(caller, StatusIs(absl::StatusCode::kPermissionDenied))
            << rpc << " " << config::v1::Role_Name(role);
      }
    }
  }
}

TEST(AuthenticatorTest, ACertificateThatTheCatalogueDoesNotKnowIsNobody) {
  const Authenticator authenticator([](const PeerIdentity&) { return std::nullopt; });
  EXPECT_THAT(authenticator.Authorize(kAnybody, "LedgerService/GetCheckpoint"),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(AuthenticatorTest, AnRpcWithoutRuleIsNobodys) {
  EXPECT_THAT(WithRoles({config::v1::ROLE_REQUESTER}).Authorize(kAnybody, "ConsentService/Other"),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST(AuthenticatorTest, ACounterMustNameOfficialTerminalAndCase) {
  const Caller counter{"B553077", "counter", {config::v1::ROLE_COUNTER}};
  const Caller requester{"B553077", "system", {config::v1::ROLE_REQUESTER}};
  v1::CaseContext context;
  EXPECT_THAT(RequireCaseContext(counter, false, context),
              HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
  context.set_official_id("kim");
  context.set_terminal_id("desk-3");
  EXPECT_THAT(RequireCaseContext(counter, true, context),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("case_number")));
  context.set_case_number("2026-1");
  EXPECT_THAT(RequireCaseContext(counter, true, context), IsOk());
  EXPECT_THAT(RequireCaseContext(requester, false, {}), IsOk());
}

}  // namespace
}  // namespace naru
