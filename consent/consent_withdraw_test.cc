#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "consent/consent_harness.h"
#include "consent/consent_rows.h"
#include "consent/store/keys.h"
#include "naru/v1/message_service.pb.h"

// What happens to a consent after the decision: withdrawn, suspended, resumed; and before it:
// cancelled, a code sent again.
namespace naru {
namespace {

using testing::HasSubstr;

class ConsentWithdrawTest : public testing::Test {
 protected:
  static MemoryStore::Options Twice() {
    MemoryStore::Options options;
    options.judge_twice = true;
    return options;
  }
  v1::WithdrawConsentRequest ByCode(const v1::OpenedConsent& opened, const std::string& code) {
    v1::WithdrawConsentRequest request;
    request.set_request_id(harness_.NewId());
    request.set_link_token(opened.link_token());
    request.mutable_evidence()->set_code(code);
    return request;
  }
  v1::CheckConsentResponse Check(const v1::OpenedConsent& opened) {
    return harness_.CheckById(opened.consent().consent_id()).value();
  }

  ConsentHarness harness_{Twice()};
};

TEST_F(ConsentWithdrawTest, P2_AfterAWithdrawalNothingIsAllowedAndTheCitizenIsTold) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  EXPECT_TRUE(Check(opened).has_allowed());
  int told = 0;
  harness_.events().Subscribe(*ConsentId::Parse(opened.consent().consent_id()), [&] {
    ++told;
    EXPECT_EQ(Check(opened).refusal().reason(), v1::REFUSAL_REASON_CONSENT_WITHDRAWN)
        << "durable before anybody is told";
  });
  const v1::WithdrawConsentResponse response =
      harness_.Withdraw(harness_.WithdrawByAssertion(opened, {}, {1, 2, 3})).value();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(response.withdrawn().consent().state(), v1::CONSENT_STATE_WITHDRAWN);
  for (const v1::PaperDecision& decision : response.withdrawn().consent().decisions()) {
    EXPECT_EQ(decision.decision(), v1::DECISION_WITHDRAWN);
  }
  const auto messages = harness_.Messages();
  EXPECT_EQ(messages.back().message.kind(), v1::MESSAGE_KIND_NOTICE);
  EXPECT_THAT(messages.back().message.text(),
              HasSubstr(absl::StrCat(response.withdrawn().ledger_index())));
}

TEST_F(ConsentWithdrawTest, SomePapersCanBeWithdrawnAndTheLastOneEndsIt) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  const v1::WithdrawConsentRequest first = harness_.WithdrawByAssertion(opened, {2}, {2});
  const v1::WithdrawConsentResponse some = harness_.Withdraw(first).value();
  EXPECT_EQ(some.withdrawn().consent().state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_EQ(Check(opened).allowed().paper_ids_size(), 2);
  EXPECT_EQ(harness_.Messages().size(), 1u) << "the notice is about the whole";
  // A paper is withdrawn once.
  EXPECT_EQ(harness_.Withdraw(harness_.WithdrawByAssertion(opened, {2}, {2}))->refusal().reason(),
            v1::REFUSAL_REASON_STATE_CONFLICT);
  EXPECT_THAT(harness_.Withdraw(harness_.WithdrawByAssertion(opened, {9}, {9})),
              HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  const v1::WithdrawConsentResponse rest =
      harness_.Withdraw(harness_.WithdrawByAssertion(opened, {1, 3}, {3, 1})).value();
  EXPECT_EQ(rest.withdrawn().consent().state(), v1::CONSENT_STATE_WITHDRAWN);
  // P7: a repeat shows the consent as the first call left it.
  EXPECT_EQ(harness_.Withdraw(first)->SerializeAsString(), some.SerializeAsString());
}

TEST_F(ConsentWithdrawTest, P9_TheAssertionIsBoundToThePapersWithdrawn) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  for (const auto& bound : std::vector<std::vector<uint32_t>>{{}, {1}, {1, 2}}) {
    EXPECT_EQ(
        harness_.Withdraw(harness_.WithdrawByAssertion(opened, {}, bound))->refusal().reason(),
        v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION);
  }
}

TEST_F(ConsentWithdrawTest, P9_AnAssertionServesOnce) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  v1::SuspendConsentRequest suspend;
  suspend.set_request_id(harness_.NewId());
  suspend.set_consent_id(opened.consent().consent_id());
  *suspend.mutable_evidence() = harness_.Assertion(
      {'A', "SUSPEND", opened.consent().consent_id(), opened.consent().text_sha256(), {}});
  const auto call = [&] {
    Answer<v1::SuspendConsentResponse> answer;
    harness_.book().Suspend(ConsentHarness::Citizen(), suspend, answer.done());
    return answer.status().value();
  };
  const v1::SuspendConsentResponse first = call();
  ASSERT_EQ(first.suspended().consent().state(), v1::CONSENT_STATE_SUSPENDED);
  ASSERT_TRUE(harness_.Resume(opened)->has_resumed());
  EXPECT_EQ(call().SerializeAsString(), first.SerializeAsString()) << "the same call repeated";
  suspend.set_request_id(harness_.NewId());
  EXPECT_EQ(call().refusal().reason(), v1::REFUSAL_REASON_ASSERTION_REUSED);
  EXPECT_TRUE(Check(opened).has_allowed());
  // Long after, it is too old; the row that remembers it is forgotten by the next one.
  harness_.clock().Advance(absl::Hours(1));
  EXPECT_EQ(call().refusal().reason(), v1::REFUSAL_REASON_ASSERTION_INVALID);
  ASSERT_TRUE(harness_.Suspend(opened)->has_suspended());
  const auto subject =
      SubjectId::FromBytes(harness_.ConsentRow(opened.consent().consent_id()).subject_id());
  const auto [from, to] = keys::UsedNonces(*subject);
  EXPECT_EQ(harness_.store().Scan(Table::kRows, from, to, 10)->size(), 1u);
}

TEST_F(ConsentWithdrawTest, WhatWasGivenByCodeIsTakenBackByANewCode) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_CODE);
  const std::string used = harness_.LastCode();
  EXPECT_EQ(harness_.Withdraw(ByCode(opened, used))->refusal().reason(),
            v1::REFUSAL_REASON_CODE_EXPIRED)
      << "the code to decide is none to withdraw";
  const v1::SendCodeResponse sent = harness_.SendCode(opened, v1::CODE_PURPOSE_WITHDRAW).value();
  EXPECT_EQ(sent.queued().resends_left(), 3u);
  const std::string code = harness_.LastCode();
  EXPECT_EQ(harness_.Withdraw(ByCode(opened, ConsentHarness::Other(code)))
                ->refusal()
                .facts()
                .at("tries_left"),
            "4");
  const v1::WithdrawConsentResponse done = harness_.Withdraw(ByCode(opened, code)).value();
  EXPECT_EQ(done.withdrawn().consent().state(), v1::CONSENT_STATE_WITHDRAWN);
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_CONSENT_WITHDRAWN).at(0).outer.evidence(),
            v1::EVIDENCE_KIND_CODE);
}

TEST_F(ConsentWithdrawTest, P9_ACodeServesOnce) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_CODE);
  ASSERT_TRUE(harness_.SendCode(opened, v1::CODE_PURPOSE_WITHDRAW)->has_queued());
  const std::string code = harness_.LastCode();
  v1::WithdrawConsentRequest some = ByCode(opened, code);
  some.add_paper_ids(2);
  EXPECT_EQ(harness_.Withdraw(some)->withdrawn().consent().state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_EQ(harness_.Withdraw(ByCode(opened, code))->refusal().reason(),
            v1::REFUSAL_REASON_CODE_EXPIRED);
}

TEST_F(ConsentWithdrawTest, P9_WhatWasGivenBySignInIsNotTakenBackByACode) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  EXPECT_EQ(harness_.SendCode(opened, v1::CODE_PURPOSE_WITHDRAW)->refusal().reason(),
            v1::REFUSAL_REASON_EVIDENCE_NOT_ENOUGH);
  EXPECT_EQ(harness_.Withdraw(ByCode(opened, "123456"))->refusal().reason(),
            v1::REFUSAL_REASON_EVIDENCE_NOT_ENOUGH);
}

TEST_F(ConsentWithdrawTest, ACodeIsSentAgainThreeTimesAndARepeatSendsNone) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  v1::SendCodeRequest request;
  request.set_request_id(harness_.NewId());
  request.set_link_token(opened.link_token());
  request.set_purpose(v1::CODE_PURPOSE_DECIDE);
  const auto call = [&] {
    Answer<v1::SendCodeResponse> answer;
    harness_.book().SendCode(ConsentHarness::Citizen(), request, answer.done());
    return answer.status().value();
  };
  const v1::SendCodeResponse first = call();
  EXPECT_EQ(first.queued().resends_left(), 2u);
  EXPECT_EQ(first.queued().expire_time().seconds(),
            absl::ToUnixSeconds(harness_.clock().Now() + limits::kCodeLife));
  EXPECT_EQ(harness_.SendCode(opened, v1::CODE_PURPOSE_DECIDE)->queued().resends_left(), 1u);
  EXPECT_EQ(harness_.SendCode(opened, v1::CODE_PURPOSE_DECIDE)->queued().resends_left(), 0u);
  EXPECT_EQ(harness_.SendCode(opened, v1::CODE_PURPOSE_DECIDE)->refusal().reason(),
            v1::REFUSAL_REASON_CODE_RESENDS_EXHAUSTED);
  EXPECT_EQ(harness_.Messages().size(), 4u);
  EXPECT_EQ(call().SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(harness_.Messages().size(), 4u);
  EXPECT_TRUE(harness_.Decide(harness_.DecideByCode(opened, harness_.LastCode()))->has_decided());
  EXPECT_EQ(harness_.SendCode(opened, v1::CODE_PURPOSE_DECIDE)->refusal().reason(),
            v1::REFUSAL_REASON_STATE_CONFLICT);
}

TEST_F(ConsentWithdrawTest, SuspendedNothingIsAllowedUntilResumed) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_CODE);
  EXPECT_EQ(harness_.Resume(opened)->refusal().facts().at("state"), "GRANTED");
  EXPECT_EQ(harness_.Suspend(opened)->suspended().consent().state(), v1::CONSENT_STATE_SUSPENDED);
  EXPECT_EQ(Check(opened).refusal().reason(), v1::REFUSAL_REASON_CONSENT_SUSPENDED);
  EXPECT_EQ(harness_.Suspend(opened)->refusal().reason(), v1::REFUSAL_REASON_STATE_CONFLICT);
  EXPECT_EQ(harness_.Resume(opened)->resumed().consent().state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_TRUE(Check(opened).has_allowed());
  ASSERT_TRUE(harness_.Suspend(opened)->has_suspended());
  harness_.clock().Advance(absl::Hours(24 * 31));
  EXPECT_EQ(harness_.Resume(opened)->refusal().facts().at("state"), "EXPIRED");
}

TEST_F(ConsentWithdrawTest, ARequesterCancelsItsOwnRequestBeforeTheDecisionOnly) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const std::string& id = opened.consent().consent_id();
  FakeRandom random(99);
  const auto foreign = harness_.Cancel(id, ConsentHarness::Counter(ConsentHarness::kOtherAgency));
  const auto unknown = harness_.Cancel(ConsentId::Generate(1, random).text());
  EXPECT_THAT(foreign, HasErrorReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(foreign.status(), unknown.status()) << "P10: not yours and none are one answer";
  const v1::CancelConsentResponse cancelled = harness_.Cancel(id).value();
  EXPECT_EQ(cancelled.consent().state(), v1::CONSENT_STATE_CANCELLED);
  EXPECT_EQ(harness_.Cancel(id)->refusal().reason(), v1::REFUSAL_REASON_STATE_CONFLICT);
  EXPECT_EQ(Check(opened).refusal().reason(), v1::REFUSAL_REASON_CONSENT_CANCELLED);
  const v1::OpenedConsent granted = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  EXPECT_EQ(harness_.Cancel(granted.consent().consent_id())->refusal().reason(),
            v1::REFUSAL_REASON_STATE_CONFLICT);
}

TEST_F(ConsentWithdrawTest, P2_RacingChangesHaveOneOrderAndNumbersWithoutGap) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  const SubjectId bystander = harness_.journal_harness().AddSubject();
  constexpr int kCallers = 20;
  std::deque<Answer<v1::WithdrawConsentResponse>> answers(kCallers);
  std::vector<v1::WithdrawConsentRequest> requests;
  for (int i = 0; i < kCallers; ++i) {
    requests.push_back(harness_.WithdrawByAssertion(opened, {}, {1, 2, 3}));
  }
  harness_.journal_harness().Behind(bystander, [&] {
    for (int i = 0; i < kCallers; ++i) {
      harness_.book().Withdraw(ConsentHarness::Citizen(), requests[i], answers[i].done());
    }
  });
  int withdrawn = 0;
  for (auto& answer : answers) withdrawn += answer->has_withdrawn() ? 1 : 0;
  EXPECT_EQ(withdrawn, 1);
  uint64_t expected = 0;
  const std::string subject = harness_.ConsentRow(opened.consent().consent_id()).subject_id();
  for (const auto& entry : harness_.Entries()) {
    if (entry.inner.subject_id() != subject) continue;
    EXPECT_EQ(entry.inner.person_number(), ++expected);
  }
  EXPECT_EQ(expected, 3u + kCallers);
}

TEST_F(ConsentWithdrawTest, TheCheckRowAndTheEndAlwaysFollowTheConsent) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const ConsentId id = *ConsentId::Parse(opened.consent().consent_id());
  const auto verify = [&](const char* when) {
    const storage::v1::ConsentRow row = harness_.ConsentRow(id.text());
    EXPECT_EQ(harness_.store().Get(Table::kChecks, keys::Check(id))->value(),
              MakeCheckRow(row).SerializeAsString())
        << when;
    const auto all = keys::ExpiriesBefore(id.shard(), absl::ToUnixMicros(absl::InfiniteFuture()));
    const auto ends = harness_.store().Scan(Table::kRows, all.first, all.second, 10).value();
    if (row.state() == v1::CONSENT_STATE_WITHDRAWN) {
      EXPECT_TRUE(ends.empty()) << when;
      return;
    }
    ASSERT_EQ(ends.size(), 1u) << when;
    EXPECT_EQ(ends[0].key,
              keys::Expiry(id, row.state() == v1::CONSENT_STATE_PENDING ? row.decide_until_us()
                                                                        : row.valid_until_us()))
        << when;
  };
  verify("opened");
  ASSERT_TRUE(harness_.Decide(harness_.DecideByAssertion(opened, {2}))->has_decided());
  verify("granted");
  ASSERT_TRUE(harness_.Suspend(opened)->has_suspended());
  verify("suspended");
  ASSERT_TRUE(harness_.Withdraw(harness_.WithdrawByAssertion(opened, {1}, {1}))->has_withdrawn());
  verify("some withdrawn");
  ASSERT_TRUE(harness_.Withdraw(harness_.WithdrawByAssertion(opened, {}, {3}))->has_withdrawn());
  verify("withdrawn");
}

}  // namespace
}  // namespace naru
