#include "broker/proof/base64.h"

#include <gtest/gtest.h>

namespace naru {
namespace {

TEST(Base64Test, DecodesTheCanonicalForm) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm9vYg=="), "foob");
  EXPECT_EQ(DecodeBase64("+/+/"), "\xfb\xff\xbf");
}

TEST(Base64Test, RefusesEveryOtherWritingOfTheSameBytes) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zg== ", " Zg==", "Z g==", "Zg==\n",
                           "Zg===", "-_-_", "Zg==Zg==", "Zg.."}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

TEST(Base64UrlTest, DecodesTheCanonicalForm) {
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_EQ(DecodeBase64Url("Zg"), "f");
  EXPECT_EQ(DecodeBase64Url("-_-_"), "\xfb\xff\xbf");
}

TEST(Base64UrlTest, RefusesEveryOtherWritingOfTheSameBytes) {
  for (const char* text : {"Zg==", "Zh", "Zg ", "Z g", "Zg\n", "+/+/", "Z", "Zg."}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace naru
