#include <gtest/gtest.h>

#include <deque>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "consent/consent_harness.h"

// Who decides, and on what evidence (P9).
namespace naru {
namespace {

class ConsentDecideTest : public testing::Test {
 protected:
  static MemoryStore::Options Twice() {
    MemoryStore::Options options;
    options.judge_twice = true;
    return options;
  }
  v1::Refusal Refused(const v1::DecideConsentRequest& request) {
    const v1::DecideConsentResponse response = harness_.Decide(request).value();
    EXPECT_TRUE(response.has_refusal());
    return response.refusal();
  }
  v1::ConsentState State() { return harness_.ConsentRow(opened_.consent().consent_id()).state(); }
  // An assertion that says what `edit` makes of the right one.
  v1::DecideConsentRequest Vouched(const std::function<void(ConsentHarness::Vouch*)>& edit) {
    v1::DecideConsentRequest request = harness_.DecideRequest(opened_);
    request.set_consent_id(opened_.consent().consent_id());
    ConsentHarness::Vouch vouch;
    vouch.action = "DECIDE";
    vouch.consent_id = opened_.consent().consent_id();
    vouch.text_sha256 = opened_.consent().text_sha256();
    vouch.decisions.assign(request.decisions().begin(), request.decisions().end());
    edit(&vouch);
    *request.mutable_evidence() = harness_.Assertion(vouch);
    return request;
  }

  ConsentHarness harness_{Twice()};
  const v1::OpenedConsent opened_ = harness_.MustOpen();
  const std::string code_ = harness_.LastCode();
};

TEST_F(ConsentDecideTest, ByCodeTheCitizenAgreesPaperByPaper) {
  int told = 0;
  harness_.events().Subscribe(*ConsentId::Parse(opened_.consent().consent_id()), [&] { ++told; });
  const absl::Time now = harness_.clock().Now();
  const v1::DecideConsentResponse response =
      harness_.Decide(harness_.DecideByCode(opened_, code_, {2})).value();
  EXPECT_EQ(told, 1) << "told before the caller is answered";
  const v1::Consent& consent = response.decided().consent();
  EXPECT_EQ(consent.state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_EQ(consent.evidence(), v1::EVIDENCE_KIND_CODE);
  EXPECT_EQ(consent.decisions(0).decision(), v1::DECISION_AGREED);
  EXPECT_EQ(consent.decisions(1).decision(), v1::DECISION_REFUSED);
  EXPECT_EQ(consent.valid_until().seconds(), absl::ToUnixSeconds(now) + 2592000);
  EXPECT_FALSE(consent.has_opened_by());

  const auto attempts = harness_.Entries(v1::ENTRY_KIND_CODE_ATTEMPTED);
  const auto decided = harness_.Entries(v1::ENTRY_KIND_CONSENT_DECIDED);
  ASSERT_EQ(attempts.size(), 1u);
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_LT(attempts[0].index, decided[0].index);
  EXPECT_EQ(decided[0].index, response.decided().ledger_index());
  EXPECT_EQ(decided[0].outer.state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_EQ(decided[0].outer.evidence(), v1::EVIDENCE_KIND_CODE);
  EXPECT_EQ(decided[0].outer.text_sha256(), opened_.consent().text_sha256());
  EXPECT_EQ(decided[0].outer.decisions_size(), 3);
}

TEST_F(ConsentDecideTest, ByAssertionTheCitizenAgreesAndTheProofIsKept) {
  const v1::DecideConsentRequest request = harness_.DecideByAssertion(opened_);
  const v1::DecideConsentResponse response = harness_.Decide(request).value();
  EXPECT_EQ(response.decided().consent().state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_EQ(response.decided().consent().evidence(), v1::EVIDENCE_KIND_ASSERTION);
  EXPECT_TRUE(harness_.Entries(v1::ENTRY_KIND_CODE_ATTEMPTED).empty());
  const auto decided = harness_.Entries(v1::ENTRY_KIND_CONSENT_DECIDED);
  EXPECT_EQ(harness_.Details(decided.at(0)).assertion(), request.evidence().assertion().jws());
}

TEST_F(ConsentDecideTest, WhoAgreesToNothingHasDenied) {
  const v1::DecideConsentResponse response =
      harness_.Decide(harness_.DecideByAssertion(opened_, {1, 2, 3})).value();
  EXPECT_EQ(response.decided().consent().state(), v1::CONSENT_STATE_DENIED);
  EXPECT_FALSE(response.decided().consent().has_valid_until());
  EXPECT_EQ(Refused(harness_.DecideByCode(opened_, code_)).reason(),
            v1::REFUSAL_REASON_STATE_CONFLICT);
}

TEST_F(ConsentDecideTest, P7_ARepeatOfADecisionGetsTheSameAnswerWithoutAnotherTry) {
  const v1::DecideConsentRequest request = harness_.DecideByCode(opened_, code_);
  const v1::DecideConsentResponse first = harness_.Decide(request).value();
  ASSERT_TRUE(first.has_decided());
  ASSERT_TRUE(
      harness_.Withdraw(harness_.WithdrawByAssertion(opened_, {}, {1, 2, 3}))->has_withdrawn());
  harness_.clock().Advance(absl::Hours(1));  // The code is long over.
  const size_t entries = harness_.Entries().size();
  EXPECT_EQ(harness_.Decide(request)->SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(harness_.Entries().size(), entries);
  v1::DecideConsentRequest other = request;
  other.mutable_decisions(0)->set_decision(v1::DECISION_REFUSED);
  EXPECT_THAT(harness_.Decide(other), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(ConsentDecideTest, P9_FiveWrongCodesLockAndTheRightOneDoesNotCountAnyMore) {
  for (int left = limits::kCodeAttempts - 1; left >= 0; --left) {
    const v1::Refusal refusal =
        Refused(harness_.DecideByCode(opened_, ConsentHarness::Other(code_)));
    EXPECT_EQ(refusal.reason(), v1::REFUSAL_REASON_CODE_WRONG);
    EXPECT_EQ(refusal.facts().at("tries_left"), std::to_string(left));
  }
  EXPECT_EQ(Refused(harness_.DecideByCode(opened_, code_)).reason(),
            v1::REFUSAL_REASON_CODE_LOCKED);
  EXPECT_EQ(harness_.SendCode(opened_, v1::CODE_PURPOSE_DECIDE)->refusal().reason(),
            v1::REFUSAL_REASON_CODE_LOCKED);
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_CODE_ATTEMPTED).size(), 5u);
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_REFUSED).size(), 7u);
  EXPECT_EQ(State(), v1::CONSENT_STATE_PENDING);
}

TEST_F(ConsentDecideTest, P9_TheSixthTryIsNeverComparedHoweverManyComeAtOnce) {
  const SubjectId bystander = harness_.journal_harness().AddSubject();
  constexpr int kTries = 40;
  std::deque<Answer<v1::DecideConsentResponse>> answers(kTries);
  std::vector<v1::DecideConsentRequest> requests;
  for (int i = 0; i < kTries; ++i) {
    // The right one comes sixth.
    requests.push_back(
        harness_.DecideByCode(opened_, i == 5 ? code_ : ConsentHarness::Other(code_)));
  }
  harness_.journal_harness().Behind(bystander, [&] {
    for (int i = 0; i < kTries; ++i) {
      harness_.book().Decide(ConsentHarness::Citizen(), requests[i], answers[i].done());
    }
  });
  int wrong = 0;
  for (int i = 0; i < kTries; ++i) {
    ASSERT_TRUE(answers[i]->has_refusal()) << i;
    const v1::RefusalReason reason = answers[i]->refusal().reason();
    if (reason == v1::REFUSAL_REASON_CODE_WRONG) {
      ++wrong;
    } else {
      EXPECT_EQ(reason, v1::REFUSAL_REASON_CODE_LOCKED) << i;
    }
  }
  EXPECT_EQ(wrong, limits::kCodeAttempts);
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_CODE_ATTEMPTED).size(), 5u);
  EXPECT_EQ(State(), v1::CONSENT_STATE_PENDING);
}

TEST_F(ConsentDecideTest, P9_ATryIsDurableBeforeItIsCompared) {
  // The disk fails for the comparison: the answer is an error, the try is counted all the same.
  const uint64_t attempt = harness_.journal_harness().next_update();
  harness_.store().FailUpdate(attempt + 1, StorageFull(1));
  const v1::DecideConsentRequest request = harness_.DecideByCode(opened_, code_);
  EXPECT_THAT(harness_.Decide(request), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  harness_.Restart();
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_CODE_ATTEMPTED).size(), 1u);
  EXPECT_EQ(harness_.ConsentRow(opened_.consent().consent_id()).decide_code().attempts(), 1u);
  EXPECT_EQ(State(), v1::CONSENT_STATE_PENDING);
  // The disk fails for the try: nothing was compared.
  harness_.store().FailUpdate(harness_.journal_harness().next_update(), StorageFull(1));
  EXPECT_THAT(harness_.Decide(request), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  EXPECT_EQ(State(), v1::CONSENT_STATE_PENDING);
  EXPECT_TRUE(harness_.Decide(request)->has_decided());
}

TEST_F(ConsentDecideTest, P9_OldReplacedAndForeignCodesDoNotCount) {
  ASSERT_TRUE(harness_.SendCode(opened_, v1::CODE_PURPOSE_DECIDE)->has_queued());
  const std::string second = harness_.LastCode();
  ASSERT_NE(second, code_);
  EXPECT_EQ(Refused(harness_.DecideByCode(opened_, code_)).reason(), v1::REFUSAL_REASON_CODE_WRONG);
  const v1::OpenedConsent other = harness_.MustOpen();
  const std::string others = harness_.LastCode();
  ASSERT_NE(others, second);
  EXPECT_EQ(Refused(harness_.DecideByCode(opened_, others)).reason(),
            v1::REFUSAL_REASON_CODE_WRONG);
  harness_.clock().Advance(limits::kCodeLife);
  EXPECT_EQ(Refused(harness_.DecideByCode(opened_, second)).reason(),
            v1::REFUSAL_REASON_CODE_EXPIRED);
  EXPECT_EQ(State(), v1::CONSENT_STATE_PENDING);
}

TEST_F(ConsentDecideTest, P9_AnAssertionCountsForThisPersonThisActionThisTextTheseDecisions) {
  using Vouch = ConsentHarness::Vouch;
  struct Attack {
    const char* what;
    std::function<void(Vouch*)> edit;
    v1::RefusalReason reason;
  };
  const v1::OpenedConsent other = harness_.MustOpen();
  harness_.MustOpen('B');
  const Attack attacks[] = {
      {"a known other person", [](Vouch* v) { v->person = 'B'; },
       v1::REFUSAL_REASON_ASSERTION_OTHER_PERSON},
      {"an unknown person", [](Vouch* v) { v->person = 'C'; },
       v1::REFUSAL_REASON_ASSERTION_OTHER_PERSON},
      {"too old", [](Vouch* v) { v->age = limits::kAssertionAge + absl::Seconds(1); },
       v1::REFUSAL_REASON_ASSERTION_INVALID},
      {"from the future", [](Vouch* v) { v->age = -limits::kClockSkew - absl::Seconds(2); },
       v1::REFUSAL_REASON_ASSERTION_INVALID},
      {"for another action", [](Vouch* v) { v->action = "WITHDRAW"; },
       v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION},
      {"for another consent", [&](Vouch* v) { v->consent_id = other.consent().consent_id(); },
       v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION},
      {"for another text", [](Vouch* v) { v->text_sha256[0] ^= 1; },
       v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION},
      {"for other decisions", [](Vouch* v) { v->decisions[0].set_decision(v1::DECISION_REFUSED); },
       v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION},
      {"for fewer papers", [](Vouch* v) { v->decisions.pop_back(); },
       v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION},
  };
  for (const Attack& attack : attacks) {
    EXPECT_EQ(Refused(Vouched(attack.edit)).reason(), attack.reason) << attack.what;
  }
  v1::DecideConsentRequest forged = Vouched([](Vouch*) {});
  forged.mutable_evidence()->mutable_assertion()->mutable_jws()->back() ^= 1;
  EXPECT_EQ(Refused(forged).reason(), v1::REFUSAL_REASON_ASSERTION_INVALID);
  v1::DecideConsentRequest salted = Vouched([](Vouch*) {});
  salted.mutable_evidence()->mutable_assertion()->set_salt("");
  EXPECT_EQ(Refused(salted).reason(), v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION);
  EXPECT_EQ(State(), v1::CONSENT_STATE_PENDING);
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_REFUSED).size(), std::size(attacks) + 2);
  EXPECT_TRUE(harness_.Decide(Vouched([](Vouch*) {}))->has_decided());
}

TEST_F(ConsentDecideTest, P9_AnAssertionThatAgesInTheQueueDoesNotCount) {
  const SubjectId bystander = harness_.journal_harness().AddSubject();
  Answer<v1::DecideConsentResponse> answer;
  const v1::DecideConsentRequest request =
      Vouched([](ConsentHarness::Vouch* v) { v->age = limits::kAssertionAge - absl::Seconds(1); });
  harness_.journal_harness().Behind(bystander, [&] {
    harness_.book().Decide(ConsentHarness::Citizen(), request, answer.done());
    harness_.clock().Advance(absl::Seconds(2));
  });
  EXPECT_EQ(answer->refusal().reason(), v1::REFUSAL_REASON_ASSERTION_INVALID);
}

TEST_F(ConsentDecideTest, P10_SomebodyElsesConsentAndNoneAreOneAnswerToAnAssertion) {
  FakeRandom random(99);
  v1::DecideConsentRequest others = Vouched([](auto* v) { v->person = 'B'; });
  v1::DecideConsentRequest nobodys = others;
  nobodys.set_request_id(harness_.NewId());
  nobodys.set_consent_id(
      ConsentId::Generate(ConsentId::Parse(opened_.consent().consent_id())->shard(), random)
          .text());
  EXPECT_EQ(harness_.Decide(others)->SerializeAsString(),
            harness_.Decide(nobodys)->SerializeAsString());
}

TEST_F(ConsentDecideTest, WhatDoesNotFitTheConsentIsRefusedOrABadCall) {
  v1::DecideConsentRequest request = harness_.DecideByAssertion(opened_);
  request.mutable_text_sha256()->front() ^= 1;
  EXPECT_EQ(Refused(request).reason(), v1::REFUSAL_REASON_TEXT_MISMATCH);
  request = harness_.DecideByCode(opened_, code_);
  request.mutable_text_sha256()->front() ^= 1;
  EXPECT_EQ(Refused(request).reason(), v1::REFUSAL_REASON_TEXT_MISMATCH);
  request = harness_.DecideByCode(opened_, code_);
  request.mutable_decisions()->RemoveLast();
  EXPECT_THAT(harness_.Decide(request), HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
  request.add_decisions()->CopyFrom(request.decisions(0));
  EXPECT_THAT(harness_.Decide(request), HasErrorReason(v1::ERROR_REASON_FIELDS_CONTRADICT));
  request = harness_.DecideByCode(opened_, code_);
  request.set_consent_id(opened_.consent().consent_id());
  EXPECT_THAT(harness_.Decide(request), HasErrorReason(v1::ERROR_REASON_FIELDS_CONTRADICT));
  request = harness_.DecideByCode(opened_, "12345");
  EXPECT_THAT(harness_.Decide(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  request = harness_.DecideByCode(opened_, code_);
  request.set_link_token(std::string(43, 'A'));
  EXPECT_EQ(Refused(request).reason(), v1::REFUSAL_REASON_LINK_UNKNOWN);
  EXPECT_TRUE(harness_.Entries(v1::ENTRY_KIND_CODE_ATTEMPTED).empty()) << "none was a try";
}

TEST_F(ConsentDecideTest, ALinkSaysWhyItCannotBeUsedAnyMore) {
  v1::ShowConsentRequest show;
  show.set_link_token(opened_.link_token());
  const v1::OpenedConsent cancelled = harness_.MustOpen();
  ASSERT_TRUE(harness_.Cancel(cancelled.consent().consent_id())->has_consent());
  EXPECT_EQ(Refused(harness_.DecideByAssertion(cancelled)).reason(),
            v1::REFUSAL_REASON_CONSENT_CANCELLED);
  harness_.clock().Advance(absl::Minutes(30));
  EXPECT_EQ(harness_.book().Show({}, show)->refusal().reason(), v1::REFUSAL_REASON_CONSENT_EXPIRED);
  EXPECT_EQ(Refused(harness_.DecideByAssertion(opened_)).reason(),
            v1::REFUSAL_REASON_CONSENT_EXPIRED);
  show.set_link_token(cancelled.link_token());
  EXPECT_EQ(harness_.book().Show({}, show)->refusal().reason(),
            v1::REFUSAL_REASON_CONSENT_CANCELLED);
  show.set_link_token("nonsense");
  EXPECT_EQ(harness_.book().Show({}, show)->refusal().reason(), v1::REFUSAL_REASON_LINK_UNKNOWN);
}

}  // namespace
}  // namespace naru
