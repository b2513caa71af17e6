#include "consent/one_time_code.h"

#include <gtest/gtest.h>

#include <set>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);
constexpr auto kDecide = v1::CODE_PURPOSE_DECIDE;
constexpr auto kWithdraw = v1::CODE_PURPOSE_WITHDRAW;
const std::string kKeyBytes(32, 'k');
const CodeKey kKey{kKeyBytes, "code-1"};

class OneTimeCodeTest : public testing::Test {
 protected:
  OneTimeCodeTest() { SetCode(kKey, consent_, kDecide, "123456", kNow, &row_); }

  std::optional<v1::RefusalReason> Compare(const std::string& code, absl::Time now = kNow) const {
    return CompareCode(kKey, consent_, kDecide, code, row_.code_hmac(), row_, now);
  }

  FakeRandom random_;
  const ConsentId consent_ = ConsentId::Generate(1, random_);
  const ConsentId other_ = ConsentId::Generate(1, random_);
  storage::v1::CodeRow row_;
};

TEST_F(OneTimeCodeTest, CodesAreSixDigitsAndDiffer) {
  std::set<std::string> codes;
  for (int i = 0; i < 100; ++i) {
    const std::string code = DrawCode(random_);
    EXPECT_TRUE(IsCode(code)) << code;
    codes.insert(code);
  }
  EXPECT_GT(codes.size(), 90u);
  for (const char* text : {"", "12345", "1234567", "12345a", "12345 ", "-12345"}) {
    EXPECT_FALSE(IsCode(text)) << text;
  }
}

TEST_F(OneTimeCodeTest, TheRightCodeCountsForTenMinutes) {
  EXPECT_EQ(Compare("123456"), std::nullopt);
  EXPECT_EQ(Compare("123457"), v1::REFUSAL_REASON_CODE_WRONG);
  const absl::Time last = kNow + limits::kCodeLife - absl::Microseconds(1);
  EXPECT_EQ(Compare("123456", last), std::nullopt);
  EXPECT_EQ(RefuseAttempt(kKey, row_, last), std::nullopt);
  EXPECT_EQ(Compare("123456", kNow + limits::kCodeLife), v1::REFUSAL_REASON_CODE_EXPIRED);
  EXPECT_EQ(RefuseAttempt(kKey, row_, kNow + limits::kCodeLife), v1::REFUSAL_REASON_CODE_EXPIRED);
}

TEST_F(OneTimeCodeTest, P9_ACodeFitsOneConsentAndOnePurpose) {
  EXPECT_EQ(CompareCode(kKey, other_, kDecide, "123456", row_.code_hmac(), row_, kNow),
            v1::REFUSAL_REASON_CODE_WRONG);
  EXPECT_EQ(CompareCode(kKey, consent_, kWithdraw, "123456", row_.code_hmac(), row_, kNow),
            v1::REFUSAL_REASON_CODE_WRONG);
}

TEST_F(OneTimeCodeTest, P9_ATryEnteredForAnOlderCodeIsNotComparedWithTheNewOne) {
  const std::string old = row_.code_hmac();
  SetCode(kKey, consent_, kDecide, "654321", kNow, &row_);
  EXPECT_EQ(CompareCode(kKey, consent_, kDecide, "654321", old, row_, kNow),
            v1::REFUSAL_REASON_CODE_EXPIRED);
}

TEST_F(OneTimeCodeTest, ACodeUnderAnotherKeyOrNoneDoesNotCount) {
  EXPECT_EQ(RefuseAttempt({kKeyBytes, "code-2"}, row_, kNow), v1::REFUSAL_REASON_CODE_EXPIRED);
  EXPECT_EQ(RefuseAttempt(kKey, storage::v1::CodeRow(), kNow), v1::REFUSAL_REASON_CODE_EXPIRED);
}

TEST_F(OneTimeCodeTest, TriesAndResendsEndAndANewCodeDoesNotGiveThemBack) {
  row_.set_attempts(limits::kCodeAttempts - 1);
  row_.set_resends(limits::kCodeResends - 1);
  EXPECT_EQ(RefuseAttempt(kKey, row_, kNow), std::nullopt);
  EXPECT_EQ(RefuseResend(row_), std::nullopt);
  EXPECT_EQ(TriesLeft(row_), 1u);
  EXPECT_EQ(ResendsLeft(row_), 1u);
  row_.set_resends(limits::kCodeResends);
  EXPECT_EQ(RefuseResend(row_), v1::REFUSAL_REASON_CODE_RESENDS_EXHAUSTED);
  row_.set_attempts(limits::kCodeAttempts);
  SetCode(kKey, consent_, kDecide, "123456", kNow, &row_);
  EXPECT_EQ(RefuseAttempt(kKey, row_, kNow), v1::REFUSAL_REASON_CODE_LOCKED);
  EXPECT_EQ(RefuseResend(row_), v1::REFUSAL_REASON_CODE_LOCKED);
}

TEST_F(OneTimeCodeTest, TheReferenceOfACodeTellsTheResendsLeft) {
  row_.set_resends(2);
  EXPECT_EQ(CodeReference(kDecide, row_), "DECIDE 2");
  EXPECT_EQ(CodeReference(kWithdraw, row_), "WITHDRAW 2");
  EXPECT_THAT(ResendsLeftAfter("DECIDE 2"), IsOkAndHolds(1u));
  EXPECT_THAT(ResendsLeftAfter("WITHDRAW 0"), IsOkAndHolds(3u));
  for (const char* text : {"", "DECIDE", "DECIDE x", "generation 3"}) {
    EXPECT_THAT(ResendsLeftAfter(text), StatusIs(absl::StatusCode::kDataLoss)) << text;
  }
}

}  // namespace
}  // namespace naru
