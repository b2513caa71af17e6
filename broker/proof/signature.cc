#include "broker/proof/signature.h"

#include <glog/logging.h>

#include "absl/strings/str_cat.h"

namespace naru {
namespace {

constexpr absl::string_view kAlgorithm = "ES256";

}  // namespace

v1::Signature SignInContext(absl::string_view context, absl::string_view bytes,
                            const crypto::SigningKey& key) {
  CHECK(key.type() == crypto::SigningKey::Type::kEcdsaP256);
  v1::Signature signature;
  signature.set_algorithm(std::string(kAlgorithm));
  signature.set_key_id(key.key_id());
  signature.set_signature(key.Sign(absl::StrCat(context, "\n", bytes)));
  return signature;
}

bool VerifyInContext(absl::string_view context, absl::string_view bytes,
                     const v1::Signature& signature, absl::string_view owner, const KeyRing& keys,
                     absl::Time now) {
  if (signature.algorithm() != kAlgorithm) return false;
  const std::shared_ptr<const crypto::VerifyingKey> key = keys.Find(owner, signature.key_id(), now);
  return key != nullptr && key->type() == crypto::SigningKey::Type::kEcdsaP256 &&
         key->Verify(absl::StrCat(context, "\n", bytes), signature.signature());
}

}  // namespace naru
