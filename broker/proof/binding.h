#ifndef NARU_BROKER_PROOF_BINDING_H_
#define NARU_BROKER_PROOF_BINDING_H_

#include <string>

#include "absl/strings/string_view.h"
#include "naru/v1/common.pb.h"

namespace naru {

// The bytes that stand for a subject wherever one is hashed: type (one byte), number length (two
// bytes, big-endian), number. A HOUSEHOLD is named by the person's CI but has its own type byte. A
// type that the enum does not have, or a number over 65,535 bytes, gives the bytes of no subject:
// UNSPECIFIED, empty.
std::string SubjectBytes(v1::SubjectType type, absl::string_view number);

// HMAC-SHA256(nonce, SubjectBytes): binds an answer to the one it is about and to the requester's
// call (P3). 32 bytes.
std::string SubjectBinding(absl::string_view nonce, v1::SubjectType type, absl::string_view number);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_BINDING_H_
