#ifndef NARU_BROKER_PROOF_FAKE_LEDGER_H_
#define NARU_BROKER_PROOF_FAKE_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/proof/checkpoint.h"
#include "broker/proof/merkle.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {

// A ledger in memory with keys of its own, whose proofs verify: for tests of what checks proofs.
// Not thread-safe.
class FakeLedger {
 public:
  explicit FakeLedger(absl::string_view origin = "naru.example/ledger/0");

  // Appends an entry and gives its index.
  uint64_t Append(const v1::OuterEntry& entry);
  uint64_t size() const { return range_.size(); }

  // Proof of entry `index` under the checkpoint at `tree_size` leaves, from `known_size` (0 for
  // none).
  v1::LedgerProof Prove(uint64_t index, uint64_t tree_size, uint64_t known_size = 0) const;
  // The signed checkpoint at `tree_size` leaves.
  std::string SignedCheckpoint(uint64_t tree_size) const;

  std::vector<std::string> VerifierKeys() const { return signer_.VerifierKeys(); }
  CheckpointVerifier Verifier() const;

  // Drops the entries from `size` on. What is appended then makes another tree under the same keys:
  // what a broker that tells two stories does.
  void ForgetEntriesFrom(uint64_t size);

 private:
  merkle::NodeReader Reader() const;

  CheckpointSigner signer_;
  merkle::CompactRange range_;
  std::map<merkle::NodeId, std::string> nodes_;
  std::vector<v1::LedgerProof> records_;  // outer, outer_salt and inner_hash are set.
};

}  // namespace naru

#endif  // NARU_BROKER_PROOF_FAKE_LEDGER_H_
