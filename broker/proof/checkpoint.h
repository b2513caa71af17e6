#ifndef NARU_BROKER_PROOF_CHECKPOINT_H_
#define NARU_BROKER_PROOF_CHECKPOINT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/proof/crypto.h"

// A checkpoint (C2SP tlog-checkpoint) is a signed note (C2SP signed-note):
//
//   naru.example/ledger/0                             origin
//   20852163                                          number of leaves, decimal
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root, base64
//                                                     (what is above is signed, up to its last
//                                                     newline)
//   — naru.example/ledger/0 Az3grl...                 em dash (U+2014), key name, base64(key id ||
//   signature) — naru.example/ledger/0 kcFuMD...                 one line a signature
//
// A verifier key, as it is pinned, is one line: name + "+" + key id as 8 hexadecimal digits + "+" +
// base64(type || key).
//   type 1, Ed25519:     key is the 32 raw bytes; key id = SHA-256(name || "\n" || 0x01 ||
//   key)[:4]. type 2, ECDSA P-256: key is DER SubjectPublicKeyInfo; key id = SHA-256(key)[:4],
//   without name and type: the one
//                        type for which signed-note has its own rule, so that the public tools find
//                        our signatures.
// Ours have no extension lines, and a note that has some is refused.
namespace naru {

// A tree head: what a checkpoint says (C2SP tlog-checkpoint).
struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  std::string root;  // 32 bytes.
};

// Whether a ledger can have this origin: 1 to 128 visible ASCII characters other than "+", as key
// names must be.
bool IsValidOrigin(absl::string_view origin);

// Signs checkpoints as C2SP signed notes. Thread-safe.
class CheckpointSigner {
 public:
  // One Ed25519 key (signature type 1, for the public tools) and one ECDSA P-256 key (type 2), both
  // named `origin`, which is valid.
  CheckpointSigner(std::string origin, std::unique_ptr<crypto::SigningKey> ed25519,
                   std::unique_ptr<crypto::SigningKey> ecdsa);
  const std::string& origin() const { return origin_; }
  // The note: text, blank line, one line a signature. The checkpoint is of this origin, its root 32
  // bytes.
  std::string Sign(const Checkpoint& checkpoint) const;
  // Verifier key lines ("name+hash+base64 of type and key"), as verifiers pin them.
  std::vector<std::string> VerifierKeys() const;

 private:
  std::string origin_;
  std::unique_ptr<crypto::SigningKey> ed25519_;
  std::unique_ptr<crypto::SigningKey> ecdsa_;
};

// Checks notes against pinned keys. Thread-safe.
class CheckpointVerifier {
 public:
  // INVALID_ARGUMENT names the line that is not a verifier key, or says that there is none, or that
  // names differ.
  static absl::StatusOr<CheckpointVerifier> Create(const std::vector<std::string>& verifier_keys);
  CheckpointVerifier(CheckpointVerifier&&) noexcept;
  ~CheckpointVerifier();

  // The one name of the keys.
  const std::string& origin() const { return origin_; }
  // FAILED_PRECONDITION unless EVERY pinned key signed the note and the note is of the keys'
  // origin; at most 16 KiB and 16 signatures are looked at. Signatures of keys that are not pinned
  // are passed over.
  absl::StatusOr<Checkpoint> Verify(absl::string_view note) const;

 private:
  struct Key;
  CheckpointVerifier();
  std::string origin_;
  std::vector<Key> keys_;
};

}  // namespace naru

#endif  // NARU_BROKER_PROOF_CHECKPOINT_H_
