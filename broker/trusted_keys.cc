#include "broker/trusted_keys.h"

#include <utility>

#include "broker/base/status_macros.h"

namespace naru {

absl::Status TrustedKeys::Load(const Catalogue& catalogue) {
  absl::MutexLock lock(&mu_);
  if (sha256_ == catalogue.sha256()) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(CatalogueKeys loaded, LoadCatalogueKeys(catalogue.message(), development_));
  keys_.Replace(std::move(loaded.keys));
  issuers_ = std::move(loaded.issuers);
  sha256_ = catalogue.sha256();
  return absl::OkStatus();
}

std::vector<TrustedIssuer> TrustedKeys::issuers() const {
  absl::MutexLock lock(&mu_);
  return issuers_;
}

}  // namespace naru
