#ifndef NARU_BROKER_TRUSTED_KEYS_H_
#define NARU_BROKER_TRUSTED_KEYS_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "broker/proof/catalogue_keys.h"
#include "consent/catalog/catalogue.h"

namespace naru {

// The keys and identity providers of the catalogue in force, changed as a whole when another comes
// into force. Thread-safe.
class TrustedKeys {
 public:
  explicit TrustedKeys(DevelopmentProviders development) : development_(development) {}

  // INVALID_ARGUMENT as LoadCatalogueKeys; what was trusted stays then. Does nothing for the
  // catalogue it was loaded from last.
  absl::Status Load(const Catalogue& catalogue) ABSL_LOCKS_EXCLUDED(mu_);

  // Lives as long as this object and always holds the newest keys.
  const KeyRing* keys() const { return &keys_; }
  std::vector<TrustedIssuer> issuers() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const DevelopmentProviders development_;
  KeyRing keys_;
  mutable absl::Mutex mu_;
  std::string sha256_ ABSL_GUARDED_BY(mu_);
  std::vector<TrustedIssuer> issuers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_TRUSTED_KEYS_H_
