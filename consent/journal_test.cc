// The journal over a store in memory. Where a test needs to know which changes share a group, the
// first group is stalled as by a slow disk while the others queue up behind it.

#include "consent/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/ledger_proof.h"
#include "consent/journal_harness.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class JournalTest : public testing::Test {
 protected:
  void Behind(const std::function<void()>& commit) { harness_.Behind(subject_, commit); }

  // A change that adds `value` to the request row "log" and enters what it found there.
  Change AppendToLog(const std::string& value) {
    Change change = JournalHarness::Enter(subject_);
    change.judge = [this, value](const Reader& rows,
                                 const JudgeContext& context) -> absl::StatusOr<Verdict> {
      auto log = rows.Get(Table::kRows, "log");
      if (!log.ok()) return log.status();
      Verdict verdict;
      EntryDraft& entry = verdict.entries.emplace_back();
      entry.subject = subject_;
      entry.outer.set_kind(v1::ENTRY_KIND_HISTORY_READ);
      entry.outer.set_reference(log->value_or(""));
      entry.outer.set_ground(absl::StrCat(context.next_index));
      verdict.writes.push_back({Table::kRows, "log", log->value_or("") + value});
      return verdict;
    };
    return change;
  }
  Change Refuse() {
    Change change = AppendToLog("never");
    change.judge = [inner = change.judge](const Reader& rows, const JudgeContext& context) {
      EXPECT_THAT(inner(rows, context), IsOk());
      return absl::StatusOr<Verdict>(RequestIdReused());
    };
    return change;
  }

  v1::OuterEntry Verify(const Committed& committed, size_t entry) {
    const auto proof = ProveCommitted(harness_.ledger(), committed, entry, 0);
    EXPECT_THAT(proof, IsOk());
    const auto outer = VerifyLedgerProof(*proof, harness_.Verifier());
    EXPECT_THAT(outer, IsOk());
    return *outer;
  }

  storage::v1::InnerEntry Inner(uint64_t index) {
    storage::v1::InnerEntry inner;
    EXPECT_TRUE(inner.ParseFromString(harness_.ledger().Record(index).value().inner()));
    return inner;
  }
  std::vector<uint64_t> History(const std::pair<std::string, std::string>& range) {
    std::vector<uint64_t> indexes;
    const auto rows = harness_.store().Scan(Table::kRows, range.first, range.second, 1000);
    for (const Row& row : *rows) {
      storage::v1::HistoryRow history;
      EXPECT_TRUE(history.ParseFromString(row.value));
      indexes.push_back(history.ledger_index());
    }
    return indexes;
  }

  JournalHarness harness_;
  SubjectId subject_ = harness_.AddSubject();
};

TEST_F(JournalTest, P1_NobodyLearnsOfAnEntryBeforeItIsDurable) {
  harness_.store().StallUpdate(harness_.next_update());
  CommitResults results(&harness_);
  const std::string checkpoint = harness_.ledger().checkpoint();
  for (int i = 0; i < 3; ++i) results.Commit(JournalHarness::Enter(subject_));
  harness_.store().AwaitStalled();
  EXPECT_EQ(results.finished(), 0u);
  EXPECT_EQ(harness_.ledger().checkpoint(), checkpoint);
  harness_.store().Resume();
  for (const auto& result : results.Await()) {
    ABSL_ASSERT_OK(result);
    // Durable means that a restart at this moment finds it.
    const auto after = harness_.store().Clone();
    EXPECT_TRUE(after->Get(Table::kLedger, keys::Record(0, result->entries[0].index))->has_value());
    EXPECT_GT(after->HeadAtOpen()->size, result->entries[0].index);
  }
}

TEST_F(JournalTest, EachChangeOfAGroupIsJudgedAgainstWhatTheEarlierOnesLeft) {
  CommitResults results(&harness_);
  Behind([&] {
    for (const char* value : {"a", "b", "c"}) results.Commit(AppendToLog(value));
  });
  std::vector<std::string> seen;
  std::vector<std::string> indexes;
  std::set<uint64_t> sizes;
  for (const auto& result : results.Await()) {
    ABSL_ASSERT_OK(result);
    seen.push_back(result->entries[0].outer.reference());
    EXPECT_EQ(result->entries[0].outer.ground(), absl::StrCat(result->entries[0].index));
    sizes.insert(result->tree_size);
  }
  EXPECT_THAT(seen, ElementsAre("", "a", "ab"));
  EXPECT_EQ(sizes.size(), 1u) << "they were to share a group";
  EXPECT_THAT(harness_.store().Get(Table::kRows, "log"), IsOkAndHolds("abc"));
}

TEST_F(JournalTest, ARefusalFailsItsCallerAloneAndLeavesNoHole) {
  CommitResults results(&harness_);
  Behind([&] {
    results.Commit(AppendToLog("a"));
    results.Commit(Refuse());
    results.Commit(AppendToLog("b"));
    Change broken = JournalHarness::Enter(SubjectId::Generate(3, harness_.random()));
    results.Commit(std::move(broken));
    results.Commit(AppendToLog("c"));
  });
  const auto done = results.Await();
  EXPECT_THAT(done[1], HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_THAT(done[3], StatusIs(absl::StatusCode::kInternal, HasSubstr("without a row")));
  std::vector<uint64_t> indexes, numbers;
  for (const int standing : {0, 2, 4}) {
    ABSL_ASSERT_OK(done[standing]);
    indexes.push_back(done[standing]->entries[0].index);
    numbers.push_back(done[standing]->entries[0].person_number);
    Verify(*done[standing], 0);
  }
  EXPECT_THAT(indexes, ElementsAre(2, 3, 4));
  EXPECT_THAT(numbers, ElementsAre(3, 4, 5));
  EXPECT_THAT(harness_.store().Get(Table::kRows, "log"), IsOkAndHolds("abc"));
  EXPECT_EQ(harness_.ledger().head().size, 5u);
}

TEST_F(JournalTest, P2_NumbersOfAPersonHaveNoGapWhateverSharesTheirGroups) {
  std::vector<SubjectId> subjects = {subject_};
  for (int i = 0; i < 4; ++i) subjects.push_back(harness_.AddSubject());
  CommitResults results(&harness_);
  std::map<SubjectId, uint64_t> entries;
  for (const SubjectId& subject : subjects) entries[subject] = 1;
  for (int i = 0; i < 2000; ++i) {
    const SubjectId& subject = subjects[harness_.random().Below(subjects.size())];
    if (harness_.random().Below(5) == 0) {
      results.Commit(Refuse());
    } else {
      ++entries[subject];
      results.Commit(JournalHarness::Enter(subject));
    }
  }
  results.Await();
  std::map<SubjectId, uint64_t> numbers;
  for (uint64_t index = 0; index < harness_.ledger().head().size; ++index) {
    const storage::v1::InnerEntry inner = Inner(index);
    const SubjectId subject = SubjectId::FromBytes(inner.subject_id()).value();
    EXPECT_EQ(inner.person_number(), ++numbers[subject]) << "entry " << index;
  }
  EXPECT_EQ(numbers, entries);
}

TEST_F(JournalTest, ProofsOfGroupsOfEverySizeVerify) {
  for (const int count : {1, 2, 3, 4, 7, 8, 9, 31, 64, 100, 255, 300, 1}) {
    CommitResults results(&harness_);
    Behind([&] {
      for (int i = 0; i < count; ++i) {
        results.Commit(
            JournalHarness::Enter(subject_, v1::ENTRY_KIND_HISTORY_READ, absl::StrCat(i)));
      }
    });
    const auto done = results.Await();
    for (int i = 0; i < count; ++i) {
      ABSL_ASSERT_OK(done[i]);
      EXPECT_EQ(done[i]->tree_size, harness_.ledger().head().size);
      EXPECT_EQ(Verify(*done[i], 0).reference(), absl::StrCat(i));
    }
  }
}

TEST_F(JournalTest, ASecondTreeAlwaysExtendsTheFirst) {
  const auto keeper = CheckpointKeeper::Open("", harness_.Verifier());
  ABSL_ASSERT_OK(keeper);
  for (int i = 0; i < 40; ++i) {
    const CheckpointKeeper::Known known = (*keeper)->known();
    CommitResults results(&harness_);
    for (uint64_t k = 0; k <= harness_.random().Below(20); ++k) {
      results.Commit(JournalHarness::Enter(subject_));
    }
    const auto done = results.Await();
    const auto proof = ProveCommitted(harness_.ledger(), *done.back(), 0, known.size);
    ABSL_ASSERT_OK(proof);
    ABSL_EXPECT_OK((*keeper)->Verify(*proof, known));
  }
}

TEST_F(JournalTest, TimeNeverGoesBackAlsoOverARestart) {
  harness_.clock().Advance(absl::Hours(1));
  const absl::Time late = harness_.clock().Now();
  const auto first = harness_.journal().CommitAndWait(JournalHarness::Enter(subject_));
  EXPECT_EQ(first->time, late);
  harness_.clock().SetNow(late - absl::Minutes(30));
  const auto second = harness_.journal().CommitAndWait(JournalHarness::Enter(subject_));
  EXPECT_EQ(second->time, late);
  harness_.Restart();
  const auto third = harness_.journal().CommitAndWait(JournalHarness::Enter(subject_));
  EXPECT_EQ(third->time, late);
  EXPECT_EQ(third->entries[0].outer.time().seconds(), absl::ToUnixSeconds(late));
  EXPECT_EQ(third->entries[0].index, second->entries[0].index + 1);
  EXPECT_EQ(third->entries[0].person_number, second->entries[0].person_number + 1);
}

TEST_F(JournalTest, ManyEntriesOfOneChangeStandTogether) {
  Change change = JournalHarness::Enter(subject_);
  change.judge = [&](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
    Verdict verdict;
    for (int i = 0; i < 3; ++i) {
      EntryDraft& entry = verdict.entries.emplace_back();
      entry.subject = subject_;
      entry.outer.set_kind(v1::ENTRY_KIND_DOCUMENT_RELEASED);
    }
    return verdict;
  };
  const auto committed = harness_.journal().CommitAndWait(change);
  ABSL_ASSERT_OK(committed);
  ASSERT_EQ(committed->entries.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(committed->entries[i].index, 1 + i);
    EXPECT_EQ(committed->entries[i].person_number, 2 + i);
    Verify(*committed, i);
  }
  // The third breaks a rule: none is made.
  change.judge = [inner = change.judge](const Reader& rows, const JudgeContext& context) {
    auto verdict = inner(rows, context);
    verdict->entries[2].outer.clear_kind();
    return verdict;
  };
  EXPECT_THAT(harness_.journal().CommitAndWait(change), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(harness_.ledger().head().size, 4u);
  EXPECT_THAT(History(keys::PersonHistoryAll(subject_)), ElementsAre(3, 2, 1, 0));
}

TEST_F(JournalTest, RowsArePutOnlyWithAnEntryAndUnderTheLock) {
  Change change;
  change.judge = [](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
    Verdict verdict;
    verdict.writes.push_back({Table::kRows, "key", "value"});
    return verdict;
  };
  EXPECT_THAT(harness_.journal().CommitAndWait(change),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("without an entry")));
  Change unlocked = JournalHarness::Enter(subject_);
  unlocked.locks.clear();
  EXPECT_THAT(harness_.journal().CommitAndWait(unlocked),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("did not lock")));
  harness_.store().Tamper(Table::kRows, "key", "value");
  change.judge = [](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
    Verdict verdict;
    verdict.writes.push_back({Table::kRows, "key", std::nullopt});
    return verdict;
  };
  const auto committed = harness_.journal().CommitAndWait(change);
  ABSL_ASSERT_OK(committed);
  EXPECT_TRUE(committed->entries.empty());
  EXPECT_EQ(committed->checkpoint, harness_.ledger().checkpoint());
  EXPECT_THAT(harness_.store().Get(Table::kRows, "key"), IsOkAndHolds(std::nullopt));
}

TEST_F(JournalTest, AGroupWithNothingToWriteWritesNothing) {
  const auto before = harness_.store().HeadAtOpen();
  harness_.options().observer.on_group = [](int, int entries, absl::Duration, absl::Duration) {
    EXPECT_EQ(entries, 0);
  };
  harness_.Restart();
  harness_.store().FailUpdate(harness_.next_update(), absl::InternalError("it was to be written"));
  harness_.store().FailUpdate(harness_.next_update() + 1, absl::InternalError("and again"));
  EXPECT_THAT(harness_.journal().CommitAndWait(Refuse()),
              HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  Change nothing;
  nothing.judge = [](const Reader&, const JudgeContext&) { return Verdict(); };
  const auto committed = harness_.journal().CommitAndWait(std::move(nothing));
  ABSL_ASSERT_OK(committed);
  EXPECT_EQ(committed->tree_size, harness_.ledger().head().size);
  EXPECT_EQ(committed->checkpoint, harness_.ledger().checkpoint());
}

TEST_F(JournalTest, AGroupThatCannotBeWrittenFailsWholeAndTheNextGoesOn) {
  harness_.store().FailUpdate(harness_.next_update() + 1, StorageFull(1 << 20));
  CommitResults results(&harness_);
  Behind([&] {
    results.Commit(AppendToLog("a"));
    results.Commit(Refuse());
    results.Commit(AppendToLog("b"));
  });
  for (const auto& result : results.Await()) {
    EXPECT_THAT(result, HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  }
  EXPECT_THAT(harness_.store().Get(Table::kRows, "log"), IsOkAndHolds(std::nullopt));
  const auto committed = harness_.journal().CommitAndWait(AppendToLog("c"));
  ABSL_ASSERT_OK(committed);
  EXPECT_EQ(committed->entries[0].index, 2u);
  EXPECT_EQ(committed->entries[0].person_number, 3u);
  EXPECT_EQ(committed->entries[0].outer.reference(), "");
  Verify(*committed, 0);
}

TEST(JournalRetryTest, AnEngineMayJudgeAgain) {
  MemoryStore::Options twice;
  twice.judge_twice = true;
  JournalHarness harness(twice);
  const SubjectId subject = harness.AddSubject();
  for (int i = 0; i < 20; ++i) {
    const auto committed = harness.journal().CommitAndWait(JournalHarness::Enter(subject));
    ABSL_ASSERT_OK(committed);
    EXPECT_EQ(committed->entries[0].person_number, 2u + i);
    const auto proof = ProveCommitted(harness.ledger(), *committed, 0, 0);
    ABSL_EXPECT_OK(VerifyLedgerProof(*proof, harness.Verifier()));
  }
  harness.Restart();
  EXPECT_EQ(harness.ledger().head().size, 21u);
}

TEST_F(JournalTest, AFullQueueRefusesAtOnce) {
  std::atomic<int> overloaded = 0;
  absl::BlockingCounter done(limits::kJournalQueue + 3);
  Behind([&] {
    for (int i = 0; i < limits::kJournalQueue + 3; ++i) {
      harness_.journal().Commit(
          JournalHarness::Enter(subject_), [&](const absl::StatusOr<Committed>& result) {
            if (!result.ok()) {
              EXPECT_THAT(result, HasErrorReason(v1::ERROR_REASON_OVERLOADED));
              ++overloaded;
            }
            done.DecrementCount();
          });
    }
    EXPECT_EQ(overloaded, 3);
  });
  done.Wait();
  EXPECT_EQ(overloaded, 3);
  EXPECT_EQ(harness_.ledger().head().size, 2u + limits::kJournalQueue);
}

TEST_F(JournalTest, StoppingMakesWhatWaitsDurable) {
  CommitResults results(&harness_);
  Behind([&] {
    for (int i = 0; i < 1000; ++i) results.Commit(JournalHarness::Enter(subject_));
    EXPECT_TRUE(harness_.journal().NoteCheck("3210000", "3210000:api", "c", subject_,
                                             v1::REFUSAL_REASON_UNSPECIFIED));
  });
  harness_.Stop();
  for (const auto& result : results.Await()) ABSL_EXPECT_OK(result);
  harness_.Restart();
  EXPECT_EQ(harness_.ledger().head().size, 1003u);
}

TEST_F(JournalTest, ManyThreadsCommitAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        const auto committed = harness_.journal().CommitAndWait(JournalHarness::Enter(subject_));
        ABSL_EXPECT_OK(committed);
        Verify(*committed, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(harness_.ledger().head().size, 801u);
  EXPECT_EQ(Inner(800).person_number(), 801u);
}

}  // namespace
}  // namespace naru
