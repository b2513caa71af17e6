#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/input.h"
#include "adapters/cli/paper_files.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "google/protobuf/struct.pb.h"

namespace naru::cli {
namespace {

using client::DocumentResult;

struct Options {
  std::string consent_id, person_file, papers_file, affair, out, nonce;
  std::string mode = "VIEW";
  std::vector<uint32_t> papers;
  bool all_or_nothing = false;
};

absl::StatusOr<client::FetchOptions> FetchOptionsOf(Session& session, const Options& options) {
  client::FetchOptions fetch;
  fetch.request_id = session.request_id();
  fetch.consent_id = options.consent_id;
  ABSL_ASSIGN_OR_RETURN(fetch.person, ReadPerson(options.person_file, session.in()));
  fetch.case_context = session.Case();
  if (!options.papers_file.empty()) {
    ABSL_ASSIGN_OR_RETURN(fetch.papers, ReadPapers(options.papers_file));
  }
  fetch.paper_ids = options.papers;
  fetch.affair = options.affair;
  fetch.all_or_nothing = options.all_or_nothing;
  if (options.mode == "TRANSFER") fetch.mode = v1::ACCESS_MODE_TRANSFER;
  if (!options.nonce.empty()) {
    ABSL_ASSIGN_OR_RETURN(fetch.nonce, ParseSha256(options.nonce));
  }
  return fetch;
}

// 1 for a fault or a mismatch, else 2 for a no, else 0.
int ExitStatusOf(const client::FetchedCase& fetched) {
  int exit_status = fetched.stream.ok() ? kExitOk : kExitError;
  for (const client::FetchedDocument& document : fetched.documents) {
    switch (document.result) {
      case DocumentResult::kDelivered:
      case DocumentResult::kNoRecord:
      case DocumentResult::kRepeated:
        break;
      case DocumentResult::kDeclined:
      case DocumentResult::kDeferred:
      case DocumentResult::kNotPermitted:
        if (exit_status == kExitOk) exit_status = kExitRefused;
        break;
      default:
        exit_status = kExitError;
    }
  }
  return exit_status;
}

std::string NoteOf(const client::FetchedDocument& document, Language language) {
  if (document.refusal.reason() == v1::REFUSAL_REASON_UNSPECIFIED) return document.what;
  return absl::StrCat(ReasonText(document.refusal.reason(), language), " / ",
                      MenderText(document.refusal.mender(), language));
}

google::protobuf::Struct JsonOf(const client::FetchedCase& fetched,
                                const std::vector<std::string>& files) {
  google::protobuf::Struct root;
  auto& fields = *root.mutable_fields();
  fields["requestId"].set_string_value(fetched.request_id);
  fields["fetchId"].set_string_value(fetched.fetch_id);
  fields["consentId"].set_string_value(fetched.consent_id);
  fields["repeated"].set_bool_value(fetched.repeated);
  fields["acknowledged"].set_bool_value(fetched.acknowledged.ok());
  fields["usesLeft"].set_number_value(fetched.summary.uses_left());
  auto& list = *fields["documents"].mutable_list_value();
  for (size_t i = 0; i < fetched.documents.size(); ++i) {
    const client::FetchedDocument& document = fetched.documents[i];
    auto& one = *list.add_values()->mutable_struct_value()->mutable_fields();
    one["paperId"].set_number_value(document.paper_id);
    one["kind"].set_string_value(document.kind);
    one["holder"].set_string_value(document.holder);
    one["result"].set_string_value(std::string(client::ResultName(document.result)));
    one["releaseId"].set_string_value(document.release_id);
    if (!files[i].empty()) one["file"].set_string_value(files[i]);
    if (!document.what.empty()) one["what"].set_string_value(document.what);
    if (document.refusal.reason() != v1::REFUSAL_REASON_UNSPECIFIED) {
      one["reason"].set_string_value(v1::RefusalReason_Name(document.refusal.reason()));
      one["mender"].set_string_value(v1::Mender_Name(document.refusal.mender()));
    }
  }
  return root;
}

void Print(Printer& printer, const client::FetchedCase& fetched,
           const std::vector<std::string>& files) {
  printer.Json(JsonOf(fetched, files));
  printer.Field({"동의 번호", "Consent"}, fetched.consent_id);
  printer.Field({"요청 id", "Request id"}, fetched.request_id);
  printer.Field({"남은 횟수", "Uses left"}, absl::StrCat(fetched.summary.uses_left()));
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < fetched.documents.size(); ++i) {
    const client::FetchedDocument& document = fetched.documents[i];
    rows.push_back({absl::StrCat(document.paper_id), document.kind, document.holder,
                    ResultText(document.result, printer.language()), files[i],
                    NoteOf(document, printer.language())});
  }
  printer.Table({{"번호", "Paper"},
                 {"서류", "Kind"},
                 {"보유기관", "Holder"},
                 {"결과", "Result"},
                 {"파일", "File"},
                 {"사유", "Reason"}},
                rows);
}

absl::StatusOr<int> Fetch(Session& session, const Options& options) {
  ABSL_ASSIGN_OR_RETURN(client::FetchOptions fetch, FetchOptionsOf(session, options));
  ABSL_RETURN_IF_ERROR(MakeDirectories(options.out));
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  ABSL_ASSIGN_OR_RETURN(const client::FetchedCase fetched, client->FetchCase(std::move(fetch)));
  if (fetched.refusal.has_value()) {
    session.printer().Json(*fetched.refusal);
    session.printer().Refusal(*fetched.refusal);
    return kExitRefused;
  }
  std::vector<std::string> files;
  for (const client::FetchedDocument& document : fetched.documents) {
    ABSL_ASSIGN_OR_RETURN(std::string file, WritePaper(options.out, document));
    files.push_back(std::move(file));
  }
  ABSL_RETURN_IF_ERROR(SyncDirectory(options.out));
  Print(session.printer(), fetched, files);
  if (!fetched.stream.ok()) session.printer().Error(fetched.stream);
  // The papers are good all the same.
  if (!fetched.acknowledged.ok()) {
    session.printer().Error(
        absl::Status(fetched.acknowledged.code(),
                     absl::StrCat("not acknowledged: ", fetched.acknowledged.message())));
  }
  return ExitStatusOf(fetched);
}

}  // namespace

void AddFetchCommand(Command program, Session* session) {
  Command command = program.AddCommand("fetch", "fetch a case's papers, check and write them");
  const auto options = std::make_shared<Options>();
  command.Add("--consent-id", &options->consent_id, "the consent").Required();
  command.Add("--person-file", &options->person_file, "file with the CI").Required();
  command.Add("--out", &options->out, "folder that papers and receipts go to").Required();
  command.Add("--papers", &options->papers_file,
              "textproto of the papers as you know them (default: as the consent has them)");
  command.Add("--paper", &options->papers, "only this paper; may be given again");
  command.Add("--affair", &options->affair, "affair code; with --papers");
  command.Add("--mode", &options->mode, "how the papers may be used")
      .OneOf({"VIEW", "TRANSFER"})
      .ShowDefault();
  command.AddFlag("--all-or-nothing", &options->all_or_nothing,
                  "no paper unless every one can be had");
  command.Add("--nonce", &options->nonce,
              "64 hexadecimal characters: to repeat --request-id of another run");
  session->OnCommand(command, [session, options] { return Fetch(*session, *options); });
}

}  // namespace naru::cli
