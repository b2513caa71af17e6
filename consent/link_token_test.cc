#include "consent/link_token.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/random.h"

namespace naru {
namespace {

const std::string kKey(32, 'l');

TEST(LinkTokenTest, ATokenNamesItsConsentAndCanBeMadeAgain) {
  FakeRandom random;
  const ConsentId consent = ConsentId::Generate(7, random);
  const std::string token = MakeLinkToken(kKey, consent);
  EXPECT_EQ(token.size(), 43u);
  EXPECT_EQ(token, MakeLinkToken(kKey, consent));
  EXPECT_EQ(ConsentOfLinkToken(kKey, token), consent);
}

TEST(LinkTokenTest, P9_NobodyMakesALinkFromAConsentsId) {
  FakeRandom random;
  const ConsentId consent = ConsentId::Generate(7, random);
  const std::string token = MakeLinkToken(kKey, consent);
  EXPECT_EQ(ConsentOfLinkToken(std::string(32, 'x'), token), std::nullopt);
  EXPECT_EQ(ConsentOfLinkToken(kKey, absl::WebSafeBase64Escape(
                                         absl::StrCat(consent.bytes(), std::string(16, '\0')))),
            std::nullopt);
  EXPECT_EQ(ConsentOfLinkToken(kKey, absl::WebSafeBase64Escape(consent.bytes())), std::nullopt);
  EXPECT_EQ(ConsentOfLinkToken(kKey, consent.text()), std::nullopt);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(ConsentOfLinkToken(kKey, changed), std::nullopt) << i;
  }
  for (const std::string& text : {std::string(), token + "=", token.substr(1), token + "A"}) {
    EXPECT_EQ(ConsentOfLinkToken(kKey, text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace naru
