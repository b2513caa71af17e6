#ifndef NARU_BROKER_PROOF_SIGNATURE_H_
#define NARU_BROKER_PROOF_SIGNATURE_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/proof/crypto.h"
#include "broker/proof/key_ring.h"
#include "naru/v1/common.pb.h"

// naru.v1.Signature over bytes in a context: the context and a newline go before the bytes, so that
// what was signed as one thing never passes for another. Thread-safe.
namespace naru {

// `key` is ECDSA P-256.
v1::Signature SignInContext(absl::string_view context, absl::string_view bytes,
                            const crypto::SigningKey& key);

// True when the algorithm is ES256 and the owner's key of that id, valid at `now`, signed these
// bytes in this context.
bool VerifyInContext(absl::string_view context, absl::string_view bytes,
                     const v1::Signature& signature, absl::string_view owner, const KeyRing& keys,
                     absl::Time now);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_SIGNATURE_H_
