#include "consent/text/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "broker/base/limits.h"
#include "broker/base/sms_length.h"
#include "consent/catalog/deploy_catalogue.h"

namespace naru {
namespace {

using testing::HasSubstr;

// 2026-11-22 14:03 in Korea.
const absl::Time kWhen = absl::FromUnixSeconds(1795323780);

size_t Length(const std::string& text) {
  const auto length = SmsLength(text);
  EXPECT_TRUE(length.ok()) << text;
  return length.value_or(1000);
}

// Every message, at its longest for the name.
std::vector<std::string> Longest(const std::string& sms_name, const HelpLine& help) {
  std::vector<std::string> messages;
  for (const char* language : {"ko", "en"}) {
    messages.push_back(CodeMessage(sms_name, "123456", language));
    messages.push_back(ConsentRequestedMessage(sms_name, "48213077", language, help));
    messages.push_back(
        PapersSeenMessage(sms_name, limits::kPapersPerConsent, kWhen, language, help));
    messages.push_back(PapersSeenMessage(sms_name, 1, kWhen, language, help));
    messages.push_back(WithdrawnMessage(std::numeric_limits<int64_t>::max(), language));
  }
  return messages;
}

void ExpectFit(const std::vector<std::string>& messages) {
  for (const std::string& message : messages) {
    EXPECT_LE(Length(message), static_cast<size_t>(limits::kSmsBytes)) << message;
    EXPECT_FALSE(ContainsInternetAddress(message)) << message;
  }
}

TEST(MessagesTest, SayWhatTheySay) {
  EXPECT_EQ(CodeMessage("서초구청", "123456", "ko"),
            "[서초구청] 서류 확인 동의 인증번호 123456 (10분). 공무원은 이 번호를 묻지 않습니다.");
  EXPECT_EQ(ConsentRequestedMessage("서초구청", "48213077", "ko"),
            "[서초구청] 서류 확인 동의 요청 48213077. 정부24 앱 또는 창구에서 확인하세요.");
  EXPECT_EQ(PapersSeenMessage("서초구청", 3, kWhen, "ko"),
            "[서초구청] 11/22 14:03 서류 3종을 확인했습니다. 자세히: 정부24 앱, 문의 110");
  EXPECT_EQ(WithdrawnMessage(1204331, "ko"),
            "동의를 철회했습니다. 이제 이 동의로 서류가 나가지 않습니다. 기록 1204331");
  EXPECT_EQ(Length(CodeMessage("서초구청", "123456", "ko")), 83u);
  EXPECT_EQ(CodeMessage("서초구청", "123456", "en"),
            "[서초구청] Code 123456 to agree on papers (10 min). Officials never ask for it.");
  EXPECT_THAT(PapersSeenMessage("서초구청", 1, kWhen, "en"), HasSubstr("1 paper was checked"));
  EXPECT_THAT(PapersSeenMessage("서초구청", 2, kWhen, "en"), HasSubstr("2 papers were checked"));
  EXPECT_EQ(WithdrawnMessage(7, "fr"), WithdrawnMessage(7, "ko"));
}

TEST(MessagesTest, FitOneMessageForEveryAgencyOfTheCatalogue) {
  const auto catalogue = DeployCatalogue().Load();
  for (const config::v1::Agency& agency : catalogue->message().agencies()) {
    ExpectFit(Longest(agency.sms_name(), {}));
  }
}

TEST(MessagesTest, FitOneMessageForTheLongestNamesThatAreAllowed) {
  HelpLine help;
  help.name_ko = std::string("가나다라");
  help.name_en = std::string(kHelpNameBytes, 'G');
  help.phone = "1588-0000";
  for (const std::string& name : {help.name_ko, help.name_en}) {
    ASSERT_TRUE(FitsHelpLine(name, kHelpNameBytes)) << name;
  }
  ASSERT_TRUE(FitsHelpLine(help.phone, kHelpPhoneBytes));
  ExpectFit(Longest("가나다라마바사", help));
}

TEST(MessagesTest, APartOfTheHelpLineThatWouldNotFitIsRefused) {
  const HelpLine standard;
  EXPECT_TRUE(FitsHelpLine(standard.name_ko, kHelpNameBytes));
  EXPECT_TRUE(FitsHelpLine(standard.name_en, kHelpNameBytes));
  EXPECT_TRUE(FitsHelpLine(standard.phone, kHelpPhoneBytes));
  for (const char* bad : {"가나다라마", "", "gov.kr", "☃"}) {
    EXPECT_FALSE(FitsHelpLine(bad, kHelpNameBytes)) << bad;
  }
  EXPECT_FALSE(FitsHelpLine("1588-00000", kHelpPhoneBytes));
}

}  // namespace
}  // namespace naru
