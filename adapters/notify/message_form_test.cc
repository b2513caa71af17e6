#include "adapters/notify/message_form.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/notify/fake_message_service.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using ::testing::HasSubstr;

TEST(MessageFormTest, AGoodMessageIsTaken) {
  ABSL_EXPECT_OK(CheckMessage(TestMessage(1)));
  std::string longest;
  for (int i = 0; i < 45; ++i) longest += "가";  // 90 bytes of EUC-KR, 135 of UTF-8.
  ABSL_EXPECT_OK(CheckMessage(TestMessage(1, longest)));
}

TEST(MessageFormTest, WhatIsWrongIsSaidWithoutTheText) {
  struct Case {
    std::string text;
    const char* error;
  };
  std::string too_long;
  for (int i = 0; i < 46; ++i) too_long += "가";
  const std::vector<Case> cases = {
      {"", "empty"},
      {too_long, "92 bytes"},
      {"안내\n둘째 줄", "control character"},
      {std::string("안내\0", 7), "control character"},
      {"안내 😀", "EUC-KR"},
      {"안내\xff", "EUC-KR"},
      {"gov.kr 에서 확인", "internet address"},
  };
  for (const Case& c : cases) {
    const absl::Status status = CheckMessage(TestMessage(1, c.text));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.error)));
    EXPECT_EQ(status.message().find("안내"), std::string::npos);
  }
  v1::Message message = TestMessage(1);
  message.clear_kind();
  EXPECT_THAT(CheckMessage(message), StatusIs(absl::StatusCode::kInvalidArgument));
  message = TestMessage(1);
  message.clear_expire_time();
  EXPECT_THAT(CheckMessage(message), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MessageFormTest, AContactThatIsNoneNamesNoFile) {
  for (const std::string& contact :
       {std::string(), std::string("../../etc/cron"), std::string("a/b"), std::string("a.b"),
        std::string("a b"), std::string("a\0b", 3), std::string("가"), std::string(65, 'a')}) {
    v1::Message message = TestMessage(42);
    message.set_contact_ref(contact);
    EXPECT_THAT(CheckMessage(message), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(MessageFileName(message), "00000000000000000042.txt");
  }
}

TEST(MessageFormTest, NamesOfFilesSortAsTheLedgerDoes) {
  v1::Message message = TestMessage(42);
  message.set_contact_ref("0a1b");
  EXPECT_EQ(MessageFileName(message), "00000000000000000042-0a1b.txt");
  EXPECT_LT(MessageFileName(TestMessage(9)), MessageFileName(TestMessage(10)));
  EXPECT_LT(MessageFileName(TestMessage(10)), MessageFileName(TestMessage(UINT64_MAX)));
}

TEST(MessageFormTest, AMessageExpiresAtItsTime) {
  v1::Message message = TestMessage(1);
  message.mutable_expire_time()->set_seconds(1000);
  message.mutable_expire_time()->set_nanos(500'000'000);
  EXPECT_FALSE(IsExpired(message, absl::FromUnixMillis(1'000'499)));
  EXPECT_TRUE(IsExpired(message, absl::FromUnixMillis(1'000'500)));
}

}  // namespace
}  // namespace naru
