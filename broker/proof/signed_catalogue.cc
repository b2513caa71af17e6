#include "broker/proof/signed_catalogue.h"

#include "absl/strings/str_cat.h"
#include "broker/proof/signature.h"

namespace naru {
namespace {

constexpr absl::string_view kContext = "naru-catalogue-v1";

std::string SignedBytes(absl::string_view text, uint64_t base_generation) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(base_generation >> shift & 0xff));
  }
  return absl::StrCat(bytes, text);
}

}  // namespace

v1::Signature SignCatalogue(absl::string_view text, uint64_t base_generation,
                            const crypto::SigningKey& key) {
  return SignInContext(kContext, SignedBytes(text, base_generation), key);
}

std::set<std::string> CatalogueSigners(const v1::SignedCatalogue& signed_catalogue,
                                       const config::v1::Catalogue& in_force, const KeyRing& keys,
                                       absl::Time now) {
  const std::string bytes =
      SignedBytes(signed_catalogue.catalogue(), signed_catalogue.base_generation());
  std::set<std::string> signers;
  for (const v1::Signature& signature : signed_catalogue.signatures()) {
    for (const config::v1::CatalogueSigner& signer : in_force.signers()) {
      if (VerifyInContext(kContext, bytes, signature, SignerKeyOwner(signer.official_id()), keys,
                          now)) {
        signers.insert(signer.official_id());
      }
    }
  }
  return signers;
}

}  // namespace naru
