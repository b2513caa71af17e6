#ifndef NARU_BROKER_PROOF_LEDGER_PROOF_H_
#define NARU_BROKER_PROOF_LEDGER_PROOF_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "broker/proof/checkpoint.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {

// Checks that an entry is in a tree whose checkpoint the pinned keys signed, and gives the entry.
// Does not look at consistency: CheckpointKeeper does. FAILED_PRECONDITION says which step failed.
absl::StatusOr<v1::OuterEntry> VerifyLedgerProof(const v1::LedgerProof& proof,
                                                 const CheckpointVerifier& verifier);

// Keeps the last checkpoint a verifier saw, in a file, and refuses a tree that does not extend it.
// Thread-safe.
//
// Use: `Known()` before a call, send its size, then Verify each proof that comes back with that
// very value. Calls that run at once may answer in any order; the largest checkpoint is kept. Of
// two that run at once each is proven to extend what was known before both, not the other.
class CheckpointKeeper {
 public:
  struct Known {
    uint64_t size = 0;
    std::string root;
  };
  // Reads `path` when it exists (an empty path keeps in memory only). DATA_LOSS when it does not
  // verify. FAILED_PRECONDITION when it cannot be read.
  static absl::StatusOr<std::unique_ptr<CheckpointKeeper>> Open(std::string path,
                                                                CheckpointVerifier verifier);

  Known known() const ABSL_LOCKS_EXCLUDED(mu_);
  // VerifyLedgerProof, then that the tree extends `known`; then remembers the checkpoint (written
  // whole: temporary file, fdatasync, rename) if it is the largest. FAILED_PRECONDITION says which
  // step failed. When OK comes back, the file has this checkpoint or a larger one; calls that run
  // at once share one write. UNAVAILABLE when it could not be written: the proof is then not to be
  // relied on.
  absl::StatusOr<v1::OuterEntry> Verify(const v1::LedgerProof& proof, const Known& known)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  CheckpointKeeper(std::string path, CheckpointVerifier verifier);
  absl::Status Remember(const Checkpoint& checkpoint, absl::string_view note)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status AwaitWritten(uint64_t size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::string path_;
  const CheckpointVerifier verifier_;
  mutable absl::Mutex mu_;
  Known known_ ABSL_GUARDED_BY(mu_);
  std::string note_ ABSL_GUARDED_BY(mu_);           // Of known_.
  uint64_t written_size_ ABSL_GUARDED_BY(mu_) = 0;  // Of the note in the file.
  bool writing_ ABSL_GUARDED_BY(mu_) =
      false;  // One call writes, without the lock; others wait for it.
};

}  // namespace naru

#endif  // NARU_BROKER_PROOF_LEDGER_PROOF_H_
