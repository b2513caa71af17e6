#include "consent/consent_check.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "consent/consent_harness.h"
#include "consent/journal.h"
#include "consent/store/keys.h"

// Questions about a consent: who may ask, what they learn (P10), what is entered; and what rests
// in clear (P6): nothing.
namespace naru {
namespace {

using testing::ElementsAre;

class ConsentCheckTest : public testing::Test {
 protected:
  v1::RefusalReason Refused(const absl::StatusOr<v1::CheckConsentResponse>& response) {
    return response.value().refusal().reason();
  }

  ConsentHarness harness_;
};

TEST_F(ConsentCheckTest, AllowsThePapersAgreedToUntilTheEnd) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const std::string& id = opened.consent().consent_id();
  EXPECT_EQ(Refused(harness_.CheckById(id)), v1::REFUSAL_REASON_CONSENT_PENDING);
  ASSERT_TRUE(harness_.Decide(harness_.DecideByAssertion(opened, {2}))->has_decided());
  const v1::CheckedConsent allowed = harness_.CheckById(id)->allowed();
  EXPECT_EQ(allowed.consent_id(), id);
  EXPECT_THAT(allowed.paper_ids(), ElementsAre(1, 3));
  EXPECT_EQ(allowed.uses_left(), 10u);
  harness_.clock().Advance(absl::Seconds(2592000) - absl::Microseconds(1));
  EXPECT_TRUE(harness_.CheckById(id)->has_allowed());
  harness_.clock().Advance(absl::Microseconds(1));
  EXPECT_EQ(Refused(harness_.CheckById(id)), v1::REFUSAL_REASON_CONSENT_EXPIRED);
}

TEST_F(ConsentCheckTest, AConsentAloneIsNotEnough) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  harness_.SuspendApproval();
  const v1::CheckConsentResponse response =
      harness_.CheckById(opened.consent().consent_id()).value();
  EXPECT_EQ(response.refusal().reason(), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
  EXPECT_EQ(response.refusal().facts().at("approval"), ConsentHarness::kApproval);
  const v1::CheckConsentResponse by_rows =
      harness_.CheckById(opened.consent().consent_id(), ConsentHarness::Counter()).value();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(by_rows, response))
      << "by rows as by memory";
}

TEST_F(ConsentCheckTest, FindsThePriorConsentTheNewestThatIsNotFinal) {
  EXPECT_EQ(Refused(harness_.CheckByPerson('A')), v1::REFUSAL_REASON_NO_CONSENT);
  const v1::OpenedConsent first = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  harness_.clock().Advance(absl::Seconds(1));
  const v1::OpenedConsent second = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  harness_.clock().Advance(absl::Seconds(1));
  const v1::OpenedConsent third = harness_.MustOpen();
  ASSERT_TRUE(harness_.Cancel(third.consent().consent_id())->has_consent());
  EXPECT_EQ(harness_.CheckByPerson('A')->allowed().consent_id(), second.consent().consent_id());
  ASSERT_TRUE(
      harness_.Withdraw(harness_.WithdrawByAssertion(second, {}, {1, 2, 3}))->has_withdrawn());
  EXPECT_EQ(harness_.CheckByPerson('A')->allowed().consent_id(), first.consent().consent_id());
}

TEST_F(ConsentCheckTest, P10_NotYoursAndNoSuchPersonAreOneAnswerInEveryByte) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  FakeRandom random(99);
  const std::string unknown = ConsentId::Generate(1, random).text();
  for (const Caller& other : {ConsentHarness::System(ConsentHarness::kOtherAgency),
                              ConsentHarness::Counter(ConsentHarness::kOtherAgency)}) {
    const std::string nothing = harness_.CheckById(unknown, other)->SerializeAsString();
    EXPECT_EQ(harness_.CheckById(opened.consent().consent_id(), other)->SerializeAsString(),
              nothing);
    EXPECT_EQ(harness_.CheckByPerson('A', other)->SerializeAsString(), nothing)
        << "known, but to another agency";
    EXPECT_EQ(harness_.CheckByPerson('Z', other)->SerializeAsString(), nothing) << "nobody";
    const absl::Status found =
        harness_.book().ForRequester(other, opened.consent().consent_id()).status();
    EXPECT_THAT(found, HasErrorReason(v1::ERROR_REASON_NOT_FOUND));
    EXPECT_EQ(found, harness_.book().ForRequester(other, unknown).status());
    EXPECT_EQ(found, harness_.book().ForRequester(other, "nonsense").status());
  }
}

TEST_F(ConsentCheckTest, AnOfficialsCheckIsEnteredBeforeTheAnswerWithOfficialAndCase) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  const std::string& id = opened.consent().consent_id();
  ASSERT_TRUE(harness_.CheckById(id, ConsentHarness::Counter())->has_allowed());
  auto checked = harness_.Entries(v1::ENTRY_KIND_CONSENT_CHECKED);
  ASSERT_EQ(checked.size(), 1u);
  EXPECT_EQ(checked[0].outer.consent_id(), id);
  EXPECT_EQ(checked[0].outer.refusal_reason(), v1::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_EQ(checked[0].inner.subject_id(), harness_.ConsentRow(id).subject_id());
  EXPECT_EQ(harness_.Details(checked[0]).case_().official_id(), ConsentHarness::kOfficial);
  // Who asks for another agency's consent is in the person's history; who asks for nobody is
  // entered too.
  harness_.CheckById(id, ConsentHarness::Counter(ConsentHarness::kOtherAgency)).value();
  harness_.CheckByPerson('Z', ConsentHarness::Counter()).value();
  checked = harness_.Entries(v1::ENTRY_KIND_CONSENT_CHECKED);
  ASSERT_EQ(checked.size(), 3u);
  EXPECT_EQ(checked[1].outer.requester(), ConsentHarness::kOtherAgency);
  EXPECT_EQ(checked[1].outer.refusal_reason(), v1::REFUSAL_REASON_NO_CONSENT);
  EXPECT_EQ(checked[1].outer.state(), v1::CONSENT_STATE_UNSPECIFIED);
  EXPECT_EQ(checked[1].inner.subject_id(), checked[0].inner.subject_id());
  EXPECT_TRUE(checked[2].inner.subject_id().empty());
  // Not entered, not answered.
  harness_.store().FailUpdate(harness_.journal_harness().next_update(), StorageFull(1));
  EXPECT_THAT(harness_.CheckById(id, ConsentHarness::Counter()),
              HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
}

TEST_F(ConsentCheckTest, AMachinesChecksAreNotedForThePersonAndBounded) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  const std::string& id = opened.consent().consent_id();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(harness_.CheckById(id)->has_allowed());
  ABSL_ASSERT_OK(harness_.context().journal->FlushChecks());
  uint32_t count = 0;
  for (const auto& entry : harness_.Entries(v1::ENTRY_KIND_CHECKS)) {
    for (const v1::CheckNote& note : entry.outer.checks()) {
      EXPECT_EQ(note.consent_id(), id);
      count += note.count();
    }
  }
  EXPECT_EQ(count, 3u);
  const auto subject = SubjectId::FromBytes(harness_.ConsentRow(id).subject_id());
  const auto [from, to] = keys::PersonHistoryAll(*subject);
  const auto history = harness_.store().Scan(Table::kRows, from, to, 10).value();
  storage::v1::HistoryRow newest;
  ASSERT_TRUE(newest.ParseFromString(history.at(0).value));
  EXPECT_EQ(newest.ledger_index(), harness_.Entries(v1::ENTRY_KIND_CHECKS).back().index);
}

TEST_F(ConsentCheckTest, ChecksThatCannotBeNotedAreNotAnswered) {
  const SubjectId bystander = harness_.journal_harness().AddSubject();
  absl::Status refused;
  harness_.journal_harness().Behind(bystander, [&] {
    FakeRandom random(3);
    for (int i = 0; i <= limits::kCheckNotes && refused.ok(); ++i) {
      refused = harness_.CheckById(ConsentId::Generate(1, random).text()).status();
    }
  });
  EXPECT_THAT(refused, HasErrorReason(v1::ERROR_REASON_OVERLOADED));
}

TEST_F(ConsentCheckTest, EachSeesAConsentAsItMay) {
  const v1::OpenedConsent opened = harness_.MustGrant(v1::EVIDENCE_KIND_ASSERTION);
  harness_.MustOpen('B');
  v1::GetConsentRequest request;
  request.set_consent_id(opened.consent().consent_id());
  const v1::Consent requesters = harness_.book().Get(ConsentHarness::System(), request)->consent();
  EXPECT_EQ(requesters.state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_EQ(requesters.opened_by().case_number(), ConsentHarness::kCase);
  EXPECT_EQ(harness_.book()
                .ForRequester(ConsentHarness::System(), opened.consent().consent_id())
                ->SerializeAsString(),
            requesters.SerializeAsString());

  request.mutable_session()->set_jws(harness_.Session('A'));
  const v1::Consent citizens = harness_.book().Get(ConsentHarness::Citizen(), request)->consent();
  EXPECT_EQ(citizens.papers_size(), 3);
  EXPECT_FALSE(citizens.has_opened_by());

  request.mutable_session()->set_jws(harness_.Session('B'));
  const absl::Status others = harness_.book().Get(ConsentHarness::Citizen(), request).status();
  EXPECT_THAT(others, HasErrorReason(v1::ERROR_REASON_NOT_FOUND));
  FakeRandom random(99);
  request.set_consent_id(ConsentId::Generate(1, random).text());
  EXPECT_EQ(harness_.book().Get(ConsentHarness::Citizen(), request).status(), others);
  request.mutable_session()->set_jws(
      harness_.Session('A', limits::kAssertionAge + absl::Seconds(1)));
  EXPECT_EQ(harness_.book().Get(ConsentHarness::Citizen(), request)->refusal().reason(),
            v1::REFUSAL_REASON_ASSERTION_INVALID);
}

TEST_F(ConsentCheckTest, P6_AfterAWholeStoryNothingPersonalRestsInClear) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const std::string code = harness_.LastCode();
  harness_.Decide(harness_.DecideByCode(opened, ConsentHarness::Other(code))).value();
  harness_.CheckByPerson('A', ConsentHarness::Counter()).value();
  ASSERT_TRUE(harness_.Decide(harness_.DecideByCode(opened, code))->has_decided());
  ASSERT_TRUE(harness_.Suspend(opened)->has_suspended());
  ASSERT_TRUE(harness_.Withdraw(harness_.WithdrawByAssertion(opened, {1}, {1}))->has_withdrawn());
  ASSERT_TRUE(harness_.SendCode(opened, v1::CODE_PURPOSE_WITHDRAW)->has_queued());
  const std::string second = harness_.LastCode();
  harness_.Cancel(opened.consent().consent_id()).value();
  harness_.CheckById(opened.consent().consent_id(), ConsentHarness::Counter()).value();
  ABSL_ASSERT_OK(harness_.context().journal->FlushChecks());

  std::vector<std::string> secrets = {
      ConsentHarness::Person().number(),
      ConsentHarness::kBusinessNumber,
      ConsentHarness::kOfficial,
      "terminal-9",
      ConsentHarness::kCase,
      ConsentHarness::kContact,
      opened.request_number(),
      opened.link_token(),
      code,
      second,
  };
  std::string link;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(opened.link_token(), &link));
  secrets.push_back(link.substr(16));
  const std::vector<Row> rows = harness_.AllRows();
  EXPECT_GT(rows.size(), 50u);
  for (const Row& row : rows) {
    for (const std::string& secret : secrets) {
      EXPECT_EQ(row.key.find(secret), std::string::npos) << secret;
      // A signature in the catalogue may hold any digits; codes are looked for elsewhere.
      if (row.key == keys::Catalogue()) continue;
      EXPECT_EQ(row.value.find(secret), std::string::npos) << secret;
    }
  }
  // The looking works: what is no secret is found.
  size_t found = 0;
  for (const Row& row : rows) {
    if (row.value.find(ConsentHarness::kAffair) != std::string::npos) ++found;
  }
  EXPECT_GT(found, 5u);
}

}  // namespace
}  // namespace naru
