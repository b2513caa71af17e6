#ifndef NARU_BROKER_PROOF_SIGNED_CATALOGUE_H_
#define NARU_BROKER_PROOF_SIGNED_CATALOGUE_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/proof/crypto.h"
#include "broker/proof/key_ring.h"
#include "naru/config/v1/catalogue.pb.h"
#include "naru/v1/catalogue_service.pb.h"

// Catalogues that two persons sign: "naru-catalogue-v1\n" || generation that it replaces (8 bytes,
// big-endian) || the file. Plain functions.
namespace naru {

// One person's signature.
v1::Signature SignCatalogue(absl::string_view text, uint64_t base_generation,
                            const crypto::SigningKey& key);

// The persons who signed it, of those whom `in_force` names; `keys` are that catalogue's, and a key
// must count at `now`. It takes two to put it in force.
std::set<std::string> CatalogueSigners(const v1::SignedCatalogue& signed_catalogue,
                                       const config::v1::Catalogue& in_force, const KeyRing& keys,
                                       absl::Time now);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_SIGNED_CATALOGUE_H_
