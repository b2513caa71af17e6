#ifndef NARU_BROKER_BASE_IDENTITY_H_
#define NARU_BROKER_BASE_IDENTITY_H_

#include <string>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace naru {

// Who a certificate says its owner is: one service of one agency. What it may do, the catalogue
// says.
struct PeerIdentity {
  std::string agency;   // 7 digits and upper-case letters.
  std::string service;  // 1 to 40 lower-case letters, digits and hyphens.

  friend bool operator==(const PeerIdentity& a, const PeerIdentity& b) {
    return std::tie(a.agency, a.service) == std::tie(b.agency, b.service);
  }
  friend bool operator!=(const PeerIdentity& a, const PeerIdentity& b) { return !(a == b); }
  friend bool operator<(const PeerIdentity& a, const PeerIdentity& b) {
    return std::tie(a.agency, a.service) < std::tie(b.agency, b.service);
  }
  template <typename H>
  friend H AbslHashValue(H h, const PeerIdentity& identity) {
    return H::combine(std::move(h), identity.agency, identity.service);
  }
};

// Whether the text has the form of an agency code, of a service name.
bool IsAgencyCode(absl::string_view text);
bool IsServiceName(absl::string_view text);

// Reads "urn:naru:<agency>:<service>", byte for byte: no other case, no escapes, nothing before or
// after. INVALID_ARGUMENT otherwise. That a certificate has exactly one such name is for the caller
// to check.
absl::StatusOr<PeerIdentity> ParseIdentity(absl::string_view uri);

// The only text that ParseIdentity reads as `identity`.
std::string ToUri(const PeerIdentity& identity);

}  // namespace naru

#endif  // NARU_BROKER_BASE_IDENTITY_H_
