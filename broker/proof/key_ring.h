#ifndef NARU_BROKER_PROOF_KEY_RING_H_
#define NARU_BROKER_PROOF_KEY_RING_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/proof/crypto.h"

namespace naru {

// Owner of the broker's receipt keys.
inline constexpr absl::string_view kReceiptKeyOwner = "receipt";
// Owner of an identity provider's keys: "provider:<issuer>". No agency code has a colon.
std::string ProviderKeyOwner(absl::string_view issuer);

// Public keys by owner and key id, each with the time it counts. Filled once, then only read:
// thread-safe after that.
class KeyRing {
 public:
  // Owners: an agency code (header keys), kReceiptKeyOwner, ProviderKeyOwner(issuer).
  // ALREADY_EXISTS when owner and key id are in the ring.
  absl::Status Add(absl::string_view owner, std::unique_ptr<crypto::VerifyingKey> key,
                   absl::Time valid_from, absl::Time valid_until);

  // The key, or nullptr when the owner has none of that id that counts at `now`: valid_from <= now
  // < valid_until.
  const crypto::VerifyingKey* Find(absl::string_view owner, absl::string_view key_id,
                                   absl::Time now) const;

 private:
  struct Entry {
    std::unique_ptr<crypto::VerifyingKey> key;
    absl::Time valid_from;
    absl::Time valid_until;
  };
  std::map<std::pair<std::string, std::string>, Entry> keys_;
};

}  // namespace naru

#endif  // NARU_BROKER_PROOF_KEY_RING_H_
