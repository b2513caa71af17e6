#ifndef NARU_BROKER_PROOF_BASE64_H_
#define NARU_BROKER_PROOF_BASE64_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// Base64 (RFC 4648) in its one canonical form. Abseil's decoders also take white space, missing
// padding and stray bits, so that many texts stand for the same bytes; what is signed or hashed
// must have one. Thread-safe.
namespace naru {

// Section 4, padded. nullopt unless encoding the result again gives `text`.
std::optional<std::string> DecodeBase64(absl::string_view text);
// Section 5 (base64url), without padding. nullopt unless encoding the result again gives `text`.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_BASE64_H_
