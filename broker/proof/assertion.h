#ifndef NARU_BROKER_PROOF_ASSERTION_H_
#define NARU_BROKER_PROOF_ASSERTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/proof/crypto.h"
#include "broker/proof/key_ring.h"
#include "naru/v1/common.pb.h"

// Identity providers' assertions (P9): an ES256 JWS in compact form (RFC 7515) whose claims name
// the person.
namespace naru {

struct AssertionClaims {
  std::string issuer;    // iss
  std::string audience;  // aud
  std::string ci;        // sub
  std::string nonce;     // nonce, base64url text as in the claim; empty for a session
  absl::Time issued;     // iat
  absl::Time auth_time;  // auth_time
};

// The nonce of an assertion for one change: base64url without padding of SHA-256 over the parts,
// each with its length (four bytes, big-endian) before it: "naru-decision-v1", action, target
// (consent id text or affair code), text hash, decisions (paper id, four bytes big-endian, and
// decision, one byte, in order of paper id), salt. Actions: "DECIDE", "WITHDRAW", "SUSPEND",
// "RESUME".
std::string DecisionNonce(absl::string_view action, absl::string_view target,
                          absl::string_view text_sha256, std::vector<v1::PaperDecision> decisions,
                          absl::string_view salt);

// An issuer whose word counts.
struct TrustedIssuer {
  std::string issuer;
  std::string audience;
};

// Parses and checks form, size, algorithm (ES256 alone), issuer, audience, signature by a key of
// "provider:<issuer>", and age: auth_time and iat at most limits::kAssertionAge old and at most
// limits::kClockSkew ahead. `aud` must be one text; an `exp` or `nbf` that is there binds too; a
// `crit` header is refused. The nonce is the caller's to compare. FAILED_PRECONDITION says which
// check failed, without any claim's value.
absl::StatusOr<AssertionClaims> VerifyAssertion(absl::string_view jws,
                                                const std::vector<TrustedIssuer>& issuers,
                                                const KeyRing& keys, absl::Time now);

// Makes an assertion: for identity providers' tools and tests. `key` is ECDSA P-256.
std::string MakeAssertion(const AssertionClaims& claims, const crypto::SigningKey& key);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_ASSERTION_H_
