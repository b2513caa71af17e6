#include "consent/entry_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/status_matchers.h"
#include "consent/journal_harness.h"

// Every entry that names an agency is found once, in order, wherever the reader begins and however
// little the window remembers.
namespace naru {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EntryWindowTest : public testing::Test {
 protected:
  EntryWindowTest() { harness_.Restart(); }

  void Enter(const std::string& requester, const std::string& holder = "",
             const std::string& caller = "") {
    Change change;
    change.judge = [&](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
      Verdict verdict;
      v1::OuterEntry& outer = verdict.entries.emplace_back().outer;
      outer.set_kind(v1::ENTRY_KIND_REFUSED);
      outer.set_requester(requester);
      outer.set_holder(holder);
      outer.set_caller(caller);
      return verdict;
    };
    ABSL_ASSERT_OK(harness_.journal().CommitAndWait(std::move(change)).status());
  }
  std::vector<uint64_t> All(EntryWindow& window, const std::string& agency, uint64_t from = 0) {
    std::vector<uint64_t> all;
    const uint64_t size = harness_.ledger().head().size;
    while (from < size) {
      const auto found = window.Find(agency, from);
      EXPECT_TRUE(found.ok()) << found.status();
      if (!found.ok() || found->next <= from) break;
      all.insert(all.end(), found->indexes.begin(), found->indexes.end());
      from = found->next;
    }
    EXPECT_EQ(from, size);
    return all;
  }

  JournalHarness harness_;
};

TEST_F(EntryWindowTest, FindsWhereTheAgencyAsksHoldsOrCalls) {
  Enter("AAAAAAA");
  Enter("BBBBBBB", "AAAAAAA");
  Enter("BBBBBBB", "", "AAAAAAA:counter");
  Enter("BBBBBBB", "CCCCCCC", "AAAAAAAB:counter");
  EntryWindow window(&harness_.ledger(), 100);
  EXPECT_THAT(All(window, "AAAAAAA"), ElementsAre(0, 1, 2));
  EXPECT_THAT(All(window, "BBBBBBB"), ElementsAre(1, 2, 3));
  EXPECT_THAT(All(window, "AAAAAAA", 2), ElementsAre(2));
  EXPECT_THAT(All(window, "DDDDDDD"), IsEmpty());
}

TEST_F(EntryWindowTest, AReaderBehindASmallWindowLosesNothing) {
  std::vector<uint64_t> expected;
  EntryWindow window(&harness_.ledger(), 3);
  for (uint64_t i = 0; i < 20; ++i) {
    const bool mine = i % 3 == 0;
    Enter(mine ? "AAAAAAA" : "BBBBBBB");
    if (mine) expected.push_back(i);
    if (i % 4 == 0) {
      EXPECT_EQ(All(window, "AAAAAAA"), expected) << i;
    }
  }
  EXPECT_EQ(All(window, "AAAAAAA"), expected);
}

TEST_F(EntryWindowTest, BehindTheEndThereIsNothingYet) {
  Enter("AAAAAAA");
  EntryWindow window(&harness_.ledger(), 3);
  const auto found = window.Find("AAAAAAA", 1);
  ABSL_ASSERT_OK(found);
  EXPECT_THAT(found->indexes, IsEmpty());
  EXPECT_EQ(found->next, 1u);
}

}  // namespace
}  // namespace naru
