#ifndef NARU_CONSENT_LEDGER_LEDGER_FILLER_H_
#define NARU_CONSENT_LEDGER_LEDGER_FILLER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/proof/checkpoint.h"
#include "consent/ledger/ledger.h"
#include "consent/store/memory_store.h"
#include "naru/storage/v1/storage.pb.h"

namespace naru {

// A ledger over a store in memory with records that mean nothing, for tests of what reads ledgers.
// Not thread-safe.
class LedgerFiller {
 public:
  static constexpr char kOrigin[] = "naru.example/ledger/0";

  // A new ledger.
  LedgerFiller();

  static std::unique_ptr<CheckpointSigner> NewSigner();
  // The record of an entry of this filler: always the same.
  static storage::v1::RecordRow RecordOf(uint64_t index);

  Ledger& ledger() { return *ledger_; }
  MemoryStore& store() { return *store_; }
  const CheckpointSigner& signer() const { return *signer_; }
  // Time of the newest group.
  absl::Time time() const { return time_; }
  // Root of every size that a group ended at, and of the empty tree.
  const std::map<uint64_t, std::string>& roots() const { return roots_; }

  // Commits a group of so many entries; ends the process when it cannot.
  void Commit(uint64_t count);
  // What opening the present state gives.
  absl::Status OpenAgain() const;
  // Goes on with the state of `store` as a restart finds it; ends the process when it does not
  // open.
  void Reopen(const MemoryStore& store);

 private:
  std::unique_ptr<CheckpointSigner> signer_ = NewSigner();
  std::unique_ptr<MemoryStore> store_;
  std::unique_ptr<Ledger> ledger_;
  absl::Time time_ = absl::FromUnixSeconds(1'795'000'000);
  std::map<uint64_t, std::string> roots_;
};

}  // namespace naru

#endif  // NARU_CONSENT_LEDGER_LEDGER_FILLER_H_
