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

void AddLedgerCommands(CLI::App& app, Session* session) {
  CLI::App* const ledger = app.add_subcommand("ledger", "the ledger's public face");
  ledger->require_subcommand(1);
  session->OnCommand(ledger->add_subcommand("checkpoint", "newest checkpoint, checked"),
                     [session] { return ShowCheckpoint(*session); });
  const auto options = std::make_shared<ProofOptions>();
  CLI::App* const inclusion = ledger->add_subcommand("inclusion", "path of one entry to the root");
  inclusion->add_option("--index", options->index, "index of the entry")->required();
  inclusion->add_option("--tree-size", options->tree_size, "size of the tree")->required();
  session->OnCommand(inclusion, [session, options] { return Inclusion(*session, *options); });
  CLI::App* const consistency =
      ledger->add_subcommand("consistency", "proof that one tree extends another");
  consistency->add_option("--first", options->first, "older size")->required();
  consistency->add_option("--second", options->second, "newer size")->required();
  session->OnCommand(consistency, [session, options] { return Consistency(*session, *options); });
}

}  // namespace naru::cli
