#include "broker/proof/assertion.h"

#include <glog/logging.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/base64.h"
#include "broker/proof/jws.h"

namespace naru {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr absl::string_view kDecisionContext = "naru-decision-v1";
constexpr absl::string_view kAlgorithm = "ES256";
// 9999-12-31: what lies beyond is no date, and would not fit a whole number either.
constexpr double kLatestUnixSeconds = 253402300799;

absl::Status Refused(absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat("assertion: ", what));
}

std::string BigEndian32(uint64_t value) {
  return {static_cast<char>(value >> 24 & 0xff), static_cast<char>(value >> 16 & 0xff),
          static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

const Value* FindMember(const Struct& object, const char* name) {
  const auto found = object.fields().find(name);
  return found == object.fields().end() ? nullptr : &found->second;
}

// A member that is text of 1 to `max` bytes.
std::optional<std::string> TextMember(const Struct& object, const char* name, size_t max) {
  const Value* const value = FindMember(object, name);
  if (value == nullptr || value->kind_case() != Value::kStringValue) return std::nullopt;
  if (value->string_value().empty() || value->string_value().size() > max) return std::nullopt;
  return value->string_value();
}

// A member that is a whole number of seconds since 1970.
std::optional<absl::Time> TimeMember(const Struct& object, const char* name) {
  const Value* const value = FindMember(object, name);
  if (value == nullptr || value->kind_case() != Value::kNumberValue) return std::nullopt;
  const double seconds = value->number_value();
  if (!(seconds >= 0 && seconds <= kLatestUnixSeconds) || seconds != std::floor(seconds)) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

absl::StatusOr<Struct> ParsePart(absl::string_view part, absl::string_view name) {
  const std::optional<std::string> json = DecodeBase64Url(part);
  if (!json.has_value()) return Refused(absl::StrCat(name, " is not base64url"));
  Struct object;
  if (!google::protobuf::util::JsonStringToMessage(*json, &object).ok()) {
    // Without the parser's text: it quotes the input.
    return Refused(absl::StrCat(name, " is not a JSON object"));
  }
  return object;
}

struct Jws {
  std::string key_id;
  Struct claims;
  absl::string_view signed_part;
  std::string signature;
};

absl::StatusOr<Jws> ParseJws(absl::string_view text) {
  if (text.size() > static_cast<size_t>(limits::kAssertion)) return Refused("too large");
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() != 3) return Refused("not three parts");
  ABSL_ASSIGN_OR_RETURN(const Struct header, ParsePart(parts[0], "header"));
  // Before anything else is looked at: the algorithm is ours to choose, not the sender's.
  if (TextMember(header, "alg", limits::kShortText) != kAlgorithm) {
    return Refused("algorithm is not ES256");
  }
  if (FindMember(header, "crit") != nullptr) return Refused("critical header parameters");
  Jws jws;
  std::optional<std::string> key_id = TextMember(header, "kid", limits::kShortText);
  if (!key_id.has_value()) return Refused("no key id");
  jws.key_id = *std::move(key_id);
  ABSL_ASSIGN_OR_RETURN(jws.claims, ParsePart(parts[1], "claims"));
  std::optional<std::string> signature = DecodeBase64Url(parts[2]);
  if (!signature.has_value()) return Refused("signature is not base64url");
  jws.signature = *std::move(signature);
  jws.signed_part = text.substr(0, parts[0].size() + 1 + parts[1].size());
  return jws;
}

absl::StatusOr<AssertionClaims> ParseClaims(const Struct& claims) {
  constexpr size_t kNameMax = 256;
  const std::optional<std::string> issuer = TextMember(claims, "iss", kNameMax);
  if (!issuer.has_value()) return Refused("no iss");
  const std::optional<std::string> audience = TextMember(claims, "aud", kNameMax);
  if (!audience.has_value()) return Refused("no aud that is one text");
  const std::optional<std::string> ci = TextMember(claims, "sub", limits::kSubjectNumber);
  if (!ci.has_value()) return Refused("no sub");
  const std::optional<absl::Time> issued = TimeMember(claims, "iat");
  if (!issued.has_value()) return Refused("no iat in seconds");
  const std::optional<absl::Time> auth_time = TimeMember(claims, "auth_time");
  if (!auth_time.has_value()) return Refused("no auth_time in seconds");
  std::optional<std::string> nonce;
  if (FindMember(claims, "nonce") != nullptr) {
    nonce = TextMember(claims, "nonce", limits::kShortText);
    if (!nonce.has_value()) return Refused("nonce is not a short text");
  }
  return AssertionClaims{*issuer, *audience, *ci, nonce.value_or(""), *issued, *auth_time};
}

absl::Status CheckTime(absl::Time time, absl::Time now, absl::string_view name) {
  if (now - time > limits::kAssertionAge) return Refused(absl::StrCat(name, " is too old"));
  if (time - now > limits::kClockSkew) return Refused(absl::StrCat(name, " lies in the future"));
  return absl::OkStatus();
}

// exp and nbf are the issuer's to leave out; when they are there they bind (RFC 7519, 4.1.4
// and 4.1.5).
absl::Status CheckOptionalTimes(const Struct& claims, absl::Time now) {
  if (FindMember(claims, "exp") != nullptr) {
    const std::optional<absl::Time> expiry = TimeMember(claims, "exp");
    if (!expiry.has_value() || now >= *expiry) return Refused("exp has passed");
  }
  if (FindMember(claims, "nbf") != nullptr) {
    const std::optional<absl::Time> begin = TimeMember(claims, "nbf");
    if (!begin.has_value() || *begin - now > limits::kClockSkew) {
      return Refused("nbf lies in the future");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string DecisionNonce(absl::string_view action, absl::string_view target,
                          absl::string_view text_sha256, std::vector<v1::PaperDecision> decisions,
                          absl::string_view salt) {
  std::sort(decisions.begin(), decisions.end(),
            [](const v1::PaperDecision& a, const v1::PaperDecision& b) {
              return a.paper_id() < b.paper_id();
            });
  std::string decided;
  for (const v1::PaperDecision& decision : decisions) {
    absl::StrAppend(&decided, BigEndian32(decision.paper_id()),
                    std::string(1, static_cast<char>(decision.decision())));
  }
  crypto::Sha256Stream hash;
  for (const absl::string_view part :
       {kDecisionContext, action, target, text_sha256, absl::string_view(decided), salt}) {
    hash.Update(BigEndian32(part.size()));
    hash.Update(part);
  }
  return absl::WebSafeBase64Escape(hash.Finish());
}

absl::StatusOr<AssertionClaims> VerifyAssertion(absl::string_view jws,
                                                const std::vector<TrustedIssuer>& issuers,
                                                const KeyRing& keys, absl::Time now) {
  ABSL_ASSIGN_OR_RETURN(const Jws parsed, ParseJws(jws));
  ABSL_ASSIGN_OR_RETURN(AssertionClaims claims, ParseClaims(parsed.claims));
  const auto issuer = std::find_if(
      issuers.begin(), issuers.end(),
      [&claims](const TrustedIssuer& trusted) { return trusted.issuer == claims.issuer; });
  if (issuer == issuers.end()) return Refused("issuer is not trusted");
  const std::shared_ptr<const crypto::VerifyingKey> key =
      keys.Find(ProviderKeyOwner(issuer->issuer), parsed.key_id, now);
  if (key == nullptr || !key->VerifyJws(parsed.signed_part, parsed.signature)) {
    return Refused("not signed by a key of the issuer that counts now");
  }
  if (claims.audience != issuer->audience) return Refused("for another audience");
  ABSL_RETURN_IF_ERROR(CheckTime(claims.issued, now, "iat"));
  ABSL_RETURN_IF_ERROR(CheckTime(claims.auth_time, now, "auth_time"));
  ABSL_RETURN_IF_ERROR(CheckOptionalTimes(parsed.claims, now));
  return claims;
}

std::string MakeAssertion(const AssertionClaims& claims, const crypto::SigningKey& key) {
  Struct body;
  auto& fields = *body.mutable_fields();
  fields["iss"].set_string_value(claims.issuer);
  fields["aud"].set_string_value(claims.audience);
  fields["sub"].set_string_value(claims.ci);
  fields["iat"].set_number_value(static_cast<double>(absl::ToUnixSeconds(claims.issued)));
  fields["auth_time"].set_number_value(static_cast<double>(absl::ToUnixSeconds(claims.auth_time)));
  if (!claims.nonce.empty()) fields["nonce"].set_string_value(claims.nonce);
  std::string json;
  CHECK(google::protobuf::util::MessageToJsonString(body, &json).ok());
  return SignJws(json, "", key);
}

}  // namespace naru
