#include "broker/base/identity.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace naru {
namespace {

constexpr absl::string_view kPrefix = "urn:naru:";
constexpr size_t kAgencyCode = 7;
constexpr size_t kServiceNameMax = 40;

}  // namespace

bool IsAgencyCode(absl::string_view text) {
  return text.size() == kAgencyCode && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || absl::ascii_isupper(c);
         });
}

bool IsServiceName(absl::string_view text) {
  return !text.empty() && text.size() <= kServiceNameMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || absl::ascii_islower(c) || c == '-';
         });
}

absl::StatusOr<PeerIdentity> ParseIdentity(absl::string_view uri) {
  absl::string_view rest = uri;
  if (absl::ConsumePrefix(&rest, kPrefix) && rest.size() > kAgencyCode) {
    const absl::string_view agency = rest.substr(0, kAgencyCode);
    const absl::string_view service = rest.substr(kAgencyCode + 1);
    if (IsAgencyCode(agency) && rest[kAgencyCode] == ':' && IsServiceName(service)) {
      return PeerIdentity{std::string(agency), std::string(service)};
    }
  }
  return absl::InvalidArgumentError("an identity has the form urn:naru:<agency>:<service>");
}

std::string ToUri(const PeerIdentity& identity) {
  return absl::StrCat(kPrefix, identity.agency, ":", identity.service);
}

}  // namespace naru
