// The sweep of consents past their end. That expiry is true without it is consent_machine_test's
// and everybody's; here: what it enters, that it changes no answer, and what it must never do.

#include "consent/expiry_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/base/fake_executor.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "consent/consent_harness.h"
#include "consent/consent_rows.h"
#include "consent/expiry_job.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr absl::Duration kLongAfter = absl::Hours(24 * 400);

class ExpirySweepTest : public testing::Test {
 protected:
  ExpirySweep::Page RunPage(ExpirySweep& sweep) {
    Answer<ExpirySweep::Page> answer;
    sweep.RunPage(answer.done());
    return *answer;
  }
  ExpirySweep::Page RunPage() { return RunPage(sweep_); }

  std::vector<ConsentHarness::Entry> Expired() {
    return harness_.Entries(v1::ENTRY_KIND_CONSENT_EXPIRED);
  }
  // Rows that a sweep would still look at.
  std::vector<std::string> Ends() {
    std::vector<std::string> ends;
    for (int shard = 0; shard < kShards; ++shard) {
      const auto all = keys::ExpiriesBefore(static_cast<uint16_t>(shard),
                                            absl::ToUnixMicros(absl::InfiniteFuture()));
      const absl::StatusOr<std::vector<Row>> rows =
          harness_.store().Scan(Table::kRows, all.first, all.second, kScanRows);
      ABSL_EXPECT_OK(rows);
      for (const Row& row : rows.value()) ends.push_back(row.key);
    }
    return ends;
  }
  static std::string IdOf(const v1::OpenedConsent& opened) { return opened.consent().consent_id(); }
  v1::ConsentState StateOf(const v1::OpenedConsent& opened) {
    return harness_.ConsentRow(IdOf(opened)).state();
  }
  // Writes as another change would, with an entry about nobody.
  void Write(Writes::Write write) {
    Change change;
    change.judge = [write](const Reader&, const JudgeContext&) {
      Verdict verdict;
      verdict.writes.push_back(write);
      verdict.entries.emplace_back().outer.set_kind(v1::ENTRY_KIND_HISTORY_READ);
      return verdict;
    };
    ABSL_ASSERT_OK(harness_.context().journal->CommitAndWait(std::move(change)));
  }

  ConsentHarness harness_;
  ExpirySweep sweep_{&harness_.context()};
};

TEST_F(ExpirySweepTest, EntersEveryConsentPastItsEndOnce) {
  const v1::OpenedConsent pending = harness_.MustOpen();
  const v1::OpenedConsent granted = harness_.MustGrant(v1::EVIDENCE_KIND_CODE);
  const v1::OpenedConsent suspended = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  ASSERT_TRUE(harness_.Suspend(suspended)->has_suspended());
  const v1::OpenedConsent cancelled = harness_.MustOpen();
  ABSL_ASSERT_OK(harness_.Cancel(IdOf(cancelled)));
  EXPECT_EQ(RunPage().entered, 0) << "nothing has ended";
  EXPECT_THAT(Ends(), SizeIs(3));

  harness_.clock().Advance(kLongAfter);
  const ExpirySweep::Page page = RunPage();
  EXPECT_EQ(page.entered, 3);
  EXPECT_EQ(page.failed, 0);
  EXPECT_FALSE(page.more);
  EXPECT_THAT(Ends(), IsEmpty());
  for (const v1::OpenedConsent& opened : {pending, granted, suspended}) {
    EXPECT_EQ(StateOf(opened), v1::CONSENT_STATE_EXPIRED);
    EXPECT_TRUE(harness_.ConsentRow(IdOf(opened)).decide_code().code_hmac().empty());
  }
  EXPECT_EQ(StateOf(cancelled), v1::CONSENT_STATE_CANCELLED);
  ASSERT_THAT(Expired(), SizeIs(3));
  uint64_t number = 0;
  for (const ConsentHarness::Entry& entry : Expired()) {
    EXPECT_EQ(entry.outer.state(), v1::CONSENT_STATE_EXPIRED);
    EXPECT_EQ(entry.outer.caller(), "") << "nobody called";
    EXPECT_GT(entry.inner.person_number(), number) << "in the person's order (P2)";
    number = entry.inner.person_number();
    EXPECT_EQ(harness_.ConsentRow(entry.outer.consent_id()).last_entry(), entry.index);
  }
  EXPECT_EQ(RunPage().entered, 0) << "once";
}

TEST_F(ExpirySweepTest, TheFirstMomentThatCountsAsPastIsTheEndItself) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const absl::Time end = absl::FromUnixMicros(harness_.ConsentRow(IdOf(opened)).decide_until_us());
  harness_.clock().SetNow(end - absl::Microseconds(1));
  EXPECT_EQ(RunPage().entered, 0);
  harness_.clock().SetNow(end);
  EXPECT_EQ(RunPage().entered, 1);
}

// Everything an asker can see or do, as bytes.
std::string AllAnswers(ConsentHarness& harness, const v1::OpenedConsent& opened) {
  const std::string& id = opened.consent().consent_id();
  v1::GetConsentRequest get;
  get.set_consent_id(id);
  v1::ShowConsentRequest show;
  show.set_link_token(opened.link_token());
  std::string all;
  const auto add = [&all](const auto& answer) {
    absl::StrAppend(&all, answer.ok() ? answer->SerializeAsString() : answer.status().ToString(),
                    "\n");
  };
  add(harness.book().Get(ConsentHarness::System(), get));
  add(harness.book().Show(ConsentHarness::Citizen(), show));
  add(harness.CheckById(id));
  add(harness.CheckByPerson('A'));
  add(harness.SendCode(opened, v1::CODE_PURPOSE_DECIDE));
  add(harness.SendCode(opened, v1::CODE_PURPOSE_WITHDRAW));
  add(harness.Decide(harness.DecideByAssertion(opened)));
  add(harness.Decide(harness.DecideByCode(opened, "123456")));
  add(harness.Withdraw(harness.WithdrawByAssertion(opened, {}, {1, 2, 3})));
  add(harness.Suspend(opened));
  add(harness.Resume(opened));
  add(harness.Cancel(id));
  return all;
}

TEST_F(ExpirySweepTest, NoAnswerChangesWhenTheSweepComes) {
  for (const char* how : {"pending", "granted", "suspended"}) {
    SCOPED_TRACE(how);
    ConsentHarness harness;
    ExpirySweep sweep(&harness.context());
    const v1::OpenedConsent opened =
        *how == 'p' ? harness.MustOpen() : harness.MustGrant(v1::EVIDENCE_KIND_CODE);
    if (*how == 's') {
      ASSERT_TRUE(harness.Suspend(opened)->has_suspended());
    }
    harness.clock().Advance(kLongAfter);
    const std::string before = AllAnswers(harness, opened);
    EXPECT_THAT(before, testing::HasSubstr("expired_at"));
    ASSERT_EQ(RunPage(sweep).entered, 1);
    EXPECT_EQ(AllAnswers(harness, opened), before);
  }
}

TEST_F(ExpirySweepTest, P2_ADecisionThatCameFirstStands) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const SubjectId bystander = harness_.journal_harness().AddSubject();
  // The sweep reads by a clock that runs ahead, the journal judges by the group's time: it finds an
  // end that the decision, ahead of it in the same group, moves away.
  SimulatedClock ahead(harness_.clock().Now() + kLongAfter);
  RulesContext context = harness_.context();
  context.clock = &ahead;
  ExpirySweep sweep(&context);
  const v1::DecideConsentRequest request = harness_.DecideByAssertion(opened);
  Answer<v1::DecideConsentResponse> decided;
  Answer<ExpirySweep::Page> page;
  harness_.journal_harness().Behind(bystander, [&] {
    harness_.book().Decide(ConsentHarness::Citizen(), request, decided.done());
    sweep.RunPage(page.done());
  });
  EXPECT_TRUE(decided->has_decided());
  EXPECT_EQ(page->entered, 0);
  EXPECT_EQ(page->failed, 0);
  EXPECT_EQ(StateOf(opened), v1::CONSENT_STATE_GRANTED);
  EXPECT_THAT(Ends(), SizeIs(1)) << "the end as it is now stays";
}

TEST_F(ExpirySweepTest, P2_AWithdrawalThatCameFirstStands) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_CODE);
  const SubjectId bystander = harness_.journal_harness().AddSubject();
  SimulatedClock ahead(harness_.clock().Now() + kLongAfter);
  RulesContext context = harness_.context();
  context.clock = &ahead;
  ExpirySweep sweep(&context);
  const v1::WithdrawConsentRequest request = harness_.WithdrawByAssertion(opened, {}, {1, 2, 3});
  Answer<v1::WithdrawConsentResponse> withdrawn;
  Answer<ExpirySweep::Page> page;
  harness_.journal_harness().Behind(bystander, [&] {
    harness_.book().Withdraw(ConsentHarness::Citizen(), request, withdrawn.done());
    sweep.RunPage(page.done());
  });
  EXPECT_TRUE(withdrawn->has_withdrawn());
  EXPECT_EQ(page->entered, 0);
  EXPECT_EQ(StateOf(opened), v1::CONSENT_STATE_WITHDRAWN);
  EXPECT_THAT(Expired(), IsEmpty());
}

TEST_F(ExpirySweepTest, TheGroupsTimeDecidesNotTheSweeps) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  SimulatedClock ahead(harness_.clock().Now() + kLongAfter);
  RulesContext context = harness_.context();
  context.clock = &ahead;
  ExpirySweep sweep(&context);
  EXPECT_EQ(RunPage(sweep).entered, 0);
  EXPECT_EQ(StateOf(opened), v1::CONSENT_STATE_PENDING);
  EXPECT_THAT(Ends(), SizeIs(1)) << "it is found again when its time has come";
  harness_.clock().Advance(kLongAfter);
  EXPECT_EQ(RunPage(sweep).entered, 1);
}

TEST_F(ExpirySweepTest, ADecisionThatComesLaterIsRefused) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const SubjectId bystander = harness_.journal_harness().AddSubject();
  harness_.clock().Advance(kLongAfter);
  const v1::DecideConsentRequest request = harness_.DecideByAssertion(opened);
  Answer<v1::DecideConsentResponse> decided;
  Answer<ExpirySweep::Page> page;
  harness_.journal_harness().Behind(bystander, [&] {
    sweep_.RunPage(page.done());
    harness_.book().Decide(ConsentHarness::Citizen(), request, decided.done());
  });
  EXPECT_EQ(page->entered, 1);
  EXPECT_EQ(decided->refusal().reason(), v1::REFUSAL_REASON_CONSENT_EXPIRED);
  EXPECT_EQ(StateOf(opened), v1::CONSENT_STATE_EXPIRED);
}

TEST_F(ExpirySweepTest, ThoseWhoFollowAConsentAreToldOnceItIsDurable) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const v1::OpenedConsent other = harness_.MustOpen('B');
  ABSL_ASSERT_OK(harness_.Cancel(IdOf(other)));
  std::vector<v1::ConsentState> seen;
  int others = 0;
  harness_.events().Subscribe(*ConsentId::Parse(IdOf(opened)),
                              [&] { seen.push_back(StateOf(opened)); });
  harness_.events().Subscribe(*ConsentId::Parse(IdOf(other)), [&] { ++others; });
  harness_.clock().Advance(kLongAfter);
  RunPage();
  EXPECT_THAT(seen, testing::ElementsAre(v1::CONSENT_STATE_EXPIRED));
  EXPECT_EQ(others, 0);
}

TEST_F(ExpirySweepTest, P10_APageIsBoundedAndTheNextGoesOn) {
  for (int i = 0; i < limits::kExpiriesAtOnce + 5; ++i) {
    harness_.MustOpen(static_cast<char>('A' + i / limits::kPendingPerPerson));
  }
  harness_.clock().Advance(kLongAfter);
  const ExpirySweep::Page first = RunPage();
  EXPECT_EQ(first.entered, limits::kExpiriesAtOnce);
  EXPECT_TRUE(first.more);
  const ExpirySweep::Page second = RunPage();
  EXPECT_EQ(second.entered, 5);
  EXPECT_FALSE(second.more);
  EXPECT_THAT(Ends(), IsEmpty());
}

TEST_F(ExpirySweepTest, AConsentThatCannotBeReadHoldsUpNobody) {
  const v1::OpenedConsent damaged = harness_.MustOpen();
  const ConsentId id = *ConsentId::Parse(IdOf(damaged));
  const storage::v1::ConsentRow whole = harness_.ConsentRow(id.text());
  const v1::OpenedConsent good = harness_.MustOpen('B');
  Write({Table::kRows, keys::Consent(id), std::string("\xff\xff")});
  harness_.clock().Advance(kLongAfter);
  const ExpirySweep::Page page = RunPage();
  EXPECT_EQ(page.failed, 1);
  EXPECT_EQ(page.entered, 1);
  EXPECT_EQ(StateOf(good), v1::CONSENT_STATE_EXPIRED);
  Write({Table::kRows, keys::Consent(id), whole.SerializeAsString()});
  EXPECT_EQ(RunPage().entered, 1) << "the next round tries again";
}

TEST_F(ExpirySweepTest, AnEndThatLeadsNowhereIsForgottenWithoutEntry) {
  const v1::OpenedConsent granted = harness_.MustGrant(v1::EVIDENCE_KIND_CODE, 'B');
  const v1::OpenedConsent erased = harness_.MustOpen();
  const SubjectId subject = *SubjectId::FromBytes(harness_.ConsentRow(IdOf(erased)).subject_id());
  Write({Table::kKeys, keys::DataKey(subject), std::nullopt});
  Write({Table::kRows, keys::Expiry(*ConsentId::Parse(IdOf(granted)), 1), std::string()});
  const size_t entries = harness_.Entries().size();
  harness_.clock().Advance(absl::Hours(24 * 8));
  const ExpirySweep::Page page = RunPage();
  EXPECT_EQ(page.entered, 0);
  EXPECT_EQ(page.failed, 0);
  EXPECT_EQ(harness_.Entries().size(), entries);
  EXPECT_EQ(StateOf(granted), v1::CONSENT_STATE_GRANTED);
  EXPECT_THAT(Ends(), SizeIs(1)) << "that of the consent that counts";
}

// --- The job that runs it ---

TEST_F(ExpirySweepTest, TheJobRunsRoundAfterRoundUntilItEnds) {
  for (int i = 0; i < limits::kExpiriesAtOnce + 1; ++i) {
    harness_.MustOpen(static_cast<char>('A' + i / limits::kPendingPerPerson));
  }
  harness_.clock().Advance(kLongAfter);
  SimulatedTimer timer(&harness_.clock());
  const auto settle = [&] {
    // The page's callbacks run on the journal's thread, in order: an empty change is behind them.
    ABSL_ASSERT_OK(harness_.context().journal->CommitAndWait(
        {{}, [](const Reader&, const JudgeContext&) { return Verdict(); }}));
  };
  std::optional<ExpiryJob> job(std::in_place, &harness_.context(), &timer);
  timer.Advance(absl::ZeroDuration());
  settle();
  EXPECT_THAT(Expired(), SizeIs(limits::kExpiriesAtOnce));
  EXPECT_EQ(timer.NextDue(), limits::kExpiryPause) << "the round goes on";
  timer.AdvanceToNext();
  settle();
  EXPECT_THAT(Expired(), SizeIs(limits::kExpiriesAtOnce + 1));
  EXPECT_EQ(timer.NextDue(), limits::kExpiryRound);
  harness_.MustOpen('Z');
  harness_.clock().Advance(kLongAfter);
  timer.AdvanceToNext();
  settle();
  EXPECT_THAT(Expired(), SizeIs(limits::kExpiriesAtOnce + 2));
  job.reset();
  EXPECT_EQ(timer.pending(), 0u);
}

}  // namespace
}  // namespace naru
