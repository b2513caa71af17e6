#include "broker/proof/catalogue_keys.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

absl::StatusOr<absl::Time> ParseTime(const std::string& text, absl::Time when_empty) {
  if (text.empty()) return when_empty;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) || time == absl::InfinitePast() ||
      time == absl::InfiniteFuture()) {
    return absl::InvalidArgumentError("not an RFC 3339 time");
  }
  return time;
}

// Reads keys and sees to it that no id stands for two of them.
class Loader {
 public:
  // `ring` is where the keys go; nullptr checks them only.
  template <typename PublicKeys>
  absl::Status Load(absl::string_view owner, const PublicKeys& public_keys, KeyRing* ring) {
    for (const config::v1::PublicKey& public_key : public_keys) {
      if (absl::Status loaded = LoadOne(owner, public_key, ring); !loaded.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("key \"", public_key.key_id(), "\" of ", owner, ": ", loaded.message()));
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status LoadOne(absl::string_view owner, const config::v1::PublicKey& public_key,
                       KeyRing* ring) {
    if (public_key.key_id().empty()) return absl::InvalidArgumentError("no key_id");
    if (!key_ids_.insert(public_key.key_id()).second) {
      return absl::InvalidArgumentError("key_id is used twice");
    }
    if (absl::StartsWith(public_key.pem(), "file:")) {
      return absl::InvalidArgumentError("pem: the file was not read in");
    }
    absl::StatusOr<std::unique_ptr<crypto::VerifyingKey>> key =
        crypto::ParseVerifyingKey(public_key.pem(), public_key.key_id());
    if (!key.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("pem: ", key.status().message()));
    }
    if ((*key)->type() != crypto::SigningKey::Type::kEcdsaP256) {
      return absl::InvalidArgumentError("pem: the key is not ECDSA P-256");
    }
    const absl::StatusOr<absl::Time> from =
        ParseTime(public_key.valid_from(), absl::InfinitePast());
    if (!from.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("valid_from: ", from.status().message()));
    }
    const absl::StatusOr<absl::Time> until =
        ParseTime(public_key.valid_until(), absl::InfiniteFuture());
    if (!until.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("valid_until: ", until.status().message()));
    }
    if (*from >= *until) return absl::InvalidArgumentError("valid_until is not after valid_from");
    return ring == nullptr ? absl::OkStatus() : ring->Add(owner, *std::move(key), *from, *until);
  }

  std::set<std::string> key_ids_;
};

}  // namespace

absl::StatusOr<CatalogueKeys> LoadCatalogueKeys(const config::v1::Catalogue& catalogue,
                                                DevelopmentProviders development) {
  CatalogueKeys loaded;
  Loader loader;
  std::set<std::string> owners = {std::string(kReceiptKeyOwner)};
  for (const config::v1::Agency& agency : catalogue.agencies()) {
    if (!owners.insert(agency.code()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("agency \"", agency.code(), "\": the code is taken"));
    }
    ABSL_RETURN_IF_ERROR(loader.Load(agency.code(), agency.signing_keys(), &loaded.keys));
  }
  ABSL_RETURN_IF_ERROR(loader.Load(kReceiptKeyOwner, catalogue.receipt_keys(), &loaded.keys));
  for (const config::v1::CatalogueSigner& signer : catalogue.signers()) {
    const std::string owner = SignerKeyOwner(signer.official_id());
    if (signer.official_id().empty()) return absl::InvalidArgumentError("a signer has no name");
    if (!owners.insert(owner).second) {
      return absl::InvalidArgumentError(absl::StrCat(owner, ": the signer is named twice"));
    }
    ABSL_RETURN_IF_ERROR(loader.Load(owner, signer.keys(), &loaded.keys));
  }
  for (const config::v1::IdentityProvider& provider : catalogue.providers()) {
    const std::string owner = ProviderKeyOwner(provider.issuer());
    if (provider.issuer().empty() || provider.audience().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(owner, ": no issuer or no audience"));
    }
    if (!owners.insert(owner).second) {
      return absl::InvalidArgumentError(absl::StrCat(owner, ": the issuer is named twice"));
    }
    const bool counts = !provider.development() || development == DevelopmentProviders::kAllow;
    ABSL_RETURN_IF_ERROR(loader.Load(owner, provider.keys(), counts ? &loaded.keys : nullptr));
    if (counts) loaded.issuers.push_back({provider.issuer(), provider.audience()});
  }
  return loaded;
}

}  // namespace naru
