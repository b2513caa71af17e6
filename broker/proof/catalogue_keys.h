#ifndef NARU_BROKER_PROOF_CATALOGUE_KEYS_H_
#define NARU_BROKER_PROOF_CATALOGUE_KEYS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "broker/proof/assertion.h"
#include "broker/proof/key_ring.h"
#include "naru/config/v1/catalogue.pb.h"

// The public keys that a catalogue names, ready for use: by the broker, the client library and the
// holder alike. Thread-safe.
namespace naru {

struct CatalogueKeys {
  // Agencies' signing keys under the agency code, receipt keys under kReceiptKeyOwner, identity
  // providers' keys under ProviderKeyOwner(issuer), catalogue signers' under SignerKeyOwner(id).
  KeyRing keys;
  // Providers whose assertions count, in the catalogue's order.
  std::vector<TrustedIssuer> issuers;
};

// What to do with identity providers marked `development`.
enum class DevelopmentProviders {
  kRefuse,  // Check their form, then leave them and their keys out.
  kAllow,   // As the others; only ever with --development.
};

// INVALID_ARGUMENT names owner and key id: no id or one used twice in the catalogue, no PEM of a
// P-256 public key, a "file:" that nobody read in, a time that is not RFC 3339, an end not after
// its start, an owner named twice.
absl::StatusOr<CatalogueKeys> LoadCatalogueKeys(const config::v1::Catalogue& catalogue,
                                                DevelopmentProviders development);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_CATALOGUE_KEYS_H_
