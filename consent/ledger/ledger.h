#ifndef NARU_CONSENT_LEDGER_LEDGER_H_
#define NARU_CONSENT_LEDGER_LEDGER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/proof/checkpoint.h"
#include "broker/proof/merkle.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"

namespace naru {

// The Merkle tree over all entries, on top of a Store. Written by the journal alone; read by
// anyone.
//
// Writing: the journal's thread calls Begin, Append for each leaf, Finish (which gives the rows and
// the signed checkpoint), and, once they are durable, Install; or Abandon. Reading (checkpoint,
// proofs, records) is thread-safe at any time and sees only what was installed.
class Ledger {
 public:
  // What start-up found; the broker prints it.
  struct Found {
    uint64_t entries = 0;
    std::string root;           // 32 bytes.
    uint64_t head_entries = 0;  // What HEAD said.
    bool created = false;       // A new ledger.
  };

  // Opens ledger `number` of the store. Checks HEAD against the stored head row, the checkpoint's
  // signature, that the root recomputed from the right edge is the head's, and that the last 256
  // leaves match their records; all in time that does not grow with the ledger. DATA_LOSS with the
  // numbers when the store is damaged, rolled back or of another key. `store` and `signer` must
  // outlive the ledger.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(Store* store, const CheckpointSigner* signer,
                                                      uint16_t number);
  ~Ledger();

  const Found& found() const;
  uint16_t number() const;
  const std::string& origin() const;

  // --- Writing: the journal's thread alone ---
  // Time of the newest entry: entry times never go back.
  absl::Time last_time() const;
  void Begin();
  // Adds a leaf of this data (merkle::LeafData); gives its index.
  uint64_t Append(const std::string& leaf_data);
  struct Group {
    std::vector<Writes::Write> rows;  // Nodes and head row.
    LedgerHead head;
    std::string checkpoint;  // Signed.
  };
  // `time` is the group's.
  Group Finish(absl::Time time);
  // Audit path, at the size Finish gave, of a leaf of this group; from memory, no reads of the
  // store. Until the next Begin, also after Install.
  std::vector<std::string> PathInGroup(uint64_t index) const;
  void Install();
  void Abandon();

  // --- Reading: thread-safe ---
  // The newest durable checkpoint.
  std::string checkpoint() const;
  LedgerHead head() const;
  // Both of one tree.
  struct Newest {
    LedgerHead head;
    std::string checkpoint;
  };
  Newest newest() const;
  // OUT_OF_RANGE (as FieldMalformed) unless index < size <= head().size.
  absl::StatusOr<std::vector<std::string>> InclusionPath(uint64_t index, uint64_t size) const;
  // The same unless 0 < first <= second <= head().size.
  absl::StatusOr<std::vector<std::string>> ConsistencyPath(uint64_t first, uint64_t second) const;
  // The record of an entry, checked against its leaf hash: DATA_LOSS when it does not match or is
  // missing. NOT_FOUND when its term ended: retention leaves an empty value in place of the record,
  // so that nothing lost looks like it. FieldMalformed unless index < head().size.
  absl::StatusOr<storage::v1::RecordRow> Record(uint64_t index) const;

 private:
  struct Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace naru

#endif  // NARU_CONSENT_LEDGER_LEDGER_H_
