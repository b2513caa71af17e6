#include "consent/catalog/text_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace naru {
namespace {

TEST(TextRulesTest, ALineHasCharactersThatCanBeSeen) {
  EXPECT_EQ(WrongLine("소득금액증명", 6), "");
  EXPECT_EQ(WrongLine("a b", 3), "");
  EXPECT_EQ(WrongLine("\U0001F600", 1), "");
  EXPECT_EQ(WrongLine("", 6), "is missing");
  EXPECT_NE(WrongLine("소득금액증명서", 6), "");
  for (const char* bad : {" a", "a ", "a\nb", "a\tb", "a\x7f", "a\u0085b", "a\u200bb", "a\u2028b",
                          "a\u202e", "\u2066a", "\ufeffa"}) {
    EXPECT_NE(WrongLine(bad, 60), "") << bad;
  }
}

TEST(TextRulesTest, AnAddressIsHostAndPort) {
  for (const char* good : {"127.0.0.1:1", "holder.nts.go.kr:65535", "[::1]:50051", "localhost:8"}) {
    EXPECT_TRUE(IsHostPort(good)) << good;
  }
  for (const char* bad :
       {"", "host", ":1", "host:", "host:0", "host:65536", "host:1a", "host:-1", "@NTS@", "@NTS@:1",
        "http://host:1", "host :1", "[]:1", "[x]:1", "::1:2", "host:000001"}) {
    EXPECT_FALSE(IsHostPort(bad)) << bad;
  }
}

TEST(TextRulesTest, ATimeIsRfc3339) {
  const absl::Time otherwise = absl::InfinitePast();
  EXPECT_EQ(ParseRfc3339("", otherwise), otherwise);
  EXPECT_EQ(ParseRfc3339("2026-01-01T09:00:00+09:00", otherwise),
            absl::FromUnixSeconds(1767225600));
  EXPECT_EQ(ParseRfc3339("2026-01-01", otherwise), std::nullopt);
  EXPECT_EQ(ParseRfc3339("infinite-future", otherwise), std::nullopt);
  EXPECT_EQ(ParseRfc3339("2026-02-30T00:00:00Z", otherwise), std::nullopt);
}

}  // namespace
}  // namespace naru
