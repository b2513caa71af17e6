#ifndef NARU_BROKER_PROOF_JWS_H_
#define NARU_BROKER_PROOF_JWS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "broker/proof/crypto.h"

namespace naru {

// A JWS in compact form (RFC 7515), alg ES256, kid the key's; `type` is the header's typ, left out
// when empty. `key` is ECDSA P-256.
std::string SignJws(absl::string_view payload, absl::string_view type,
                    const crypto::SigningKey& key);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_JWS_H_
