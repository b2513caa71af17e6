#ifndef NARU_CONSENT_LINK_TOKEN_H_
#define NARU_CONSENT_LINK_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "broker/base/ids.h"

// The token in a consent's link: base64url(consent id, 16 bytes || first 16 bytes of
// HMAC-SHA256(link key, consent id)), 43 characters. Whoever knows a consent's id cannot make its
// link; we can, so that it rests nowhere and a repeat gets it again. Plain functions.
namespace naru {

std::string MakeLinkToken(absl::string_view link_key, const ConsentId& consent);
// nullopt for a token that is not one of ours.
std::optional<ConsentId> ConsentOfLinkToken(absl::string_view link_key, absl::string_view token);

}  // namespace naru

#endif  // NARU_CONSENT_LINK_TOKEN_H_
