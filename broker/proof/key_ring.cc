#include "broker/proof/key_ring.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace naru {

std::string ProviderKeyOwner(absl::string_view issuer) { return absl::StrCat("provider:", issuer); }

std::string SignerKeyOwner(absl::string_view official_id) {
  return absl::StrCat("signer:", official_id);
}

absl::Status KeyRing::Add(absl::string_view owner, std::unique_ptr<crypto::VerifyingKey> key,
                          absl::Time valid_from, absl::Time valid_until) {
  std::pair<std::string, std::string> name(owner, key->key_id());
  absl::MutexLock lock(mu_.get());
  if (keys_.find(name) != keys_.end()) {
    return absl::AlreadyExistsError(
        absl::StrCat("key ", name.second, " of ", owner, " is in the ring already"));
  }
  keys_.emplace(std::move(name), Entry{std::move(key), valid_from, valid_until});
  return absl::OkStatus();
}

std::shared_ptr<const crypto::VerifyingKey> KeyRing::Find(absl::string_view owner,
                                                          absl::string_view key_id,
                                                          absl::Time now) const {
  absl::MutexLock lock(mu_.get());
  const auto found = keys_.find({std::string(owner), std::string(key_id)});
  if (found == keys_.end()) return nullptr;
  const Entry& entry = found->second;
  return entry.valid_from <= now && now < entry.valid_until ? entry.key : nullptr;
}

void KeyRing::Replace(KeyRing other) {
  absl::MutexLock lock(mu_.get());
  absl::MutexLock other_lock(other.mu_.get());
  keys_ = std::move(other.keys_);
}

}  // namespace naru
