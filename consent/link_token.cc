#include "consent/link_token.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/proof/base64.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

constexpr size_t kMacBytes = 16;

std::string Mac(absl::string_view link_key, absl::string_view consent) {
  return crypto::HmacSha256(link_key, consent).substr(0, kMacBytes);
}

}  // namespace

std::string MakeLinkToken(absl::string_view link_key, const ConsentId& consent) {
  return absl::WebSafeBase64Escape(absl::StrCat(consent.bytes(), Mac(link_key, consent.bytes())));
}

std::optional<ConsentId> ConsentOfLinkToken(absl::string_view link_key, absl::string_view token) {
  const std::optional<std::string> bytes = DecodeBase64Url(token);
  if (!bytes.has_value() || bytes->size() != ConsentId::kBytes + kMacBytes) return std::nullopt;
  const absl::string_view whole = *bytes;
  const absl::string_view id = whole.substr(0, ConsentId::kBytes);
  if (!crypto::ConstantTimeEqual(whole.substr(ConsentId::kBytes), Mac(link_key, id))) {
    return std::nullopt;
  }
  absl::StatusOr<ConsentId> consent = ConsentId::FromBytes(id);
  if (!consent.ok()) return std::nullopt;
  return *std::move(consent);
}

}  // namespace naru
