#include "broker/base/sms_length.h"

#include <gtest/gtest.h>

#include <string>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

TEST(SmsLengthTest, CountsBytesInEucKr) {
  const struct {
    std::string text;
    size_t bytes;
  } kCases[] = {
      {"", 0},
      {"a", 1},
      {"가", 2},
      {"김○○ 님", 9},
      {std::string("a\0b", 3), 3},
      {"[서초구청] 서류 확인 동의 인증번호 123456 (10분). 공무원은 이 번호를 묻지 않습니다.", 83},
      {"[서초구청] 서류 확인 동의 요청 48213077. 정부24 앱 또는 창구에서 확인하세요.", 76},
      {"[서초구청] 11/22 14:03 서류 3종을 확인했습니다. 자세히: 정부24 앱, 문의 110", 75},
      {"동의를 철회했습니다. 이제 이 동의로 서류가 나가지 않습니다. 기록 1204331", 72},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(SmsLength(c.text), IsOkAndHolds(c.bytes)) << c.text;
    EXPECT_LE(c.bytes, static_cast<size_t>(limits::kSmsBytes));
  }
}

TEST(SmsLengthTest, CountsLongTextsWhole) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "서류a";
  EXPECT_THAT(SmsLength(text), IsOkAndHolds(5000u));
}

TEST(SmsLengthTest, RefusesWhatEucKrHasNot) {
  const struct {
    std::string text;
    std::string place;
  } kCases[] = {
      {"뷁", "byte 0 "},               // a syllable outside KS X 1001
      {"동의 \U0001f600", "byte 7 "},  // an emoji
      {"ab\xff", "byte 2 "},           // not UTF-8
      {"a\xea\xb0", "byte 1 "},        // cut short
      {"\xe2\x80\x8b", "byte 0 "},     // a zero-width space
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(SmsLength(c.text),
                StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr(c.place)));
  }
}

TEST(InternetAddressTest, FindsAddresses) {
  for (const char* text : {
           "http://a",
           "자세히: HTTPS://naru.go.kr",
           "hxxp 아니고 http",
           "www.naru",
           "정부24 WWW.gov 확인",
           "naru.go.kr",
           "확인: gov.kr/x",
           "bit.ly/3xyz",
           "나루.한국",
           "나루.kr",
           "정부24.KR로",
           "한글주소.닷컴",
           "a@b.kr",
           "xn--3e0b707e",
           "서버 10.0.0.1 입니다",
           "127.0.0.1",
           // Full-width forms that a phone may still open.
           "ｗｗｗ．naru",
           "naru．go．kr",
           "naru。kr",
           "ｈｔｔｐ",
       }) {
    EXPECT_TRUE(ContainsInternetAddress(text)) << text;
  }
}

TEST(InternetAddressTest, LeavesOrdinaryTextAlone) {
  for (const char* text : {
           "",
           ".",
           "...",
           "[서초구청] 서류 확인 동의 인증번호 123456 (10분). 공무원은 이 번호를 묻지 않습니다.",
           "[서초구청] 서류 확인 동의 요청 48213077. 정부24 앱 또는 창구에서 확인하세요.",
           "[서초구청] 11/22 14:03 서류 3종을 확인했습니다. 자세히: 정부24 앱, 문의 110",
           "확인했습니다.감사합니다.",
           "2026. 12. 31.까지",
           "2026.12.31까지",
           "2026.11.22.14:03",
           "1.5배, 3.14",
           "A. 동의",
           "No. 5",
       }) {
    EXPECT_FALSE(ContainsInternetAddress(text)) << text;
  }
}

}  // namespace
}  // namespace naru
