#ifndef NARU_CONSENT_CATALOG_CATALOGUE_VALIDATOR_H_
#define NARU_CONSENT_CATALOG_CATALOGUE_VALIDATOR_H_

#include "absl/status/status.h"
#include "consent/catalog/parameter_rules.h"
#include "naru/config/v1/catalogue.pb.h"

// Every rule that proto/naru/config/v1/catalogue.proto states, and those that its readers rest on.
namespace naru {

// The first thing wrong, as `error_at` says it; OK when there is none. Keys must have been read in.
absl::Status ValidateCatalogue(const config::v1::Catalogue& catalogue,
                               const CatalogueErrorAt& error_at);

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_CATALOGUE_VALIDATOR_H_
