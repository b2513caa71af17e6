#ifndef NARU_BROKER_PROOF_KEY_RING_H_
#define NARU_BROKER_PROOF_KEY_RING_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/proof/crypto.h"

namespace naru {

// Owner of the broker's receipt keys.
inline constexpr absl::string_view kReceiptKeyOwner = "receipt";
// Owner of an identity provider's keys: "provider:<issuer>". No agency code has a colon.
std::string ProviderKeyOwner(absl::string_view issuer);

// Owner of the keys of a person who signs catalogues: "signer:<official id>".
std::string SignerKeyOwner(absl::string_view official_id);

// Public keys by owner and key id, each with the time it counts. Add fills it before it is shared;
// from then on it is read, and replaced as a whole when another catalogue comes into force.
// Thread-safe but for Add.
class KeyRing {
 public:
  // Owners: an agency code (header keys), kReceiptKeyOwner, ProviderKeyOwner(issuer).
  // ALREADY_EXISTS when owner and key id are in the ring.
  absl::Status Add(absl::string_view owner, std::unique_ptr<crypto::VerifyingKey> key,
                   absl::Time valid_from, absl::Time valid_until);

  // The key, or nullptr when the owner has none of that id that counts at `now`: valid_from <= now
  // < valid_until. It stays good whatever replaces the ring.
  std::shared_ptr<const crypto::VerifyingKey> Find(absl::string_view owner,
                                                   absl::string_view key_id, absl::Time now) const;

  // Holds the other's keys from now on, and none of its own. `other` is shared with nobody.
  void Replace(KeyRing other);

 private:
  struct Entry {
    std::shared_ptr<const crypto::VerifyingKey> key;
    absl::Time valid_from;
    absl::Time valid_until;
  };
  // On the heap, so that a ring that is not shared yet can be moved.
  std::unique_ptr<absl::Mutex> mu_ = std::make_unique<absl::Mutex>();
  std::map<std::pair<std::string, std::string>, Entry> keys_ ABSL_GUARDED_BY(*mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_PROOF_KEY_RING_H_
