#ifndef NARU_CONSENT_LEDGER_PROOF_BUILDER_H_
#define NARU_CONSENT_LEDGER_PROOF_BUILDER_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "consent/change.h"
#include "consent/ledger/ledger.h"
#include "naru/v1/common.pb.h"

// Makes the proofs that travel with answers. Thread-safe. `known_size` is the tree that the
// receiver knows, as its call says in known_tree_size; 0 for none.
// FieldMalformed("known_tree_size") when it is larger than the proof's tree.
namespace naru {

// The proof of an entry that was just committed, under its group's checkpoint. Reads the ledger for
// the consistency path alone. `entry` is less than committed.entries.size().
absl::StatusOr<v1::LedgerProof> ProveCommitted(const Ledger& ledger, const Committed& committed,
                                               size_t entry, uint64_t known_size);

// The proof of any entry under the newest checkpoint, from the store: for repeats (P7) and
// histories. NOT_FOUND when the record's term ended, DATA_LOSS when it is damaged, FieldMalformed
// unless the ledger has that index.
absl::StatusOr<v1::LedgerProof> ProveEntry(const Ledger& ledger, uint64_t index,
                                           uint64_t known_size);

}  // namespace naru

#endif  // NARU_CONSENT_LEDGER_PROOF_BUILDER_H_
