#include "broker/broker_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

using crypto::SigningKey;

absl::StatusOr<std::unique_ptr<SigningKey>> ReadSigningKey(const config::v1::KeyFile& file,
                                                           SigningKey::Type type) {
  ABSL_ASSIGN_OR_RETURN(std::string pem, crypto::ReadSecretFile(file.file()));
  auto key = crypto::ParseSigningKey(pem, file.key_id());
  crypto::Wipe(pem);
  if (!key.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(file.file(), ": ", key.status().message()));
  }
  if ((*key)->type() != type) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.file(), ": must be an ",
                     type == SigningKey::Type::kEd25519 ? "Ed25519" : "ECDSA P-256", " key"));
  }
  return key;
}

}  // namespace

absl::StatusOr<BrokerKeys> ReadBrokerKeys(const config::v1::BrokerConfig& config) {
  BrokerKeys keys;
  ABSL_ASSIGN_OR_RETURN(keys.pepper, crypto::ReadHexSecret(config.pepper().file()));
  ABSL_ASSIGN_OR_RETURN(keys.key_encryption_key,
                        crypto::ReadHexSecret(config.key_encryption_key().file()));
  ABSL_ASSIGN_OR_RETURN(keys.code_key, crypto::ReadHexSecret(config.code_key().file()));
  ABSL_ASSIGN_OR_RETURN(keys.link_key, crypto::ReadHexSecret(config.link_key().file()));
  ABSL_ASSIGN_OR_RETURN(keys.receipt_key,
                        ReadSigningKey(config.receipt_key(), SigningKey::Type::kEcdsaP256));
  ABSL_ASSIGN_OR_RETURN(auto ed25519,
                        ReadSigningKey(config.ledger_ed25519_key(), SigningKey::Type::kEd25519));
  ABSL_ASSIGN_OR_RETURN(auto ecdsa,
                        ReadSigningKey(config.ledger_ecdsa_key(), SigningKey::Type::kEcdsaP256));
  keys.checkpoint_signer = std::make_unique<CheckpointSigner>(config.ledger_origin(),
                                                              std::move(ed25519), std::move(ecdsa));
  return keys;
}

}  // namespace naru
