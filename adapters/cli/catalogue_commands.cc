#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/cli/commands.h"
#include "broker/base/status_macros.h"

namespace naru::cli {
namespace {

constexpr int kPagesMax = 100;

absl::StatusOr<int> Show(Session& session) {
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  ABSL_ASSIGN_OR_RETURN(const v1::GetCatalogueResponse response, client->GetCatalogue());
  session.printer().Json(response);
  session.printer().Field({"판", "Generation"}, absl::StrCat(response.generation()));
  session.printer().Field({"SHA-256", "SHA-256"}, absl::BytesToHexString(response.sha256()));
  return kExitOk;
}

absl::StatusOr<int> Kinds(Session& session) {
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  v1::ListKindsResponse all;
  v1::ListKindsRequest request;
  for (int page = 0; page < kPagesMax; ++page) {
    ABSL_ASSIGN_OR_RETURN(const v1::ListKindsResponse response, client->ListKinds(request));
    all.mutable_kinds()->MergeFrom(response.kinds());
    all.set_next_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  Printer& printer = session.printer();
  printer.Json(all);
  std::vector<std::vector<std::string>> rows;
  for (const v1::DocumentKind& kind : all.kinds()) {
    std::vector<std::string> parameters;
    for (const v1::ParameterRule& rule : kind.parameters()) parameters.push_back(rule.name());
    rows.push_back({kind.code(),
                    Words{kind.name_ko().c_str(), kind.name_en().c_str()}.in(printer.language()),
                    kind.holder(), absl::StrJoin(parameters, " ")});
  }
  printer.Table(
      {{"코드", "Code"}, {"서류", "Name"}, {"보유기관", "Holder"}, {"조건", "Parameters"}}, rows);
  return kExitOk;
}

absl::StatusOr<int> ShowAffair(Session& session, const std::string& code) {
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  v1::GetAffairRequest request;
  request.set_affair(code);
  ABSL_ASSIGN_OR_RETURN(const v1::GetAffairResponse response, client->GetAffair(request));
  Printer& printer = session.printer();
  const v1::Affair& affair = response.affair();
  printer.Json(response);
  printer.Field({"코드", "Code"}, affair.code());
  printer.Field({"사무", "Affair"},
                Words{affair.name_ko().c_str(), affair.name_en().c_str()}.in(printer.language()));
  printer.Field({"근거", "Legal basis"}, affair.legal_basis());
  printer.Field({"유효 기간(초)", "Valid for (s)"}, absl::StrCat(affair.valid_for_seconds()));
  printer.Field({"횟수", "Uses"}, absl::StrCat(affair.uses()));
  printer.Field({"보관(일)", "Retention (days)"}, absl::StrCat(affair.retention_days()));
  for (const std::string& kind : affair.kinds()) printer.Field({"서류", "Kind"}, kind);
  return kExitOk;
}

struct ApprovalOptions {
  std::string approval_id, ground;
};

void ShowApproval(Session& session, const v1::ApprovalState& state) {
  Printer& printer = session.printer();
  printer.Field({"이용 승인", "Use approval"}, state.approval_id());
  printer.Field(
      {"상태", "State"},
      Words{state.suspended() ? "정지" : "유효", state.suspended() ? "suspended" : "in force"}.in(
          printer.language()));
  printer.Field({"정지한 때", "Since"}, Printer::TimeText(state.since()));
  printer.Field({"판", "Generation"}, absl::StrCat(state.generation()));
  printer.Field({"기록 번호", "Ledger index"}, absl::StrCat(state.ledger_index()));
}

absl::StatusOr<int> Suspend(Session& session, const ApprovalOptions& options) {
  v1::SuspendApprovalRequest request;
  request.set_request_id(session.request_id());
  request.set_approval_id(options.approval_id);
  request.set_official_id(session.Case().official_id());
  request.set_ground(options.ground);
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::SuspendApprovalResponse>(
      client->SuspendApproval(request), [&](const v1::SuspendApprovalResponse& response) {
        ShowApproval(session, response.approval());
      });
}

absl::StatusOr<int> Lift(Session& session, const ApprovalOptions& options) {
  v1::LiftApprovalRequest request;
  request.set_request_id(session.request_id());
  request.set_approval_id(options.approval_id);
  request.set_official_id(session.Case().official_id());
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::LiftApprovalResponse>(client->LiftApproval(request),
                                                  [&](const v1::LiftApprovalResponse& response) {
                                                    ShowApproval(session, response.approval());
                                                  });
}

}  // namespace

void AddCatalogueCommands(Command program, Session* session) {
  Command catalogue = program.AddCommand("catalogue", "what can be asked for");
  catalogue.NeedsCommand();
  session->OnCommand(catalogue.AddCommand("show", "generation and digest in force"),
                     [session] { return Show(*session); });
  session->OnCommand(catalogue.AddCommand("kinds", "document kinds"),
                     [session] { return Kinds(*session); });
  Command affair = catalogue.AddCommand("affair", "one affair");
  const auto code = std::make_shared<std::string>();
  affair.Add("code", code.get(), "affair code").Required();
  session->OnCommand(affair, [session, code] { return ShowAffair(*session, *code); });
  AddSignedCatalogueCommands(catalogue, session);
}

void AddApprovalCommands(Command program, Session* session) {
  Command approval = program.AddCommand("approval", "use approvals (approver)");
  approval.NeedsCommand();
  const auto options = std::make_shared<ApprovalOptions>();
  Command suspend =
      approval.AddCommand("suspend", "suspend at once; name yourself with --official");
  suspend.Add("--approval-id", &options->approval_id, "the approval").Required();
  suspend.Add("--ground", &options->ground, "ground of law").Required();
  session->OnCommand(suspend, [session, options] { return Suspend(*session, *options); });
  Command lift = approval.AddCommand("lift", "lift a suspension; takes two persons, one call each");
  lift.Add("--approval-id", &options->approval_id, "the approval").Required();
  session->OnCommand(lift, [session, options] { return Lift(*session, *options); });
}

}  // namespace naru::cli
