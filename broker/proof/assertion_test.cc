#include "broker/proof/assertion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using testing::HasSubstr;
using Type = crypto::SigningKey::Type;

constexpr char kIssuer[] = "https://id.example";
constexpr char kAudience[] = "naru.example";
const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

auto Refused(absl::string_view what) {
  return StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(std::string(what)));
}

class AssertionTest : public testing::Test {
 protected:
  AssertionTest() {
    AddKey(ProviderKeyOwner(kIssuer), *key_);
    AddKey(ProviderKeyOwner("https://other.example"), *others_key_);
    AddKey("3210000", *agency_key_);
  }

  void AddKey(absl::string_view owner, const crypto::SigningKey& key) {
    ASSERT_THAT(
        keys_.Add(owner,
                  crypto::VerifyingKeyFromRaw(key.type(), key.PublicKey(), key.key_id()).value(),
                  kNow - absl::Hours(1), kNow + absl::Hours(1)),
        IsOk());
  }

  absl::StatusOr<AssertionClaims> Verify(absl::string_view jws, absl::Time now = kNow) {
    return VerifyAssertion(jws, {{"https://other.example", "naru.example"}, {kIssuer, kAudience}},
                           keys_, now);
  }

  // A JWS of any header and claims, as JSON text.
  std::string Sign(absl::string_view header, absl::string_view claims,
                   const crypto::SigningKey* key = nullptr) {
    const std::string text =
        absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(claims));
    return absl::StrCat(
        text, ".",
        absl::WebSafeBase64Escape(
            crypto::EcdsaDerToJws((key == nullptr ? *key_ : *key).Sign(text)).value()));
  }
  std::string SignClaims(absl::string_view claims) {
    return Sign(R"({"alg":"ES256","kid":"id-1"})", claims);
  }

  const std::unique_ptr<crypto::SigningKey> key_ =
      crypto::GenerateSigningKey(Type::kEcdsaP256, "id-1");
  const std::unique_ptr<crypto::SigningKey> others_key_ =
      crypto::GenerateSigningKey(Type::kEcdsaP256, "other-1");
  const std::unique_ptr<crypto::SigningKey> agency_key_ =
      crypto::GenerateSigningKey(Type::kEcdsaP256, "agency-1");
  KeyRing keys_;
  AssertionClaims claims_{kIssuer, kAudience, std::string(88, 'C'), "nonce", kNow, kNow};
};

constexpr char kHeader[] = R"({"alg":"ES256","kid":"id-1"})";
constexpr char kClaims[] = R"({"iss":"https://id.example","aud":"naru.example","sub":"CI",)"
                           R"("iat":1795000000,"auth_time":1795000000})";

TEST_F(AssertionTest, GivesTheClaimsThatWereMade) {
  ABSL_ASSERT_OK_AND_ASSIGN(const AssertionClaims claims, Verify(MakeAssertion(claims_, *key_)));
  EXPECT_EQ(claims.issuer, claims_.issuer);
  EXPECT_EQ(claims.audience, claims_.audience);
  EXPECT_EQ(claims.ci, claims_.ci);
  EXPECT_EQ(claims.nonce, claims_.nonce);
  EXPECT_EQ(claims.issued, claims_.issued);
  EXPECT_EQ(claims.auth_time, claims_.auth_time);
}

TEST_F(AssertionTest, ASessionHasNoNonce) {
  claims_.nonce.clear();
  ABSL_ASSERT_OK_AND_ASSIGN(const AssertionClaims claims, Verify(MakeAssertion(claims_, *key_)));
  EXPECT_EQ(claims.nonce, "");
}

TEST_F(AssertionTest, TakesWhatOtherProgramsWrite) {
  EXPECT_THAT(Verify(SignClaims(kClaims)), IsOk());
  // Members in any order, white space, a type, claims we do not read.
  EXPECT_THAT(
      Verify(Sign("{ \"typ\": \"JWT\",\n \"kid\": \"id-1\", \"alg\": \"ES256\" }",
                  R"({ "jti": "1", "amr": ["face"], "address": {"country": "KR"}, "admin": null,
                       "auth_time": 1795000000, "iat": 1.795e9, "nonce": "n", "sub": "CI",
                       "aud": "naru.example", "iss": "https:\/\/id.example" })")),
      IsOk());
}

TEST_F(AssertionTest, P9_CountsForTenMinutes) {
  const std::string jws = MakeAssertion(claims_, *key_);
  EXPECT_THAT(Verify(jws, kNow + limits::kAssertionAge), IsOk());
  EXPECT_THAT(Verify(jws, kNow + limits::kAssertionAge + absl::Seconds(1)),
              Refused("iat is too old"));
  EXPECT_THAT(Verify(jws, kNow - limits::kClockSkew), IsOk());
  EXPECT_THAT(Verify(jws, kNow - limits::kClockSkew - absl::Seconds(1)),
              Refused("iat lies in the future"));
  // Freshly issued over an old sign-in.
  claims_.auth_time = kNow - limits::kAssertionAge - absl::Seconds(1);
  EXPECT_THAT(Verify(MakeAssertion(claims_, *key_)), Refused("auth_time is too old"));
  claims_.auth_time = kNow + limits::kClockSkew + absl::Seconds(1);
  EXPECT_THAT(Verify(MakeAssertion(claims_, *key_)), Refused("auth_time lies in the future"));
}

TEST_F(AssertionTest, AnExpiryOfTheIssuerBindsToo) {
  const auto with = [this](absl::string_view member) {
    std::string claims = kClaims;
    claims.back() = ',';
    return Verify(SignClaims(absl::StrCat(claims, member, "}"))).status();
  };
  EXPECT_THAT(with(R"("exp":1795000001)"), IsOk());
  EXPECT_THAT(with(R"("exp":1795000000)"), Refused("exp"));
  EXPECT_THAT(with(R"("exp":"1795000001")"), Refused("exp"));
  EXPECT_THAT(with(R"("nbf":1795000300)"), IsOk());
  EXPECT_THAT(with(R"("nbf":1795000301)"), Refused("nbf"));
}

TEST_F(AssertionTest, P9_OnlyAKeyOfTheNamedIssuerCounts) {
  EXPECT_THAT(Verify(MakeAssertion(claims_, *others_key_)), Refused("not signed by a key"));
  EXPECT_THAT(Verify(MakeAssertion(claims_, *agency_key_)), Refused("not signed by a key"));
  const auto stranger = crypto::GenerateSigningKey(Type::kEcdsaP256, "id-1");
  EXPECT_THAT(Verify(MakeAssertion(claims_, *stranger)), Refused("not signed by a key"));
  EXPECT_THAT(Verify(MakeAssertion(claims_, *key_), kNow + absl::Hours(1)),
              Refused("not signed by a key"));
  // Another issuer's key in this issuer's name, with that key's id.
  EXPECT_THAT(Verify(Sign(R"({"alg":"ES256","kid":"other-1"})", kClaims, others_key_.get())),
              Refused("not signed by a key"));
  claims_.issuer = "https://stranger.example";
  EXPECT_THAT(Verify(MakeAssertion(claims_, *key_)), Refused("issuer is not trusted"));
}

TEST_F(AssertionTest, AnotherAudienceIsRefused) {
  claims_.audience = "bank.example";
  EXPECT_THAT(Verify(MakeAssertion(claims_, *key_)), Refused("another audience"));
}

TEST_F(AssertionTest, AnyChangedCharacterIsRefused) {
  const std::string jws = MakeAssertion(claims_, *key_);
  for (size_t i = 0; i < jws.size(); ++i) {
    std::string changed = jws;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(Verify(changed), StatusIs(absl::StatusCode::kFailedPrecondition)) << i;
  }
}

TEST_F(AssertionTest, AChangedClaimUnderTheOldSignatureIsRefused) {
  const std::string jws = MakeAssertion(claims_, *key_);
  const std::vector<std::string> parts = absl::StrSplit(jws, '.');
  claims_.ci = std::string(88, 'D');
  const std::vector<std::string> others = absl::StrSplit(MakeAssertion(claims_, *key_), '.');
  EXPECT_THAT(Verify(absl::StrCat(parts[0], ".", others[1], ".", parts[2])),
              Refused("not signed by a key"));
}

TEST_F(AssertionTest, OnlyES256Counts) {
  for (const char* header :
       {R"({"alg":"none","kid":"id-1"})", R"({"alg":"None","kid":"id-1"})",
        R"({"alg":"es256","kid":"id-1"})", R"({"alg":"HS256","kid":"id-1"})",
        R"({"alg":"ES384","kid":"id-1"})", R"({"alg":"EdDSA","kid":"id-1"})",
        R"({"alg":["ES256"],"kid":"id-1"})", R"({"alg":null,"kid":"id-1"})", R"({"kid":"id-1"})"}) {
    EXPECT_THAT(Verify(Sign(header, kClaims)), Refused("not ES256")) << header;
  }
  // Without a signature, as "none" has it.
  EXPECT_THAT(Verify(absl::StrCat(absl::WebSafeBase64Escape(R"({"alg":"none"})"), ".",
                                  absl::WebSafeBase64Escape(kClaims), ".")),
              Refused("not ES256"));
  EXPECT_THAT(Verify(absl::StrCat(absl::WebSafeBase64Escape(kHeader), ".",
                                  absl::WebSafeBase64Escape(kClaims), ".")),
              Refused("not signed by a key"));
}

// A DER signature is a valid one of the same key in a form that JWS does not have.
TEST_F(AssertionTest, ASignatureInDerIsRefused) {
  const std::string text =
      absl::StrCat(absl::WebSafeBase64Escape(kHeader), ".", absl::WebSafeBase64Escape(kClaims));
  EXPECT_THAT(Verify(absl::StrCat(text, ".", absl::WebSafeBase64Escape(key_->Sign(text)))),
              Refused("not signed by a key"));
}

TEST_F(AssertionTest, HeadersWeDoNotUnderstandAreRefused) {
  EXPECT_THAT(Verify(Sign(R"({"alg":"ES256","kid":"id-1","crit":["b64"],"b64":false})", kClaims)),
              Refused("critical"));
  EXPECT_THAT(Verify(Sign(R"({"alg":"ES256","kid":"id-1","crit":[]})", kClaims)),
              Refused("critical"));
  EXPECT_THAT(Verify(Sign(R"({"alg":"ES256"})", kClaims)), Refused("no key id"));
  EXPECT_THAT(Verify(Sign(R"({"alg":"ES256","kid":""})", kClaims)), Refused("no key id"));
  EXPECT_THAT(Verify(Sign(R"({"alg":"ES256","kid":1})", kClaims)), Refused("no key id"));
}

TEST_F(AssertionTest, OnlyTheCompactFormCounts) {
  const std::string jws = SignClaims(kClaims);
  const std::vector<std::string> parts = absl::StrSplit(jws, '.');
  EXPECT_THAT(Verify(""), Refused("three parts"));
  EXPECT_THAT(Verify("."), Refused("three parts"));
  EXPECT_THAT(Verify(jws + "."), Refused("three parts"));
  EXPECT_THAT(Verify("." + jws), Refused("three parts"));
  EXPECT_THAT(Verify(absl::StrCat(parts[0], "..", parts[1], ".", parts[2])),
              Refused("three parts"));
  EXPECT_THAT(Verify(absl::StrCat(parts[0], ".", parts[1])), Refused("three parts"));
  EXPECT_THAT(Verify(absl::StrCat(parts[0], "..", parts[2])), Refused("claims is not a JSON"));
  EXPECT_THAT(Verify(absl::StrCat(".", parts[1], ".", parts[2])), Refused("header is not a JSON"));
  EXPECT_THAT(Verify(absl::StrCat(parts[0], "=.", parts[1], ".", parts[2])),
              Refused("header is not base64url"));
  EXPECT_THAT(Verify(absl::StrCat(parts[0], ".", parts[1], " .", parts[2])),
              Refused("claims is not base64url"));
  EXPECT_THAT(Verify(jws + "\n"), Refused("signature is not base64url"));
  EXPECT_THAT(Verify(jws + "=="), Refused("signature is not base64url"));
  EXPECT_THAT(Verify(std::string(limits::kAssertion + 1, 'a')), Refused("too large"));
  EXPECT_THAT(Verify(std::string(limits::kAssertion, '.')), Refused("three parts"));
}

TEST_F(AssertionTest, ClaimsAreAJsonObjectThatNamesNothingTwice) {
  for (const char* claims : {"[]", "\"text\"", "{", "", "null"}) {
    EXPECT_THAT(Verify(SignClaims(claims)), Refused("not a JSON object")) << claims;
  }
  EXPECT_THAT(Verify(SignClaims(absl::StrReplaceAll(kClaims, {{"{", R"({"sub":"CJ",)"}}))),
              Refused("not a JSON object"));
}

TEST_F(AssertionTest, EachClaimIsRequiredInItsForm) {
  struct Case {
    const char* member;       // As it stands in kClaims.
    const char* replacement;  // Empty: the member is left out.
    const char* what;
  };
  constexpr char kIss[] = R"("iss":"https://id.example",)";
  constexpr char kAud[] = R"("aud":"naru.example",)";
  constexpr char kSub[] = R"("sub":"CI",)";
  constexpr char kIat[] = R"("iat":1795000000,)";
  constexpr char kAuthTime[] = R"("auth_time":1795000000)";
  const Case cases[] = {
      {kIss, "", "no iss"},
      {kIss, R"("iss":1,)", "no iss"},
      {kIss, R"("iss":"",)", "no iss"},
      {kAud, "", "no aud"},
      {kAud, R"("aud":["naru.example"],)", "no aud"},
      {kSub, "", "no sub"},
      {kSub, R"("sub":"",)", "no sub"},
      {kSub, R"("sub":{"ci":"CI"},)", "no sub"},
      {kIat, "", "no iat"},
      {kIat, R"("iat":"1795000000",)", "no iat"},
      {kIat, R"("iat":1795000000.5,)", "no iat"},
      {kIat, R"("iat":-1,)", "no iat"},
      {kIat, R"("iat":1e300,)", "no iat"},
      {kAuthTime, R"("x":1)", "no auth_time"},
      {kAuthTime, R"("auth_time":null)", "no auth_time"},
      {kAuthTime, R"("auth_time":1795000000,"nonce":1)", "nonce"},
      {kAuthTime, R"("auth_time":1795000000,"nonce":"")", "nonce"},
  };
  for (const Case& c : cases) {
    const std::string claims = absl::StrReplaceAll(kClaims, {{c.member, c.replacement}});
    ASSERT_NE(claims, kClaims);
    EXPECT_THAT(Verify(SignClaims(claims)), Refused(c.what)) << claims;
  }
  claims_.ci = std::string(89, 'C');
  EXPECT_THAT(Verify(MakeAssertion(claims_, *key_)), Refused("no sub"));
  claims_.ci = std::string(88, 'C');
  claims_.nonce = std::string(65, 'n');
  EXPECT_THAT(Verify(MakeAssertion(claims_, *key_)), Refused("nonce"));
}

TEST_F(AssertionTest, ErrorsTellNoClaim) {
  claims_.ci = "SECRETCI";
  claims_.audience = "bank.example";
  const absl::Status status = Verify(MakeAssertion(claims_, *key_)).status();
  EXPECT_THAT(status.message(), testing::Not(HasSubstr("SECRETCI")));
  EXPECT_THAT(status.message(), testing::Not(HasSubstr("bank")));
  const absl::Status broken = Verify(SignClaims(R"({"sub":"SECRETCI",,})")).status();
  EXPECT_THAT(broken, Refused("not a JSON object"));
  EXPECT_THAT(broken.message(), testing::Not(HasSubstr("SECRETCI")));
}

v1::PaperDecision Decided(uint32_t paper_id, v1::Decision decision) {
  v1::PaperDecision decided;
  decided.set_paper_id(paper_id);
  decided.set_decision(decision);
  return decided;
}

TEST(DecisionNonceTest, IsTheHashOfEveryPartWithItsLength) {
  // Computed with another program.
  EXPECT_EQ(DecisionNonce("DECIDE", "00010000000000000000000000000001", std::string(32, 't'),
                          {Decided(2, v1::DECISION_REFUSED), Decided(1, v1::DECISION_AGREED)},
                          std::string(16, 's')),
            "Ey6b0c-l06A8sFRWn9Dd0sd88K-iTii27IXiaxYZp4s");
}

TEST(DecisionNonceTest, P9_EveryOtherActionTextOrDecisionHasAnotherNonce) {
  const std::vector<v1::PaperDecision> decisions = {Decided(1, v1::DECISION_AGREED),
                                                    Decided(2, v1::DECISION_REFUSED)};
  const std::string nonce = DecisionNonce("DECIDE", "id", "text", decisions, "salt");
  EXPECT_EQ(DecisionNonce("DECIDE", "id", "text", {decisions[1], decisions[0]}, "salt"), nonce);
  const std::string others[] = {
      DecisionNonce("WITHDRAW", "id", "text", decisions, "salt"),
      DecisionNonce("DECIDE", "ie", "text", decisions, "salt"),
      DecisionNonce("DECIDE", "id", "texu", decisions, "salt"),
      DecisionNonce("DECIDE", "id", "text", decisions, "salu"),
      DecisionNonce("DECIDE", "id", "text", {decisions[0]}, "salt"),
      DecisionNonce("DECIDE", "id", "text", {}, "salt"),
      DecisionNonce("DECIDE", "id", "text",
                    {Decided(1, v1::DECISION_REFUSED), Decided(2, v1::DECISION_REFUSED)}, "salt"),
      DecisionNonce("DECIDE", "id", "text",
                    {Decided(1, v1::DECISION_REFUSED), Decided(2, v1::DECISION_AGREED)}, "salt"),
      DecisionNonce("DECIDE", "id", "text",
                    {Decided(1, v1::DECISION_AGREED), Decided(258, v1::DECISION_REFUSED)}, "salt"),
      // The same bytes, cut otherwise.
      DecisionNonce("DECIDEi", "d", "text", decisions, "salt"),
      DecisionNonce("DECIDE", "idt", "ext", decisions, "salt"),
  };
  for (const std::string& other : others) EXPECT_NE(other, nonce);
}

}  // namespace
}  // namespace naru
