// What the journal does beside its callers' changes: it follows the policy, and it enters machine
// checks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "consent/journal.h"
#include "consent/journal_harness.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using storage::v1::PolicyRow;
using testing::ElementsAre;

class JournalSideTest : public testing::Test {
 protected:
  void Behind(const std::function<void()>& commit) { harness_.Behind(subject_, commit); }

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

// --- Policy ---

class JournalPolicyTest : public JournalSideTest {
 protected:
  JournalPolicyTest() {
    harness_.options().policy = [this] {
      absl::MutexLock lock(&mu_);
      return own_;
    };
    harness_.options().on_policy_changed = [this] {
      absl::MutexLock lock(&mu_);
      if (follow_) own_.set_generation(own_.generation() + 1);
    };
    harness_.Restart();
  }
  Change RaisePolicy(uint64_t generation) {
    Change change;
    change.judge = [generation](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
      Verdict verdict;
      verdict.entries.emplace_back().outer.set_kind(v1::ENTRY_KIND_APPROVAL_SUSPENDED);
      PolicyRow row;
      row.set_generation(generation);
      verdict.writes.push_back({Table::kMeta, keys::Policy(), row.SerializeAsString()});
      return verdict;
    };
    return change;
  }

  absl::Mutex mu_;
  PolicyRow own_;
  bool follow_ = true;
};

TEST_F(JournalPolicyTest, ABrokerOfAnotherPolicyChangesNothing) {
  follow_ = false;
  ABSL_ASSERT_OK(harness_.journal().CommitAndWait(RaisePolicy(1)));
  const uint64_t size = harness_.ledger().head().size;
  EXPECT_THAT(harness_.journal().CommitAndWait(JournalHarness::Enter(subject_)),
              HasErrorReason(v1::ERROR_REASON_NOT_READY));
  EXPECT_EQ(harness_.ledger().head().size, size);
  {
    absl::MutexLock lock(&mu_);
    own_.set_generation(1);
  }
  ABSL_EXPECT_OK(harness_.journal().CommitAndWait(JournalHarness::Enter(subject_)));
  harness_.store().Tamper(Table::kMeta, keys::Policy(), "\xff");
  EXPECT_THAT(harness_.journal().CommitAndWait(JournalHarness::Enter(subject_)),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(JournalPolicyTest, P2_NothingIsJudgedByAPolicyThatEndedInTheSameGroup) {
  CommitResults results(&harness_);
  std::vector<uint64_t> judged_by;
  Behind([&] {
    results.Commit(JournalHarness::Enter(subject_));
    results.Commit(RaisePolicy(1));
    for (int i = 0; i < 3; ++i) {
      Change change = JournalHarness::Enter(subject_);
      change.judge = [&, inner = change.judge](const Reader& rows, const JudgeContext& context) {
        absl::MutexLock lock(&mu_);
        judged_by.push_back(own_.generation());
        return inner(rows, context);
      };
      results.Commit(std::move(change));
    }
  });
  const auto done = results.Await();
  for (const auto& result : done) ABSL_ASSERT_OK(result);
  EXPECT_EQ(done[0]->tree_size, done[1]->tree_size);
  EXPECT_GT(done[2]->tree_size, done[1]->tree_size);
  EXPECT_THAT(judged_by, ElementsAre(1, 1, 1));
  EXPECT_EQ(done[2]->entries[0].index, done[1]->entries[0].index + 1);
}

// --- Machine checks ---

class JournalChecksTest : public JournalSideTest {
 protected:
  bool Note(const std::string& requester, const std::string& consent,
            v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED) {
    return harness_.journal().NoteCheck(requester, requester + ":api", consent, subject_, reason);
  }
};

TEST_F(JournalChecksTest, ChecksOfARequesterShareOneEntryOutsideTheOrder) {
  const SubjectId other = harness_.AddSubject();
  EXPECT_TRUE(Note("1", "a"));
  EXPECT_TRUE(Note("1", "a"));
  EXPECT_TRUE(Note("1", "b", v1::REFUSAL_REASON_NO_CONSENT));
  EXPECT_TRUE(Note("2", "a"));
  EXPECT_TRUE(
      harness_.journal().NoteCheck("2", "2:api", "c", other, v1::REFUSAL_REASON_UNSPECIFIED));
  EXPECT_TRUE(
      harness_.journal().NoteCheck("2", "2:api", "", SubjectId(), v1::REFUSAL_REASON_NO_CONSENT));
  ABSL_ASSERT_OK(harness_.journal().FlushChecks());

  ASSERT_EQ(harness_.ledger().head().size, 4u);
  v1::OuterEntry first, second;
  ASSERT_TRUE(first.ParseFromString(harness_.ledger().Record(2)->outer()));
  ASSERT_TRUE(second.ParseFromString(harness_.ledger().Record(3)->outer()));
  EXPECT_EQ(first.kind(), v1::ENTRY_KIND_CHECKS);
  EXPECT_EQ(first.requester(), "1");
  EXPECT_EQ(first.caller(), "1:api");
  ASSERT_EQ(first.checks_size(), 2);
  EXPECT_EQ(first.checks(0).consent_id(), "a");
  EXPECT_EQ(first.checks(0).count(), 2u);
  EXPECT_EQ(first.checks(1).refusal_reason(), v1::REFUSAL_REASON_NO_CONSENT);
  EXPECT_EQ(second.requester(), "2");
  EXPECT_EQ(second.checks_size(), 3);
  for (const uint64_t index : {2, 3}) {
    EXPECT_EQ(Inner(index).person_number(), 0u);
    EXPECT_EQ(Inner(index).subject_id(), "");
  }
  EXPECT_THAT(History(keys::PersonHistoryAll(subject_)), ElementsAre(3, 2, 0));
  EXPECT_THAT(History(keys::PersonHistoryAll(other)), ElementsAre(3, 1));
  const auto next = harness_.journal().CommitAndWait(JournalHarness::Enter(subject_));
  EXPECT_EQ(next->entries[0].person_number, 2u) << "checks take no number";
}

TEST_F(JournalChecksTest, ChecksAreEnteredWithTheNextGroup) {
  EXPECT_TRUE(Note("1", "a"));
  ABSL_ASSERT_OK(harness_.journal().CommitAndWait(JournalHarness::Enter(subject_)));
  EXPECT_EQ(harness_.ledger().head().size, 3u);
}

TEST_F(JournalChecksTest, ChecksAloneAreEnteredAfterTheirDelay) {
  absl::BlockingCounter groups(1);
  harness_.options().observer.on_group = [&](int changes, int entries, absl::Duration,
                                             absl::Duration) {
    EXPECT_EQ(changes, 0);
    EXPECT_EQ(entries, 1);
    groups.DecrementCount();
  };
  harness_.Restart();
  EXPECT_TRUE(Note("1", "a"));
  harness_.clock().Advance(limits::kCheckNoteDelay);
  groups.Wait();
  EXPECT_EQ(harness_.ledger().head().size, 2u);
}

TEST_F(JournalChecksTest, P10_ChecksThatCannotBeEnteredWaitAndThenAreRefused) {
  Behind([&] {
    for (int i = 0; i < limits::kCheckNotes; ++i) ASSERT_TRUE(Note("1", absl::StrCat(i)));
    EXPECT_FALSE(Note("1", "one more"));
    EXPECT_TRUE(Note("1", "7")) << "needs no line";
    harness_.store().FailUpdate(harness_.store().updates() + 1, StorageFull(1 << 20));
  });
  EXPECT_THAT(harness_.journal().FlushChecks(), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  EXPECT_FALSE(Note("1", "one more"));
  ABSL_ASSERT_OK(harness_.journal().FlushChecks());
  EXPECT_EQ(harness_.ledger().head().size, 2u + limits::kCheckNotes / limits::kChecksPerEntry);
  EXPECT_TRUE(Note("1", "one more"));
  uint32_t checks = 0;
  for (uint64_t index = 2; index < harness_.ledger().head().size; ++index) {
    v1::OuterEntry outer;
    ASSERT_TRUE(outer.ParseFromString(harness_.ledger().Record(index)->outer()));
    EXPECT_LE(outer.checks_size(), limits::kChecksPerEntry);
    for (const v1::CheckNote& check : outer.checks()) checks += check.count();
  }
  EXPECT_EQ(checks, limits::kCheckNotes + 1u);
}

}  // namespace
}  // namespace naru
