#ifndef NARU_ADAPTERS_CLI_PAPER_FILES_H_
#define NARU_ADAPTERS_CLI_PAPER_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/client/fetched_case.h"

namespace naru::cli {

// Writes a fetched paper into `directory` (mode 0600, each whole or not at all):
//
//   <paper id>_<kind>.<json|pdf|xml|bin>   the body, when there is one
//   <paper id>_<kind>.receipt.json         what proves it
//
// The receipt file is for programs that share no code with Naru (deploy/verify/verify.py is one):
//   paper_id, kind, result, holder, requester, consent_id, fetch_id, release_id, nonce (hex)
//   body {file, size_bytes, sha256 (hex), chunk_size_bytes, chunk_sha256 [hex]}
//   header {bytes (base64), algorithm, key_id, signature (base64)}: over
//     "naru-document-header-v1\n" || bytes
//   receipt {bytes (base64), algorithm, key_id, signature (base64)}: over
//     "naru-receipt-v1\n" || bytes
//   ledger {origin, index, tree_size, outer (base64), outer_salt (hex), inner_hash (hex),
//     inclusion_path [hex], checkpoint (the signed note)}
// Gives the body's file name, empty without one. Papers of other results than delivered, no record
// and declined have no files.
absl::StatusOr<std::string> WritePaper(const std::string& directory,
                                       const client::FetchedDocument& document);

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_PAPER_FILES_H_
