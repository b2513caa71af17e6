#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "adapters/cli/commands.h"
#include "broker/base/status_macros.h"

namespace naru::cli {
namespace {

absl::StatusOr<int> ShowCheckpoint(Session& session) {
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  ABSL_ASSIGN_OR_RETURN(const client::NaruClient::CheckedCheckpoint checked,
                        client->GetCheckpoint());
  Printer& printer = session.printer();
  v1::GetCheckpointResponse response;
  response.set_checkpoint(checked.note);
  printer.Json(response);
  printer.Field({"원장", "Origin"}, checked.checkpoint.origin);
  printer.Field({"기록 수", "Size"}, absl::StrCat(checked.checkpoint.size));
  printer.Field({"뿌리", "Root"}, absl::BytesToHexString(checked.checkpoint.root));
  if (checked.extends > 0) {
    printer.Field({"이어짐 확인", "Proven to extend"}, absl::StrCat(checked.extends));
  }
  printer.Line({"서명을 확인했습니다.", "Every pinned key signed it."});
  return kExitOk;
}

struct ProofOptions {
  uint64_t index = 0, tree_size = 0, first = 0, second = 0;
};

template <typename Response>
void ShowPath(Session& session, const Response& response) {
  session.printer().Json(response);
  for (const std::string& hash : response.path()) {
    session.printer().Field({"해시", "Hash"}, absl::BytesToHexString(hash));
  }
}

absl::StatusOr<int> Inclusion(Session& session, const ProofOptions& options) {
  v1::GetInclusionProofRequest request;
  request.set_index(options.index);
  request.set_tree_size(options.tree_size);
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  ABSL_ASSIGN_OR_RETURN(const v1::GetInclusionProofResponse response,
                        client->GetInclusionProof(request));
  ShowPath(session, response);
  return kExitOk;
}

absl::StatusOr<int> Consistency(Session& session, const ProofOptions& options) {
  v1::GetConsistencyProofRequest request;
  request.set_first_size(options.first);
  request.set_second_size(options.second);
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  ABSL_ASSIGN_OR_RETURN(const v1::GetConsistencyProofResponse response,
                        client->GetConsistencyProof(request));
  ShowPath(session, response);
  return kExitOk;
}

}  // namespace

void AddLedgerCommands(Command program, Session* session) {
  Command ledger = program.AddCommand("ledger", "the ledger's public face");
  ledger.NeedsCommand();
  session->OnCommand(ledger.AddCommand("checkpoint", "newest checkpoint, checked"),
                     [session] { return ShowCheckpoint(*session); });
  const auto options = std::make_shared<ProofOptions>();
  Command inclusion = ledger.AddCommand("inclusion", "path of one entry to the root");
  inclusion.Add("--index", &options->index, "index of the entry").Required();
  inclusion.Add("--tree-size", &options->tree_size, "size of the tree").Required();
  session->OnCommand(inclusion, [session, options] { return Inclusion(*session, *options); });
  Command consistency = ledger.AddCommand("consistency", "proof that one tree extends another");
  consistency.Add("--first", &options->first, "older size").Required();
  consistency.Add("--second", &options->second, "newer size").Required();
  session->OnCommand(consistency, [session, options] { return Consistency(*session, *options); });
}

}  // namespace naru::cli
