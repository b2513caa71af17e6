#include "broker/proof/ledger_proof.h"

#include <glog/logging.h>

#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "broker/proof/merkle.h"

namespace naru {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kCheckpointFileBytesMax = 16 * 1024;

struct VerifiedProof {
  v1::OuterEntry entry;
  Checkpoint checkpoint;
};

absl::Status Refused(absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat("ledger proof: ", what));
}

absl::StatusOr<VerifiedProof> VerifyProof(const v1::LedgerProof& proof,
                                          const CheckpointVerifier& verifier) {
  VerifiedProof verified;
  ABSL_ASSIGN_OR_RETURN(verified.checkpoint, verifier.Verify(proof.checkpoint()));
  if (proof.origin() != verified.checkpoint.origin) return Refused("of another origin");
  if (proof.tree_size() != verified.checkpoint.size) return Refused("of another tree size");
  if (proof.outer_salt().size() != kSaltBytes) return Refused("salt is not 16 bytes");
  if (proof.inner_hash().size() != crypto::kHashBytes) return Refused("inner hash is not 32 bytes");
  const std::string leaf = merkle::LeafData(proof.outer_salt(), proof.inner_hash(), proof.outer());
  ABSL_RETURN_IF_ERROR(merkle::VerifyInclusion(
      merkle::LeafHash(leaf), proof.index(), proof.tree_size(),
      {proof.inclusion_path().begin(), proof.inclusion_path().end()}, verified.checkpoint.root));
  if (!verified.entry.ParseFromString(proof.outer())) return Refused("entry cannot be read");
  return verified;
}

}  // namespace

absl::StatusOr<v1::OuterEntry> VerifyLedgerProof(const v1::LedgerProof& proof,
                                                 const CheckpointVerifier& verifier) {
  ABSL_ASSIGN_OR_RETURN(VerifiedProof verified, VerifyProof(proof, verifier));
  return std::move(verified.entry);
}

CheckpointKeeper::CheckpointKeeper(std::string path, CheckpointVerifier verifier)
    : path_(std::move(path)), verifier_(std::move(verifier)) {}

absl::StatusOr<std::unique_ptr<CheckpointKeeper>> CheckpointKeeper::Open(
    std::string path, CheckpointVerifier verifier) {
  auto keeper = absl::WrapUnique(new CheckpointKeeper(std::move(path), std::move(verifier)));
  if (keeper->path_.empty()) return keeper;
  absl::StatusOr<std::string> note = ReadFile(keeper->path_, kCheckpointFileBytesMax);
  if (absl::IsNotFound(note.status())) return keeper;
  if (absl::IsOutOfRange(note.status())) return DataDamaged("checkpoint file: too large");
  if (!note.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint file: ", note.status().message()));
  }
  absl::StatusOr<Checkpoint> checkpoint = keeper->verifier_.Verify(*note);
  if (!checkpoint.ok()) {
    return DataDamaged(absl::StrCat("checkpoint file: ", checkpoint.status().message()));
  }
  absl::MutexLock lock(&keeper->mu_);
  keeper->known_ = {checkpoint->size, checkpoint->root};
  keeper->note_ = *std::move(note);
  keeper->written_size_ = checkpoint->size;
  return keeper;
}

CheckpointKeeper::Known CheckpointKeeper::known() const {
  absl::MutexLock lock(&mu_);
  return known_;
}

absl::StatusOr<v1::OuterEntry> CheckpointKeeper::Verify(const v1::LedgerProof& proof,
                                                        const Known& known) {
  ABSL_ASSIGN_OR_RETURN(VerifiedProof verified, VerifyProof(proof, verifier_));
  if (proof.known_size() != known.size) return Refused("starts from another size than asked");
  ABSL_RETURN_IF_ERROR(merkle::VerifyConsistency(
      known.size, known.root, verified.checkpoint.size, verified.checkpoint.root,
      {proof.consistency_path().begin(), proof.consistency_path().end()}));
  ABSL_RETURN_IF_ERROR(Remember(verified.checkpoint, proof.checkpoint()));
  return std::move(verified.entry);
}

absl::Status CheckpointKeeper::Remember(const Checkpoint& checkpoint, absl::string_view note) {
  absl::MutexLock lock(&mu_);
  if (checkpoint.size == known_.size && known_.size > 0 && checkpoint.root != known_.root) {
    return Refused("another tree of the size that is known");
  }
  if (checkpoint.size > known_.size) {
    known_ = {checkpoint.size, checkpoint.root};
    note_ = std::string(note);
  }
  return path_.empty() ? absl::OkStatus() : AwaitWritten(checkpoint.size);
}

absl::Status CheckpointKeeper::AwaitWritten(uint64_t size) {
  while (written_size_ < size) {
    if (writing_) {
      mu_.Await(absl::Condition(
          +[](bool* writing) { return !*writing; }, &writing_));
      continue;
    }
    writing_ = true;
    const uint64_t note_size = known_.size;
    const std::string note = note_;
    mu_.Unlock();
    const absl::Status written = AtomicWriteFile(path_, note);
    mu_.Lock();
    writing_ = false;
    if (!written.ok()) {
      LOG(ERROR) << "checkpoint file: " << written;
      return NotReady("the checkpoint file cannot be written");
    }
    written_size_ = note_size;
  }
  return absl::OkStatus();
}

}  // namespace naru
