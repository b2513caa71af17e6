#ifndef NARU_BROKER_PROOF_CERTIFICATE_H_
#define NARU_BROKER_PROOF_CERTIFICATE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace naru::crypto {

// When the first certificate of a PEM chain ends to be valid (notAfter, RFC 5280 section 4.1.2.5).
// INVALID_ARGUMENT when there is none. Thread-safe.
absl::StatusOr<absl::Time> NotAfter(absl::string_view pem);

}  // namespace naru::crypto

#endif  // NARU_BROKER_PROOF_CERTIFICATE_H_
