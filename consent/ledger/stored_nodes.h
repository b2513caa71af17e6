#ifndef NARU_CONSENT_LEDGER_STORED_NODES_H_
#define NARU_CONSENT_LEDGER_STORED_NODES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "broker/proof/merkle.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"

// A ledger's rows as everyone who reads them must: nothing is passed on that is missing, misshapen
// or does not match. Thread-safe.
namespace naru {

// Reads node hashes; DATA_LOSS when one is missing or not 32 bytes. `store` must outlive the
// reader.
merkle::NodeReader StoredNodes(const Reader* store, uint16_t ledger);

// The leaf data that a record's two parts and salts give.
std::string LeafDataOf(const storage::v1::RecordRow& record);

// The record inside a row's value: DATA_LOSS unless it parses and its leaf data gives `leaf_hash`.
// `index` is for the text.
absl::StatusOr<storage::v1::RecordRow> CheckedRecord(uint64_t index, absl::string_view value,
                                                     absl::string_view leaf_hash);

}  // namespace naru

#endif  // NARU_CONSENT_LEDGER_STORED_NODES_H_
