#ifndef NARU_BROKER_BROKER_KEYS_H_
#define NARU_BROKER_BROKER_KEYS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "broker/proof/checkpoint.h"
#include "broker/proof/crypto.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// The broker's own secrets, each from a file that its owner alone can read.
struct BrokerKeys {
  std::string pepper;              // 32 bytes.
  std::string key_encryption_key;  // 32 bytes.
  std::string code_key;            // 32 bytes.
  std::string link_key;            // 32 bytes.
  std::unique_ptr<crypto::SigningKey> receipt_key;
  std::unique_ptr<CheckpointSigner> checkpoint_signer;
};

// FAILED_PRECONDITION or INVALID_ARGUMENT names the file and what is wrong with it.
absl::StatusOr<BrokerKeys> ReadBrokerKeys(const config::v1::BrokerConfig& config);

}  // namespace naru

#endif  // NARU_BROKER_BROKER_KEYS_H_
