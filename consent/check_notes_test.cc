#include "consent/check_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "consent/store/keys.h"
#include "consent/store/memory_store.h"

namespace naru {
namespace {

using testing::UnorderedElementsAre;

constexpr auto kAllowed = v1::REFUSAL_REASON_UNSPECIFIED;

class CheckNotesTest : public testing::Test {
 protected:
  Verdict Enter(const CheckNotes& notes, uint64_t next_index = 100) {
    const Change change = notes.MakeChange();
    EXPECT_TRUE(change.locks.empty());
    return change.judge(MemoryStore(), {absl::UnixEpoch(), next_index}).value();
  }
  // "requester caller: consent reason count, ..." of each entry.
  static std::vector<std::string> Render(const Verdict& verdict) {
    std::vector<std::string> entries;
    for (const EntryDraft& entry : verdict.entries) {
      EXPECT_EQ(entry.outer.kind(), v1::ENTRY_KIND_CHECKS);
      EXPECT_FALSE(entry.subject.has_value());
      EXPECT_FALSE(entry.in_person_order);
      std::string text = absl::StrCat(entry.outer.requester(), " ", entry.outer.caller(), ":");
      for (const v1::CheckNote& note : entry.outer.checks()) {
        absl::StrAppend(&text, " ", note.consent_id(), " ", note.refusal_reason(), " ",
                        note.count(), ",");
      }
      entries.push_back(text);
    }
    return entries;
  }

  FakeRandom random_;
  const SubjectId one_ = SubjectId::Generate(1, random_);
  const SubjectId two_ = SubjectId::Generate(2, random_);
  CheckNotes notes_;
};

TEST_F(CheckNotesTest, EqualChecksAreOneLineAndCallersApart) {
  EXPECT_TRUE(notes_.empty());
  EXPECT_TRUE(notes_.Note("1", "1:api", "a", one_, kAllowed));
  EXPECT_TRUE(notes_.Note("1", "1:web", "a", one_, kAllowed));
  EXPECT_TRUE(notes_.Note("2", "2:api", "a", one_, kAllowed));
  EXPECT_TRUE(notes_.Note("1", "1:api", "a", one_, kAllowed));
  EXPECT_TRUE(notes_.Note("1", "1:api", "a", one_, v1::REFUSAL_REASON_NO_CONSENT));
  EXPECT_TRUE(notes_.Note("1", "1:api", "b", two_, kAllowed));
  EXPECT_FALSE(notes_.empty());
  EXPECT_THAT(Render(Enter(notes_)), UnorderedElementsAre("1 1:api: a 0 2, a 1 1, b 0 1,",
                                                          "1 1:web: a 0 1,", "2 2:api: a 0 1,"));
}

TEST_F(CheckNotesTest, EveryPersonOfAnEntryGetsOneHistoryRow) {
  notes_.Note("1", "1:api", "a", one_, kAllowed);
  notes_.Note("1", "1:api", "b", one_, kAllowed);
  notes_.Note("1", "1:api", "c", two_, kAllowed);
  notes_.Note("1", "1:api", "", SubjectId(), v1::REFUSAL_REASON_NO_CONSENT);
  notes_.Note("2", "2:api", "c", two_, kAllowed);
  const Verdict verdict = Enter(notes_, 100);
  std::map<std::string, uint64_t> rows;
  for (const Writes::Write& write : verdict.writes) {
    storage::v1::HistoryRow row;
    ASSERT_TRUE(row.ParseFromString(write.value.value()));
    EXPECT_EQ(write.table, Table::kRows);
    EXPECT_TRUE(rows.emplace(write.key, row.ledger_index()).second);
  }
  EXPECT_EQ(rows, (std::map<std::string, uint64_t>{{keys::PersonHistory(one_, 100), 100},
                                                   {keys::PersonHistory(two_, 100), 100},
                                                   {keys::PersonHistory(two_, 101), 101}}));
}

TEST_F(CheckNotesTest, P10_LinesAreBoundedAndEntriesStaySmall) {
  for (int i = 0; i < limits::kCheckNotes; ++i) {
    ASSERT_TRUE(notes_.Note("1", "1:api", absl::StrCat(i), one_, kAllowed));
  }
  EXPECT_FALSE(notes_.Note("1", "1:api", "one more", one_, kAllowed));
  EXPECT_TRUE(notes_.Note("1", "1:api", "5", one_, kAllowed)) << "needs no line";
  const Verdict verdict = Enter(notes_);
  EXPECT_EQ(verdict.entries.size(), limits::kCheckNotes / limits::kChecksPerEntry);
  for (const EntryDraft& entry : verdict.entries) {
    EXPECT_EQ(entry.outer.checks_size(), limits::kChecksPerEntry);
  }
}

TEST_F(CheckNotesTest, NotesPutBackCountOn) {
  CheckNotes kept;
  kept.Note("1", "1:api", "a", one_, kAllowed);
  kept.Note("1", "1:api", "b", one_, kAllowed);
  notes_.Note("1", "1:api", "a", one_, kAllowed);
  notes_.PutBack(kept);
  EXPECT_THAT(Render(Enter(notes_)), UnorderedElementsAre("1 1:api: a 0 2, b 0 1,"));
}

}  // namespace
}  // namespace naru
