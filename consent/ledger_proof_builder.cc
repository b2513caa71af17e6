#include "consent/ledger_proof_builder.h"

#include <glog/logging.h>

#include <string>
#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/merkle.h"

namespace naru {
namespace {

// Sets tree, checkpoint and what leads to them from the tree the receiver knows.
absl::Status SetTree(const Ledger& ledger, uint64_t size, const std::string& checkpoint,
                     uint64_t known_size, v1::LedgerProof* proof) {
  if (known_size > size) {
    return FieldMalformed("known_tree_size", "at most the size of the ledger");
  }
  proof->set_origin(ledger.origin());
  proof->set_tree_size(size);
  proof->set_checkpoint(checkpoint);
  proof->set_known_size(known_size);
  if (known_size == 0) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(std::vector<std::string> path, ledger.ConsistencyPath(known_size, size));
  for (std::string& hash : path) proof->add_consistency_path(std::move(hash));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::LedgerProof> ProveCommitted(const Ledger& ledger, const Committed& committed,
                                               size_t entry, uint64_t known_size) {
  CHECK_LT(entry, committed.entries.size());
  const CommittedEntry& proved = committed.entries[entry];
  v1::LedgerProof proof;
  ABSL_RETURN_IF_ERROR(
      SetTree(ledger, committed.tree_size, committed.checkpoint, known_size, &proof));
  proof.set_index(proved.index);
  proof.set_outer(proved.outer_bytes);
  proof.set_outer_salt(proved.outer_salt);
  proof.set_inner_hash(proved.inner_hash);
  for (const std::string& hash : proved.inclusion_path) proof.add_inclusion_path(hash);
  return proof;
}

absl::StatusOr<v1::LedgerProof> ProveEntry(const Ledger& ledger, uint64_t index,
                                           uint64_t known_size) {
  const Ledger::Newest newest = ledger.newest();
  v1::LedgerProof proof;
  ABSL_RETURN_IF_ERROR(SetTree(ledger, newest.head.size, newest.checkpoint, known_size, &proof));
  ABSL_ASSIGN_OR_RETURN(storage::v1::RecordRow record, ledger.Record(index));
  ABSL_ASSIGN_OR_RETURN(std::vector<std::string> path,
                        ledger.InclusionPath(index, newest.head.size));
  proof.set_index(index);
  proof.set_inner_hash(merkle::InnerHash(record.inner_salt(), record.inner()));
  proof.set_outer(std::move(*record.mutable_outer()));
  proof.set_outer_salt(std::move(*record.mutable_outer_salt()));
  for (std::string& hash : path) proof.add_inclusion_path(std::move(hash));
  return proof;
}

}  // namespace naru
