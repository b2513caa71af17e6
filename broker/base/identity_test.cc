#include "broker/base/identity.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/container/flat_hash_set.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

TEST(IdentityTest, ReadsAgencyAndService) {
  const struct {
    std::string uri;
    PeerIdentity identity;
  } kCases[] = {
      {"urn:naru:1741000:holder", {"1741000", "holder"}},
      {"urn:naru:B551014:welfare-2", {"B551014", "welfare-2"}},
      {"urn:naru:0000000:-", {"0000000", "-"}},
      {"urn:naru:ZZZZZZZ:" + std::string(40, 'z'), {"ZZZZZZZ", std::string(40, 'z')}},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ParseIdentity(c.uri), IsOkAndHolds(c.identity)) << c.uri;
    EXPECT_EQ(ToUri(c.identity), c.uri);
  }
}

TEST(IdentityTest, TakesOneSpellingOnly) {
  const std::string kBad[] = {
      "",
      "urn:naru:",
      "urn:naru:1741000",
      "urn:naru:1741000:",
      "urn:naru::holder",
      "urn:naru:1741000:holder:",
      "urn:naru:1741000:holder:x",
      "urn:naru:1741000::holder",
      "urn:naru:174100:holder",
      "urn:naru:17410000:holder",
      "urn:naru:174100a:holder",
      "urn:naru:174100-:holder",
      "urn:naru:174 000:holder",
      "urn:naru:1741000:Holder",
      "urn:naru:1741000:hold_er",
      "urn:naru:1741000:hold.er",
      "urn:naru:1741000:" + std::string(41, 'z'),
      // An URN's prefix has no case; ours does, so that there is one spelling.
      "URN:naru:1741000:holder",
      "urn:NARU:1741000:holder",
      // Escapes that a library might undo.
      "urn:naru:1741000:h%6flder",
      "urn:naru:1741000:%68older",
      "urn:naru:174%31000:holder",
      // Parts of an URI around it.
      "urn:naru:1741000:holder?x",
      "urn:naru:1741000:holder#x",
      "urn:naru:1741000:holder/x",
      "urn:naru:1741000@holder",
      " urn:naru:1741000:holder",
      "urn:naru:1741000:holder ",
      "urn:naru:1741000:holder\n",
      "urn:naru:1741000:holder,urn:naru:1741000:broker",
      "xurn:naru:1741000:holder",
      // What a reader of C strings would not see.
      std::string("urn:naru:1741000:holder\0", 24),
      std::string("urn:naru:1741000:holder\0.example", 32),
      std::string("urn:naru:1741\0000:holder", 23),
      std::string("\0urn:naru:1741000:holder", 24),
      // Look-alikes: full-width digit, Cyrillic o, non-breaking hyphen.
      "urn:naru:１741000:holder",
      "urn:naru:1741000:h\xd0\xbelder",
      "urn:naru:1741000:a\xe2\x80\x91"
      "b",
  };
  for (const std::string& uri : kBad) {
    EXPECT_THAT(ParseIdentity(uri), StatusIs(absl::StatusCode::kInvalidArgument)) << uri;
  }
}

TEST(IdentityTest, EveryOtherByteIsRefusedAtEveryPlace) {
  const std::string good = "urn:naru:1741000:holder";
  for (size_t i = 0; i < good.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string uri = good;
      uri[i] = static_cast<char>(byte);
      const bool in_agency = i >= 9 && i < 16;
      const bool in_service = i > 16;
      const bool digit = byte >= '0' && byte <= '9';
      const bool allowed = uri == good || (in_agency && (digit || (byte >= 'A' && byte <= 'Z'))) ||
                           (in_service && (digit || byte == '-' || (byte >= 'a' && byte <= 'z')));
      EXPECT_EQ(ParseIdentity(uri).ok(), allowed) << "byte " << byte << " at " << i;
    }
  }
}

TEST(IdentityTest, ErrorsDoNotRepeatTheInput) {
  EXPECT_EQ(ParseIdentity("urn:naru:evil").status().message().find("evil"), std::string::npos);
}

TEST(IdentityTest, ComparesAndHashes) {
  const PeerIdentity a = {"1741000", "a"};
  const PeerIdentity b = {"1741000", "b"};
  EXPECT_EQ(a, (PeerIdentity{"1741000", "a"}));
  EXPECT_NE(a, b);
  EXPECT_LT(a, b);
  const absl::flat_hash_set<PeerIdentity> set = {a};
  EXPECT_TRUE(set.contains(a));
  EXPECT_FALSE(set.contains(b));
}

}  // namespace
}  // namespace naru
