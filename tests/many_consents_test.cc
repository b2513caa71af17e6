// Many consents over real gRPC: lists, checks in batches and on a stream, watches of a case and of
// an agency.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "tests/support/test_broker.h"
#include "tests/support/test_clients.h"

namespace naru {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ManyConsentsTest : public testing::Test {
 protected:
  ManyConsentsTest() : broker_(testing::UnitTest::GetInstance()->current_test_info()->name()) {}

  TestClients& clients() { return broker_.clients(); }
  v1::Consent Granted(uint64_t person) {
    return clients().Granted(PersonOf(person), {PaperOf(1, kAbstract)}).value();
  }
  static v1::ConsentCheck CheckOf(const std::string& consent_id) {
    v1::ConsentCheck check;
    check.set_consent_id(consent_id);
    return check;
  }
  static v1::CaseContext CaseOf(const std::string& number) {
    v1::CaseContext context;
    context.set_official_id("official-1");
    context.set_terminal_id("desk-3");
    context.set_case_number(number);
    return context;
  }

  // A watch that is read to its next event of a kind.
  template <typename Response>
  struct Watch {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<Response>> reader;
    // The next event that is no heartbeat; an empty one at the stream's end.
    v1::WatchEvent Next() {
      Response response;
      while (reader->Read(&response)) {
        if (!response.event().has_heartbeat()) return response.event();
      }
      return {};
    }
    // The next entry of that kind.
    v1::WatchEvent Next(v1::EntryKind kind) {
      for (v1::WatchEvent event = Next(); event.cursor() != 0; event = Next()) {
        if (event.entry().entry().kind() == kind) return event;
      }
      return {};
    }
    ~Watch() {
      context.TryCancel();
      reader->Finish();
    }
  };
  std::unique_ptr<Watch<v1::WatchAgencyResponse>> WatchAgency(
      uint64_t cursor, absl::string_view party = kSystemParty) {
    auto watch = std::make_unique<Watch<v1::WatchAgencyResponse>>();
    watch->context.set_deadline(DeadlineAfter(kTestDeadline));
    v1::WatchAgencyRequest request;
    request.set_cursor(cursor);
    watch->reader =
        clients().As(party).stub<v1::ConsentService>().WatchAgency(&watch->context, request);
    return watch;
  }
  std::unique_ptr<Watch<v1::WatchCaseResponse>> WatchCase(absl::string_view party,
                                                          const v1::CaseContext& context) {
    auto watch = std::make_unique<Watch<v1::WatchCaseResponse>>();
    watch->context.set_deadline(DeadlineAfter(kTestDeadline));
    v1::WatchCaseRequest request;
    *request.mutable_case_() = context;
    watch->reader =
        clients().As(party).stub<v1::ConsentService>().WatchCase(&watch->context, request);
    return watch;
  }

  TestBroker broker_;
};

TEST_F(ManyConsentsTest, ABatchAnswersEachCheckInOrderAndABadOneFailsNoOther) {
  const v1::Consent granted = Granted(1);
  v1::BatchCheckConsentRequest request;
  *request.add_checks() = CheckOf(granted.consent_id());
  *request.add_checks() = CheckOf("not an id");
  *request.add_checks() = CheckOf(std::string(32, '0'));
  v1::PersonAffair* const prior = request.add_checks()->mutable_person_affair();
  *prior->mutable_person() = PersonOf(1);
  prior->set_affair(kAffair);
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::BatchCheckConsentResponse response,
      clients().As(kSystemParty).Call(&v1::ConsentService::Stub::BatchCheckConsent, request));
  ASSERT_THAT(response.results(), SizeIs(4));
  EXPECT_THAT(response.results(0).allowed().paper_ids(), ElementsAre(1));
  EXPECT_EQ(response.results(1).error().reason(), v1::ERROR_REASON_FIELD_MALFORMED);
  EXPECT_EQ(response.results(1).error().field(), "checks[1].consent_id");
  EXPECT_EQ(response.results(2).refusal().reason(), v1::REFUSAL_REASON_NO_CONSENT);
  EXPECT_EQ(response.results(3).allowed().consent_id(), granted.consent_id());
}

TEST_F(ManyConsentsTest, ABatchIsBounded) {
  v1::BatchCheckConsentRequest request;
  for (int i = 0; i <= limits::kChecksPerRequest; ++i) {
    *request.add_checks() = CheckOf(std::string(32, '0'));
  }
  const auto response =
      clients().As(kSystemParty).Call(&v1::ConsentService::Stub::BatchCheckConsent, request);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ManyConsentsTest, AStreamAnswersInOrderUntilItsCallerEndsIt) {
  const v1::Consent granted = Granted(1);
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(kTestDeadline));
  auto stream = clients().As(kSystemParty).stub<v1::ConsentService>().StreamCheckConsent(&context);
  for (int round = 0; round < 20; ++round) {
    v1::StreamCheckConsentRequest request;
    *request.add_checks() = CheckOf(round % 2 == 0 ? granted.consent_id() : std::string(32, '0'));
    ASSERT_TRUE(stream->Write(request));
    v1::StreamCheckConsentResponse response;
    ASSERT_TRUE(stream->Read(&response));
    ASSERT_THAT(response.results(), SizeIs(1));
    EXPECT_EQ(response.results(0).has_allowed(), round % 2 == 0) << round;
  }
  // A withdrawal counts for the next question.
  ABSL_ASSERT_OK(clients().Withdraw(granted, PersonOf(1)).status());
  v1::StreamCheckConsentRequest request;
  *request.add_checks() = CheckOf(granted.consent_id());
  ASSERT_TRUE(stream->Write(request));
  v1::StreamCheckConsentResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.results(0).refusal().reason(), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ManyConsentsTest, AnEmptyQuestionEndsTheStreamWithItsError) {
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(kTestDeadline));
  auto stream = clients().As(kSystemParty).stub<v1::ConsentService>().StreamCheckConsent(&context);
  stream->Write(v1::StreamCheckConsentRequest());
  v1::StreamCheckConsentResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ManyConsentsTest, AWatchBeginsWithThePresentStateThenTellsWhatHappens) {
  const v1::Consent first = Granted(1);
  auto watch = WatchAgency(0);
  v1::WatchEvent event = watch->Next();
  EXPECT_EQ(event.state().consent_id(), first.consent_id());
  event = watch->Next();
  EXPECT_EQ(event.caught_up().consents(), 1u);

  const v1::Consent second = Granted(2);
  event = watch->Next(v1::ENTRY_KIND_CONSENT_OPENED);
  EXPECT_EQ(event.entry().entry().consent_id(), second.consent_id());
  event = watch->Next(v1::ENTRY_KIND_CONSENT_DECIDED);
  EXPECT_EQ(event.entry().entry().state(), v1::CONSENT_STATE_GRANTED);
  ABSL_ASSERT_OK(clients().Withdraw(second, PersonOf(2)).status());
  event = watch->Next(v1::ENTRY_KIND_CONSENT_WITHDRAWN);
  EXPECT_EQ(event.entry().entry().consent_id(), second.consent_id());
}

TEST_F(ManyConsentsTest, ACursorGoesOnBehindTheLastEventAndLosesNothing) {
  Granted(1);
  auto watch = WatchAgency(0);
  while (!watch->Next().has_caught_up()) {
  }
  const v1::Consent second = Granted(2);
  const uint64_t cursor = watch->Next(v1::ENTRY_KIND_CONSENT_OPENED).cursor();
  watch.reset();
  ABSL_ASSERT_OK(clients().Withdraw(second, PersonOf(2)).status());
  auto resumed = WatchAgency(cursor);
  std::vector<v1::EntryKind> kinds;
  uint64_t last = cursor;
  while (kinds.empty() || kinds.back() != v1::ENTRY_KIND_CONSENT_WITHDRAWN) {
    const v1::WatchEvent event = resumed->Next();
    ASSERT_TRUE(event.has_entry()) << "no state first";
    EXPECT_GT(event.cursor(), last);
    last = event.cursor();
    kinds.push_back(event.entry().entry().kind());
  }
  EXPECT_THAT(kinds, testing::Contains(v1::ENTRY_KIND_CONSENT_DECIDED));
  EXPECT_THAT(kinds, testing::Not(testing::Contains(v1::ENTRY_KIND_CONSENT_OPENED)));
}

TEST_F(ManyConsentsTest, P10_AWatchShowsAnotherAgencyNothing) {
  auto watch = WatchAgency(0, kOtherSystemParty);
  EXPECT_EQ(watch->Next().caught_up().consents(), 0u);
  Granted(1);
  // The other agency's own look is the next that names it.
  v1::ListCaseHistoryRequest look;
  *look.mutable_case_() = CaseOf("other-case");
  ABSL_ASSERT_OK(clients()
                     .As(kOtherSystemParty)
                     .Call(&v1::HistoryService::Stub::ListCaseHistory, look)
                     .status());
  const v1::WatchEvent event = watch->Next();
  EXPECT_EQ(event.entry().entry().kind(), v1::ENTRY_KIND_HISTORY_READ);
}

TEST_F(ManyConsentsTest, AWatchOfACaseTellsOfThatCaseAlone) {
  v1::OpenConsentRequest request = clients().OpenRequest(PersonOf(1), {PaperOf(1, kAbstract)});
  *request.mutable_case_() = CaseOf("case-1");
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent opened, clients().Open(request));
  auto watch = WatchCase(kSystemParty, CaseOf("case-1"));
  EXPECT_EQ(watch->Next().state().consent_id(), opened.consent().consent_id());
  EXPECT_TRUE(watch->Next().has_caught_up());

  v1::OpenConsentRequest other = clients().OpenRequest(PersonOf(2), {PaperOf(1, kAbstract)});
  *other.mutable_case_() = CaseOf("case-2");
  ABSL_ASSERT_OK(clients().Open(other).status());
  ABSL_ASSERT_OK(clients()
                     .As(kCitizenParty)
                     .Call(&v1::ConsentService::Stub::DecideConsent,
                           clients().AgreeRequest(opened.consent(), PersonOf(1)))
                     .status());
  for (v1::WatchEvent event = watch->Next();; event = watch->Next()) {
    ASSERT_EQ(event.entry().entry().consent_id(), opened.consent().consent_id());
    if (event.entry().entry().kind() == v1::ENTRY_KIND_CONSENT_DECIDED) break;
  }
}

TEST_F(ManyConsentsTest, AnOfficialsWatchIsEnteredBeforeItShowsAnything) {
  v1::OpenConsentRequest request = clients().OpenRequest(PersonOf(1), {PaperOf(1, kAbstract)});
  *request.mutable_case_() = CaseOf("case-1");
  ABSL_ASSERT_OK(clients().Open(request).status());
  auto watch = WatchCase(kCounterParty, CaseOf("case-1"));
  ASSERT_TRUE(watch->Next().has_state());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto history, clients().HistoryOf(PersonOf(1)));
  std::set<v1::EntryKind> kinds;
  for (const v1::HistoryEntry& entry : history) kinds.insert(entry.entry().kind());
  EXPECT_EQ(kinds.count(v1::ENTRY_KIND_CONSENTS_LISTED), 1u);
}

TEST_F(ManyConsentsTest, ListsOfPersonAndAgencyAnswerOverTheWire) {
  const v1::Consent granted = Granted(1);
  v1::ListPersonConsentsRequest mine;
  *mine.mutable_session() = clients().SessionOf(PersonOf(1));
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::ListPersonConsentsResponse own,
      clients().As(kCitizenParty).Call(&v1::ConsentService::Stub::ListPersonConsents, mine));
  ASSERT_THAT(own.page().consents(), SizeIs(1));
  EXPECT_EQ(own.page().consents(0).consent_id(), granted.consent_id());
  v1::ListAgencyConsentsRequest all;
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::ListAgencyConsentsResponse agency,
      clients().As(kSystemParty).Call(&v1::ConsentService::Stub::ListAgencyConsents, all));
  EXPECT_THAT(agency.page().consents(), SizeIs(1));
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::ListAgencyConsentsResponse other,
      clients().As(kOtherSystemParty).Call(&v1::ConsentService::Stub::ListAgencyConsents, all));
  EXPECT_THAT(other.page().consents(), IsEmpty());
}

}  // namespace
}  // namespace naru
