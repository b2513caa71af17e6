#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "consent/consent_harness.h"
#include "consent/store/keys.h"
#include "naru/v1/catalogue_service.pb.h"
#include "naru/v1/consent_service.pb.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/history_service.pb.h"
#include "naru/v1/ledger_service.pb.h"
#include "naru/v1/message_service.pb.h"

// Opening a consent: what is asked, of whom, and what the citizen is sent.
namespace naru {
namespace {

using testing::HasSubstr;

class ConsentOpenTest : public testing::Test {
 protected:
  static MemoryStore::Options Twice() {
    MemoryStore::Options options;
    options.judge_twice = true;
    return options;
  }
  v1::RefusalReason Refused(const v1::OpenConsentRequest& request) {
    return harness_.Open(request).value().refusal().reason();
  }

  ConsentHarness harness_{Twice()};
};

TEST_F(ConsentOpenTest, AnOpenedConsentWaitsForTheCitizenWithEverythingExplicit) {
  const absl::Time now = harness_.clock().Now();
  const v1::OpenedConsent opened = harness_.MustOpen();
  const v1::Consent& consent = opened.consent();
  EXPECT_EQ(consent.state(), v1::CONSENT_STATE_PENDING);
  EXPECT_EQ(consent.requester(), ConsentHarness::kAgency);
  EXPECT_EQ(consent.legal_route(), v1::LEGAL_ROUTE_A_SHARED_USE);
  EXPECT_EQ(consent.uses_left(), 10u);
  EXPECT_EQ(consent.retention_days(), 365u);
  EXPECT_EQ(consent.opened_by().official_id(), ConsentHarness::kOfficial);
  EXPECT_EQ(consent.decide_until().seconds(), absl::ToUnixSeconds(now) + 1800);
  EXPECT_FALSE(consent.has_decide_time());
  EXPECT_FALSE(consent.has_valid_until());
  ASSERT_EQ(consent.papers_size(), 3);
  EXPECT_EQ(consent.papers(0).subject().number(), ConsentHarness::Person().number());
  EXPECT_EQ(consent.papers(1).subject().number(), ConsentHarness::kBusinessNumber);
  ASSERT_EQ(consent.papers(2).parameters_size(), 1);
  EXPECT_EQ(consent.papers(2).parameters(0).values_size(), 2);
  for (const v1::PaperDecision& decision : consent.decisions()) {
    EXPECT_EQ(decision.decision(), v1::DECISION_UNSPECIFIED);
  }
  EXPECT_EQ(opened.link_token().size(), 43u);
  EXPECT_EQ(opened.request_number().size(), 8u);
  EXPECT_TRUE(opened.code_queued());

  v1::ShowConsentRequest show;
  show.set_link_token(opened.link_token());
  const v1::ShownConsent shown = harness_.book().Show({}, show)->shown();
  EXPECT_EQ(crypto::Sha256(shown.text()), consent.text_sha256());
  EXPECT_FALSE(shown.consent().has_opened_by()) << "the citizen sees no official";
  EXPECT_EQ(shown.tries_left(), 5u);
  EXPECT_EQ(shown.resends_left(), 3u);
}

TEST_F(ConsentOpenTest, ItsEntriesNameAgencyAndTextAndKeepTheCaseUnderThePersonsKey) {
  const v1::OpenedConsent opened = harness_.MustOpen();
  const auto entries = harness_.Entries(v1::ENTRY_KIND_CONSENT_OPENED);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].index, opened.ledger_index());
  EXPECT_EQ(entries[0].outer.consent_id(), opened.consent().consent_id());
  EXPECT_EQ(entries[0].outer.caller(), "B553077:counter");
  EXPECT_EQ(entries[0].outer.state(), v1::CONSENT_STATE_PENDING);
  EXPECT_EQ(entries[0].outer.text_sha256(), opened.consent().text_sha256());
  EXPECT_EQ(entries[0].inner.person_number(), 1u);
  const storage::v1::Details details = harness_.Details(entries[0]);
  EXPECT_EQ(details.case_().official_id(), ConsentHarness::kOfficial);
  EXPECT_EQ(details.papers_size(), 3);
  EXPECT_EQ(crypto::Sha256(details.text()), opened.consent().text_sha256());
  // The case finds both entries again.
  const std::string case_hash =
      harness_.context().directory->CaseHash(ConsentHarness::kAgency, ConsentHarness::kCase);
  const auto [from, to] =
      keys::CaseHistoryAll(SubjectId::FromBytes(entries[0].inner.subject_id())->shard(), case_hash);
  EXPECT_EQ(harness_.store().Scan(Table::kRows, from, to, 10)->size(), 2u);
}

TEST_F(ConsentOpenTest, TheCodeGoesToTheContactForTenMinutesAndRestsNowhereElse) {
  harness_.MustOpen();
  const auto messages = harness_.Messages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].message.kind(), v1::MESSAGE_KIND_CODE);
  EXPECT_EQ(messages[0].message.contact_ref(), ConsentHarness::kContact);
  EXPECT_THAT(messages[0].message.text(), HasSubstr("소상공인공단"));
  const auto sent = harness_.Entries(v1::ENTRY_KIND_CODE_SENT);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].index, messages[0].index);
  const auto outbox = harness_.store().Get(Table::kLedger, keys::Outbox(0, messages[0].index));
  storage::v1::OutboxRow row;
  ASSERT_TRUE(row.ParseFromString(outbox->value()));
  EXPECT_EQ(row.expire_time_us(), absl::ToUnixMicros(harness_.clock().Now() + limits::kCodeLife));
}

TEST_F(ConsentOpenTest, WithoutContactNoCodeIsQueuedAndNoneCanBeSent) {
  const v1::OpenedConsent opened =
      harness_.Open(harness_.OpenRequest(), ConsentHarness::Counter(), "")->opened();
  EXPECT_FALSE(opened.code_queued());
  EXPECT_TRUE(harness_.Messages().empty());
  EXPECT_EQ(harness_.SendCode(opened, v1::CODE_PURPOSE_DECIDE)->refusal().reason(),
            v1::REFUSAL_REASON_NO_CONTACT);
  EXPECT_EQ(harness_.Decide(harness_.DecideByCode(opened, "000000"))->refusal().reason(),
            v1::REFUSAL_REASON_CODE_EXPIRED);
}

TEST_F(ConsentOpenTest, WhatTheAffairDoesNotNeedOrNoApprovalCoversIsRefusedAndEntered) {
  v1::OpenConsentRequest request = harness_.OpenRequest();
  request.mutable_papers(1)->set_kind("FAMILY_RELATION");
  EXPECT_EQ(Refused(request), v1::REFUSAL_REASON_KIND_NOT_IN_AFFAIR);
  request = harness_.OpenRequest();
  request.set_affair("ANOTHER");
  EXPECT_EQ(Refused(request), v1::REFUSAL_REASON_NO_USE_APPROVAL);
  EXPECT_EQ(
      harness_.Open(harness_.OpenRequest(), ConsentHarness::Counter("3210000"))->refusal().reason(),
      v1::REFUSAL_REASON_NO_USE_APPROVAL);
  const auto refused = harness_.Entries(v1::ENTRY_KIND_REFUSED);
  ASSERT_EQ(refused.size(), 3u);
  EXPECT_EQ(refused[0].outer.refusal_reason(), v1::REFUSAL_REASON_KIND_NOT_IN_AFFAIR);
  // Nobody becomes known by a refused call.
  EXPECT_TRUE(refused[0].inner.subject_id().empty());
  EXPECT_FALSE(harness_.context()
                   .directory
                   ->FindSubject(harness_.store(),
                                 harness_.context().directory->Lookup(ConsentHarness::Person()))
                   ->has_value());
}

TEST_F(ConsentOpenTest, ASuspendedApprovalOpensNothing) {
  harness_.MustOpen();
  harness_.SuspendApproval();
  const v1::Refusal refusal = harness_.Open(harness_.OpenRequest())->refusal();
  EXPECT_EQ(refusal.reason(), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
  EXPECT_EQ(refusal.facts().count("suspended_since"), 1u);
  // The person is known by now: the refusal is in the person's history, under its number.
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_REFUSED).at(0).inner.person_number(), 3u);
}

TEST_F(ConsentOpenTest, SubjectsThatDoNotFitTheKindAreABadCall) {
  v1::OpenConsentRequest request = harness_.OpenRequest();
  request.mutable_papers(0)->mutable_subject()->set_number(ConsentHarness::Person('B').number());
  EXPECT_THAT(harness_.Open(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  request = harness_.OpenRequest();
  request.mutable_papers(1)->mutable_subject()->clear_number();
  EXPECT_THAT(harness_.Open(request), HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
  request = harness_.OpenRequest();
  request.mutable_papers(1)->mutable_subject()->set_type(v1::SUBJECT_TYPE_VEHICLE);
  EXPECT_THAT(harness_.Open(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  request = harness_.OpenRequest();
  request.mutable_papers(2)->add_parameters()->set_name("no_such");
  EXPECT_THAT(harness_.Open(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  // The person's own number may be named.
  request = harness_.OpenRequest();
  request.mutable_papers(0)->mutable_subject()->set_number(ConsentHarness::Person().number());
  EXPECT_TRUE(harness_.Open(request)->has_opened());
}

TEST_F(ConsentOpenTest, TwoFirstContactsAtOnceMakeOneSubject) {
  const SubjectId bystander = harness_.journal_harness().AddSubject();
  Answer<v1::OpenConsentResponse> one;
  Answer<v1::OpenConsentResponse> two;
  const v1::OpenConsentRequest first = harness_.OpenRequest();
  const v1::OpenConsentRequest second = harness_.OpenRequest();
  harness_.journal_harness().Behind(bystander, [&] {
    harness_.book().Open(ConsentHarness::Counter(), first, "ref", one.done());
    harness_.book().Open(ConsentHarness::Counter(), second, "ref", two.done());
  });
  ASSERT_TRUE(one->has_opened());
  ASSERT_TRUE(two->has_opened());
  std::set<std::string> subjects;
  std::set<uint64_t> numbers;
  for (const auto& entry : harness_.Entries(v1::ENTRY_KIND_CONSENT_OPENED)) {
    subjects.insert(entry.inner.subject_id());
    numbers.insert(entry.inner.person_number());
  }
  EXPECT_EQ(subjects.size(), 1u);
  EXPECT_EQ(numbers, (std::set<uint64_t>{1, 3}));
}

TEST_F(ConsentOpenTest, P7_ARepeatGetsTheSameAnswerWhateverCameLater) {
  const v1::OpenConsentRequest request = harness_.OpenRequest();
  const v1::OpenConsentResponse first = harness_.Open(request).value();
  ASSERT_TRUE(harness_.Decide(harness_.DecideByAssertion(first.opened()))->has_decided());
  harness_.SuspendApproval();
  const size_t entries = harness_.Entries().size();
  EXPECT_EQ(harness_.Open(request)->SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(harness_.Entries().size(), entries) << "a repeat enters nothing";
  harness_.Restart();
  EXPECT_EQ(harness_.Open(request)->SerializeAsString(), first.SerializeAsString());
  // Another contact found meanwhile is not the caller's content.
  EXPECT_EQ(harness_.Open(request, ConsentHarness::Counter(), "other")->SerializeAsString(),
            first.SerializeAsString());
}

TEST_F(ConsentOpenTest, P7_OtherContentIsRefusedAndSoIsAnOldId) {
  v1::OpenConsentRequest request = harness_.OpenRequest();
  const v1::OpenConsentRequest same = request;
  ASSERT_TRUE(harness_.Open(request)->has_opened());
  request.set_uses(5);
  EXPECT_THAT(harness_.Open(request), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  harness_.clock().Advance(limits::kRequestIdAge + absl::Seconds(1));
  EXPECT_THAT(harness_.Open(same), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_EXPIRED));
}

TEST_F(ConsentOpenTest, P7_ARefusedCallIsJudgedAnew) {
  const v1::OpenConsentRequest request = harness_.OpenRequest();
  // The same caller's name, before and after its approval: an agency without one is refused.
  EXPECT_TRUE(harness_.Open(request, ConsentHarness::Counter("3210000"))->has_refusal());
  EXPECT_TRUE(harness_.Open(request, ConsentHarness::Counter("3210000"))->has_refusal());
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_REFUSED).size(), 2u);
  EXPECT_TRUE(harness_.Open(request)->has_opened());
}

TEST_F(ConsentOpenTest, P10_NobodyPestersAPersonWithRequests) {
  for (int i = 0; i < limits::kPendingPerPerson; ++i) harness_.MustOpen();
  EXPECT_THAT(harness_.Open(harness_.OpenRequest()),
              HasErrorReason(v1::ERROR_REASON_QUOTA_EXCEEDED));
  harness_.MustOpen('B');
  harness_.clock().Advance(absl::Minutes(30));
  harness_.MustOpen();
}

TEST_F(ConsentOpenTest, FailedStorageOpensNothingAndARepeatOpensIt) {
  const v1::OpenConsentRequest request = harness_.OpenRequest();
  harness_.store().FailUpdate(harness_.journal_harness().next_update(), StorageFull(1));
  EXPECT_THAT(harness_.Open(request), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  EXPECT_TRUE(harness_.Entries(v1::ENTRY_KIND_CONSENT_OPENED).empty());
  EXPECT_TRUE(harness_.Open(request)->has_opened());
}

// Every field of the message and of what is in it, as "message.field".
void CollectFields(const google::protobuf::Descriptor* message,
                   std::set<const google::protobuf::Descriptor*>* seen,
                   std::vector<std::string>* fields) {
  if (!seen->insert(message).second) return;
  for (int i = 0; i < message->field_count(); ++i) {
    fields->push_back(message->field(i)->full_name());
    if (message->field(i)->message_type() != nullptr) {
      CollectFields(message->field(i)->message_type(), seen, fields);
    }
  }
}

// A number that an official types can reach nobody: there is no call that takes one. And nobody but
// the notifier is told a contact, or a code.
TEST(ConsentApiTest, P9_NoCallTakesAContactAndNoAnswerHasOneOrACode) {
  for (const google::protobuf::Descriptor* of :
       {v1::OpenConsentRequest::descriptor(), v1::FetchDocumentsRequest::descriptor(),
        v1::ListKindsRequest::descriptor(), v1::ListCaseHistoryRequest::descriptor(),
        v1::GetCheckpointRequest::descriptor()}) {
    ASSERT_EQ(of->file()->service_count(), 1) << of->file()->name();
    const google::protobuf::ServiceDescriptor* const service = of->file()->service(0);
    ASSERT_GT(service->method_count(), 0);
    for (int i = 0; i < service->method_count(); ++i) {
      std::set<const google::protobuf::Descriptor*> seen_asked, seen_answered;
      std::vector<std::string> asked, answered;
      CollectFields(service->method(i)->input_type(), &seen_asked, &asked);
      CollectFields(service->method(i)->output_type(), &seen_answered, &answered);
      asked.insert(asked.end(), answered.begin(), answered.end());
      for (const std::string& field : asked) {
        EXPECT_THAT(field, testing::Not(testing::ContainsRegex("contact|phone|mobile|e_?mail")))
            << service->method(i)->full_name();
      }
      if (service->name() != "ConsentService") continue;
      for (const std::string& field : answered) {
        EXPECT_THAT(field, testing::Not(testing::EndsWith(".code")))
            << service->method(i)->full_name();
      }
    }
  }
}

}  // namespace
}  // namespace naru
