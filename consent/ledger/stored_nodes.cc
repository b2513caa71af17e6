#include "consent/ledger/stored_nodes.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/store/keys.h"

namespace naru {

merkle::NodeReader StoredNodes(const Reader* store, uint16_t ledger) {
  return [store, ledger](merkle::NodeId node) -> absl::StatusOr<std::string> {
    ABSL_ASSIGN_OR_RETURN(std::optional<std::string> hash,
                          store->Get(Table::kLedger, keys::Node(ledger, node.level, node.index)));
    if (!hash.has_value() || hash->size() != crypto::kHashBytes) {
      return DataDamaged(absl::StrCat("node ", node.index, " of level ", node.level, " of ledger ",
                                      ledger, " is ", hash.has_value() ? "misshapen" : "missing"));
    }
    return *std::move(hash);
  };
}

std::string LeafDataOf(const storage::v1::RecordRow& record) {
  return merkle::LeafData(record.outer_salt(),
                          merkle::InnerHash(record.inner_salt(), record.inner()), record.outer());
}

absl::StatusOr<storage::v1::RecordRow> CheckedRecord(uint64_t index, absl::string_view value,
                                                     absl::string_view leaf_hash) {
  storage::v1::RecordRow record;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return DataDamaged(absl::StrCat("the record of ledger entry ", index, " cannot be read"));
  }
  if (merkle::LeafHash(LeafDataOf(record)) != leaf_hash) {
    return DataDamaged(
        absl::StrCat("the record of ledger entry ", index, " does not match its leaf"));
  }
  return record;
}

}  // namespace naru
