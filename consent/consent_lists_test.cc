#include "consent/consent_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "broker/base/status_matchers.h"
#include "consent/consent_harness.h"

// Who may list which consents, in which order, page by page without loss or repeat, and what is
// entered before a named official sees it (P10).
namespace naru {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

class ConsentListsTest : public testing::Test {
 protected:
  absl::StatusOr<v1::ListPersonConsentsResponse> Person(v1::ListPersonConsentsRequest request,
                                                        char person = 'A') {
    if (!request.has_session()) request.mutable_session()->set_jws(harness_.Session(person));
    Answer<v1::ListPersonConsentsResponse> answer;
    lists_.ListPerson(ConsentHarness::Citizen(), request, answer.done());
    return answer.status();
  }
  absl::StatusOr<v1::ListAgencyConsentsResponse> Agency(
      v1::ListAgencyConsentsRequest request, const Caller& caller = ConsentHarness::System()) {
    if (caller.Has(config::v1::ROLE_COUNTER)) *request.mutable_case_() = ConsentHarness::Case();
    Answer<v1::ListAgencyConsentsResponse> answer;
    lists_.ListAgency(caller, request, answer.done());
    return answer.status();
  }
  absl::StatusOr<v1::ListCaseConsentsResponse> Case(const Caller& caller, const std::string& number,
                                                    const std::string& token = "", int size = 0) {
    v1::ListCaseConsentsRequest request;
    *request.mutable_case_() = ConsentHarness::Case();
    request.mutable_case_()->set_case_number(number);
    request.set_page_token(token);
    request.set_page_size(size);
    Answer<v1::ListCaseConsentsResponse> answer;
    lists_.ListCase(caller, request, answer.done());
    return answer.status();
  }
  static std::vector<std::string> Ids(const v1::ConsentPage& page) {
    std::vector<std::string> ids;
    for (const v1::Consent& consent : page.consents()) ids.push_back(consent.consent_id());
    return ids;
  }

  ConsentHarness harness_;
  ConsentLists lists_{&harness_.context()};
};

TEST_F(ConsentListsTest, APersonSeesTheirOwnConsentsNewestFirst) {
  std::vector<std::string> opened;
  for (int i = 0; i < 3; ++i) {
    opened.push_back(harness_.MustOpen().consent().consent_id());
    harness_.clock().Advance(absl::Seconds(1));
  }
  harness_.MustOpen('B');
  const auto response = Person({});
  ABSL_ASSERT_OK(response);
  EXPECT_THAT(Ids(response->page()), ElementsAre(opened[2], opened[1], opened[0]));
  EXPECT_FALSE(response->page().consents(0).has_opened_by()) << "no official";
  EXPECT_THAT(Ids(Person({}, 'C')->page()), IsEmpty());
}

TEST_F(ConsentListsTest, PagesOfAPersonLoseAndRepeatNothing) {
  std::vector<std::string> opened;
  for (int i = 0; i < 7; ++i) opened.push_back(harness_.MustOpen().consent().consent_id());
  std::vector<std::string> listed;
  v1::ListPersonConsentsRequest request;
  request.set_page_size(3);
  do {
    const auto response = Person(request);
    ABSL_ASSERT_OK(response);
    for (const std::string& id : Ids(response->page())) listed.push_back(id);
    request.set_page_token(response->page().next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(listed, UnorderedElementsAreArray(opened));
}

TEST_F(ConsentListsTest, ASessionThatDoesNotCountOpensNothing) {
  harness_.MustOpen();
  v1::ListPersonConsentsRequest request;
  request.mutable_session()->set_jws(harness_.Session('A', absl::Hours(1)));
  EXPECT_EQ(Person(request)->refusal().reason(), v1::REFUSAL_REASON_ASSERTION_INVALID);
}

TEST_F(ConsentListsTest, AnAgencySeesItsOwnAlone) {
  const std::string own = harness_.MustOpen().consent().consent_id();
  const auto response = Agency({});
  ABSL_ASSERT_OK(response);
  EXPECT_THAT(Ids(response->page()), ElementsAre(own));
  const Caller other = ConsentHarness::System(ConsentHarness::kOtherAgency);
  EXPECT_THAT(Ids(Agency({}, other)->page()), IsEmpty());
}

TEST_F(ConsentListsTest, PagesOfAnAgencyLoseAndRepeatNothing) {
  std::vector<std::string> opened;
  for (char person = 'A'; person < 'F'; ++person) {
    for (int i = 0; i < 3; ++i) {
      const v1::OpenedConsent one = harness_.MustOpen(person);
      opened.push_back(one.consent().consent_id());
      if (i == 1) {
        ABSL_ASSERT_OK(harness_.Cancel(opened.back()));
      }
    }
  }
  for (const int size : {1, 2, 4, 200}) {
    std::vector<std::string> listed;
    v1::ListAgencyConsentsRequest request;
    request.set_page_size(size);
    do {
      const auto response = Agency(request);
      ABSL_ASSERT_OK(response);
      EXPECT_LE(response->page().consents_size(), size);
      for (const std::string& id : Ids(response->page())) listed.push_back(id);
      request.set_page_token(response->page().next_page_token());
    } while (!request.page_token().empty());
    EXPECT_THAT(listed, UnorderedElementsAreArray(opened)) << size;
  }
}

TEST_F(ConsentListsTest, StatesAndAffairNarrowTheListAndExpiryNeedsNoSweep) {
  const std::string pending = harness_.MustOpen('A').consent().consent_id();
  const std::string granted =
      harness_.MustGrant(v1::EVIDENCE_KIND_CODE, 'B').consent().consent_id();
  v1::ListAgencyConsentsRequest request;
  request.add_states(v1::CONSENT_STATE_GRANTED);
  EXPECT_THAT(Ids(Agency(request)->page()), ElementsAre(granted));
  request.set_affair("ANOTHER_AFFAIR");
  EXPECT_THAT(Ids(Agency(request)->page()), IsEmpty());
  request.set_affair(ConsentHarness::kAffair);
  harness_.clock().Advance(absl::Hours(24 * 366));
  EXPECT_THAT(Ids(Agency(request)->page()), IsEmpty());
  request.clear_states();
  request.add_states(v1::CONSENT_STATE_EXPIRED);
  EXPECT_THAT(Ids(Agency(request)->page()), testing::UnorderedElementsAre(pending, granted));
}

TEST_F(ConsentListsTest, P10_ANamedOfficialsListIsEnteredAboutEachPersonBeforeTheAnswer) {
  harness_.MustOpen('A');
  harness_.MustOpen('B');
  ABSL_ASSERT_OK(Agency({}, ConsentHarness::System()));
  EXPECT_THAT(harness_.Entries(v1::ENTRY_KIND_CONSENTS_LISTED), IsEmpty());
  ABSL_ASSERT_OK(Agency({}, ConsentHarness::Counter()));
  const auto entries = harness_.Entries(v1::ENTRY_KIND_CONSENTS_LISTED);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_NE(entries[0].inner.subject_id(), entries[1].inner.subject_id());
  EXPECT_EQ(harness_.Details(entries[0]).case_().official_id(), ConsentHarness::kOfficial);
}

TEST_F(ConsentListsTest, ACaseHasTheConsentsItsEntriesName) {
  const std::string first = harness_.MustOpen('A').consent().consent_id();
  const std::string second = harness_.MustOpen('B').consent().consent_id();
  const auto all = Case(ConsentHarness::Counter(), ConsentHarness::kCase);
  ABSL_ASSERT_OK(all);
  EXPECT_THAT(Ids(all->page()), ElementsAre(second, first));
  const auto page = Case(ConsentHarness::System(), ConsentHarness::kCase, "", 1);
  ASSERT_THAT(Ids(page->page()), SizeIs(1));
  const auto rest =
      Case(ConsentHarness::System(), ConsentHarness::kCase, page->page().next_page_token(), 1);
  EXPECT_THAT(Ids(rest->page()), SizeIs(1));
  EXPECT_EQ(rest->page().next_page_token(), "");
  EXPECT_THAT(Ids(Case(ConsentHarness::System(), "another-case")->page()), IsEmpty());
  const Caller other = ConsentHarness::System(ConsentHarness::kOtherAgency);
  EXPECT_THAT(Ids(Case(other, ConsentHarness::kCase)->page()), IsEmpty());
}

TEST_F(ConsentListsTest, ATokenOfTheWrongFormIsAnError) {
  v1::ListAgencyConsentsRequest request;
  request.set_page_token("nonsense");
  EXPECT_EQ(Agency(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConsentListsTest, AWatchFindsWhatCanStillChangeAndNothingElse) {
  const std::string pending = harness_.MustOpen('A').consent().consent_id();
  const std::string cancelled = harness_.MustOpen('B').consent().consent_id();
  ABSL_ASSERT_OK(harness_.Cancel(cancelled));
  const auto live = lists_.Live(ConsentHarness::kAgency, "");
  ABSL_ASSERT_OK(live);
  ASSERT_THAT(live->consents, SizeIs(1));
  EXPECT_EQ(live->consents[0].consent_id(), pending);
  EXPECT_EQ(live->next, "");
}

}  // namespace
}  // namespace naru
