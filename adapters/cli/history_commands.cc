#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/input.h"
#include "broker/base/status_macros.h"

namespace naru::cli {
namespace {

struct HistoryOptions {
  std::string session_file, page_token;
  int32_t page_size = 0;
};

void ShowPage(Session& session, const v1::HistoryPage& page) {
  Printer& printer = session.printer();
  std::vector<std::vector<std::string>> rows;
  for (const v1::HistoryEntry& entry : page.entries()) {
    const v1::OuterEntry& outer = entry.entry();
    rows.push_back({absl::StrCat(entry.ledger_index()), Printer::TimeText(outer.time()),
                    EntryText(outer.kind(), printer.language()), outer.requester(), outer.holder(),
                    outer.document_kind(), outer.consent_id()});
  }
  printer.Table({{"기록 번호", "Index"},
                 {"때", "Time"},
                 {"이용기록", "Entry"},
                 {"이용기관", "Requester"},
                 {"보유기관", "Holder"},
                 {"서류", "Kind"},
                 {"동의 번호", "Consent"}},
                rows);
  printer.Field({"모두", "In all"}, absl::StrCat(page.total()));
  if (!page.next_page_token().empty()) {
    printer.Field({"다음 쪽", "Next page"}, page.next_page_token());
  }
}

absl::StatusOr<int> OfPerson(Session& session, const HistoryOptions& options) {
  v1::ListPersonHistoryRequest request;
  ABSL_ASSIGN_OR_RETURN(*request.mutable_session()->mutable_jws(),
                        ReadText(options.session_file, session.in()));
  request.set_page_size(options.page_size);
  request.set_page_token(options.page_token);
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::ListPersonHistoryResponse>(
      client->ListPersonHistory(request),
      [&](const v1::ListPersonHistoryResponse& response) { ShowPage(session, response.page()); });
}

absl::StatusOr<int> OfCase(Session& session, const HistoryOptions& options) {
  v1::ListCaseHistoryRequest request;
  *request.mutable_case_() = session.Case();
  request.set_page_size(options.page_size);
  request.set_page_token(options.page_token);
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  ABSL_ASSIGN_OR_RETURN(const v1::ListCaseHistoryResponse response,
                        client->ListCaseHistory(request));
  session.printer().Json(response);
  if (!session.printer().json()) ShowPage(session, response.page());
  return kExitOk;
}

}  // namespace

void AddHistoryCommands(Command program, Session* session) {
  Command history = program.AddCommand("history", "who used what, when and why");
  history.NeedsCommand();
  const auto add = [&](const char* name, const char* purpose, auto action) {
    Command command = history.AddCommand(name, purpose);
    const auto options = std::make_shared<HistoryOptions>();
    command.Add("--page-size", &options->page_size, "1 to 500");
    command.Add("--page-token", &options->page_token, "from the page before");
    session->OnCommand(command, [session, options, action] { return action(*session, *options); });
    return std::make_pair(command, options);
  };
  auto [person, options] = add("person", "of the person of a session (citizen)", OfPerson);
  person.Add("--session-file", &options->session_file, "file with the session assertion")
      .Required();
  add("case", "of the case named with --case, with --official and --terminal", OfCase);
}

}  // namespace naru::cli
