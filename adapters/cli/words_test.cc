#include "adapters/cli/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace naru::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// A word that is missing shows as the bare wire name.
void ExpectWords(const std::string& korean, const std::string& english, const std::string& name) {
  EXPECT_THAT(korean, HasSubstr(" (")) << name;
  EXPECT_THAT(english, HasSubstr(" (")) << name;
  EXPECT_NE(korean, english);
}

TEST(WordsTest, EveryRefusalHasWordsInBothLanguages) {
  for (int i = 1; i <= v1::RefusalReason_MAX; ++i) {
    if (!v1::RefusalReason_IsValid(i)) continue;
    const auto reason = static_cast<v1::RefusalReason>(i);
    ExpectWords(ReasonText(reason, Language::kKorean), ReasonText(reason, Language::kEnglish),
                v1::RefusalReason_Name(reason));
  }
}

TEST(WordsTest, EveryStateMenderAndEntryHasWordsInBothLanguages) {
  for (int i = 1; i <= v1::ConsentState_MAX; ++i) {
    const auto state = static_cast<v1::ConsentState>(i);
    ExpectWords(StateText(state, Language::kKorean), StateText(state, Language::kEnglish), "state");
  }
  for (int i = 1; i <= v1::Mender_MAX; ++i) {
    const auto mender = static_cast<v1::Mender>(i);
    ExpectWords(MenderText(mender, Language::kKorean), MenderText(mender, Language::kEnglish),
                "mender");
  }
  for (int i = 1; i <= v1::EntryKind_MAX; ++i) {
    if (!v1::EntryKind_IsValid(i)) continue;
    const auto kind = static_cast<v1::EntryKind>(i);
    ExpectWords(EntryText(kind, Language::kKorean), EntryText(kind, Language::kEnglish),
                v1::EntryKind_Name(kind));
  }
}

TEST(WordsTest, WhatThisVersionDoesNotKnowIsItsNumber) {
  EXPECT_EQ(ReasonText(static_cast<v1::RefusalReason>(999), Language::kKorean), "999");
}

TEST(WordsTest, SaysOfficeWords) {
  EXPECT_EQ(StateText(v1::CONSENT_STATE_WITHDRAWN, Language::kKorean), "철회 (WITHDRAWN)");
  EXPECT_THAT(StateText(v1::CONSENT_STATE_WITHDRAWN, Language::kKorean), Not(HasSubstr("취소")));
  EXPECT_EQ(ResultText(client::DocumentResult::kNoRecord, Language::kKorean),
            "해당 없음 (NO_RECORD)");
}

}  // namespace
}  // namespace naru::cli
