#include "consent/history_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/assertion.h"
#include "consent/history_page.h"
#include "consent/ledger_proof_builder.h"
#include "consent/release_harness.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using testing::IsEmpty;

constexpr char kIssuer[] = "https://id.example";
constexpr char kAudience[] = "naru.example";

class HistoryBookTest : public testing::Test {
 protected:
  HistoryBookTest() {
    EXPECT_THAT(
        ring_.Add(ProviderKeyOwner(kIssuer),
                  crypto::VerifyingKeyFromRaw(key_->type(), key_->PublicKey(), "id-1").value(),
                  absl::InfinitePast(), absl::InfiniteFuture()),
        IsOk());
    harness_.context().keys = &ring_;
    harness_.context().issuers = [] { return std::vector<TrustedIssuer>{{kIssuer, kAudience}}; };
  }

  v1::ListPersonHistoryRequest PersonRequest(const v1::Subject& person) {
    AssertionClaims claims;
    claims.issuer = kIssuer;
    claims.audience = kAudience;
    claims.ci = person.number();
    claims.issued = claims.auth_time = harness_.clock().Now();
    v1::ListPersonHistoryRequest request;
    request.mutable_session()->set_jws(MakeAssertion(claims, *key_));
    return request;
  }
  absl::StatusOr<v1::ListPersonHistoryResponse> ListPerson(
      const v1::ListPersonHistoryRequest& request) {
    return AwaitCall<v1::ListPersonHistoryResponse>(
        [&](auto done) { book_.ListPerson(kCitizen, request, std::move(done)); });
  }
  v1::HistoryPage PersonPage(const v1::ListPersonHistoryRequest& request) {
    const auto response = ListPerson(request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->page() : v1::HistoryPage();
  }

  static v1::ListCaseHistoryRequest CaseRequest(const std::string& case_number) {
    v1::ListCaseHistoryRequest request;
    request.mutable_case_()->set_official_id("official-2");
    request.mutable_case_()->set_terminal_id("terminal-2");
    request.mutable_case_()->set_case_number(case_number);
    return request;
  }
  absl::StatusOr<v1::ListCaseHistoryResponse> ListCase(
      const v1::ListCaseHistoryRequest& request, const Caller& caller = ReleaseHarness::Counter()) {
    return AwaitCall<v1::ListCaseHistoryResponse>(
        [&](auto done) { book_.ListCase(caller, request, std::move(done)); });
  }

  v1::RecordLookUpRequest LookUp(const std::optional<v1::Subject>& person) {
    v1::RecordLookUpRequest request;
    request.set_request_id(NewRequestId(harness_.clock().Now(), *harness_.context().random));
    if (person.has_value()) *request.mutable_person() = *person;
    request.set_asker("3210000:counter");
    request.mutable_case_()->set_official_id("official-1");
    request.mutable_case_()->set_case_number("2026-0001");
    return request;
  }
  absl::StatusOr<v1::RecordLookUpResponse> RecordLookUp(const v1::RecordLookUpRequest& request) {
    return AwaitCall<v1::RecordLookUpResponse>(
        [&](auto done) { book_.RecordLookUp(kResolver, request, std::move(done)); });
  }

  // A fetch of three papers: 1 + 1 (paper 4 refused) + 3 + 3 + 1 entries.
  AdmittedFetch Fetch(const ConsentId& consent, const v1::Subject& person) {
    v1::FetchDocumentsRequest request = harness_.Request(consent);
    *request.mutable_person() = person;
    AdmittedFetch fetch = harness_.MustAdmit(request);
    for (size_t paper = 0; paper < 3; ++paper) harness_.Send(fetch, paper);
    EXPECT_THAT(harness_.Finish(fetch), IsOk());
    return fetch;
  }

  const Caller kCitizen = {"9990000", "citizen", {config::v1::ROLE_CITIZEN}};
  const Caller kResolver = {"9990001", "resolver", {config::v1::ROLE_RESOLVER}};
  const std::unique_ptr<crypto::SigningKey> key_ =
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "id-1");
  KeyRing ring_;
  ReleaseHarness harness_{{/*judge_twice=*/true}};
  HistoryBook book_{&harness_.context()};
};

TEST_F(HistoryBookTest, ThePersonSeesEveryEntryNewestFirstWithoutGap) {
  const ConsentId consent = harness_.AddConsent();
  harness_.AddConsent({ReleaseHarness::Person('B')});
  Fetch(consent, ReleaseHarness::Person());
  const v1::HistoryPage page = PersonPage(PersonRequest(ReleaseHarness::Person()));
  EXPECT_EQ(page.total(), 11u);
  ASSERT_EQ(page.entries_size(), 11);
  EXPECT_THAT(page.next_page_token(), IsEmpty());
  EXPECT_EQ(page.entries(0).entry().kind(), v1::ENTRY_KIND_HISTORY_READ);
  EXPECT_EQ(page.entries(0).entry().caller(), "9990000:citizen");
  EXPECT_EQ(page.entries(1).entry().kind(), v1::ENTRY_KIND_FETCH_ENDED);
  EXPECT_EQ(page.entries(10).entry().kind(), v1::ENTRY_KIND_CONSENT_DECIDED);
  uint64_t number = page.total();
  for (const v1::HistoryEntry& entry : page.entries()) {
    EXPECT_EQ(entry.person_number(), number--);
    // The reader can compute the leaf from what is shown.
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::LedgerProof proof,
                              ProveEntry(harness_.ledger(), entry.ledger_index(), 0));
    EXPECT_EQ(proof.outer(), entry.entry().SerializeAsString());
    EXPECT_EQ(proof.outer_salt(), entry.outer_salt());
    EXPECT_EQ(proof.inner_hash(), entry.inner_hash());
  }
  // The case, but neither official nor terminal.
  EXPECT_EQ(page.entries(1).case_().case_number(), "2026-0001");
  EXPECT_THAT(page.entries(1).case_().official_id(), IsEmpty());
  EXPECT_THAT(page.entries(1).case_().terminal_id(), IsEmpty());
}

TEST_F(HistoryBookTest, PagesJoinWithoutGapThoughEveryLookIsAnEntry) {
  Fetch(harness_.AddConsent(), ReleaseHarness::Person());
  v1::ListPersonHistoryRequest request = PersonRequest(ReleaseHarness::Person());
  request.set_page_size(4);
  std::vector<uint64_t> numbers;
  int pages = 0;
  do {
    const v1::HistoryPage page = PersonPage(request);
    EXPECT_EQ(page.total(), 11u + pages) << "each page is a look";
    for (const v1::HistoryEntry& entry : page.entries()) numbers.push_back(entry.person_number());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(numbers.size(), 11u);
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], 11 - i);
}

TEST_F(HistoryBookTest, TheLookIsDurableBeforeTheAnswer) {
  harness_.AddConsent();
  harness_.store().StallUpdate(harness_.store().updates() + 1);
  absl::Notification answered;
  book_.ListPerson(kCitizen, PersonRequest(ReleaseHarness::Person()),
                   [&](const auto&) { answered.Notify(); });
  harness_.store().AwaitStalled();
  EXPECT_FALSE(answered.HasBeenNotified());
  harness_.store().Resume();
  answered.WaitForNotification();

  harness_.store().FailUpdate(harness_.store().updates() + 1, absl::UnavailableError("full"));
  EXPECT_THAT(ListPerson(PersonRequest(ReleaseHarness::Person())),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(HistoryBookTest, SomebodyUnknownHasAnEmptyHistoryAndStaysUnknown) {
  const v1::HistoryPage page = PersonPage(PersonRequest(ReleaseHarness::Person('U')));
  EXPECT_EQ(page.total(), 0u);
  EXPECT_EQ(page.entries_size(), 0);
  const auto looks = harness_.Entries(v1::ENTRY_KIND_HISTORY_READ);
  ASSERT_EQ(looks.size(), 1u);
  EXPECT_THAT(looks[0].inner.subject_id(), IsEmpty());
}

TEST_F(HistoryBookTest, AnAssertionThatDoesNotCountIsRefusedAndEntered) {
  v1::ListPersonHistoryRequest request = PersonRequest(ReleaseHarness::Person());
  harness_.clock().Advance(limits::kAssertionAge + absl::Seconds(1));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::ListPersonHistoryResponse response, ListPerson(request));
  EXPECT_EQ(response.refusal().reason(), v1::REFUSAL_REASON_ASSERTION_INVALID);
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_REFUSED).size(), 1u);
  EXPECT_THAT(harness_.Entries(v1::ENTRY_KIND_HISTORY_READ), IsEmpty());
}

TEST_F(HistoryBookTest, PageSizesAndTokensOfTheWrongFormAreErrors) {
  v1::ListPersonHistoryRequest request = PersonRequest(ReleaseHarness::Person());
  for (const int size : {-1, limits::kPageMax + 1}) {
    request.set_page_size(size);
    EXPECT_THAT(ListPerson(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  }
  request.set_page_size(0);
  for (const char* const token : {"x", "AAAA", "=", "AAAAAAAAAAA="}) {
    request.set_page_token(token);
    EXPECT_THAT(ListPerson(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  }
  v1::ListCaseHistoryRequest nameless = CaseRequest("");
  EXPECT_THAT(ListCase(nameless), HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
  // A token of the right form opens nothing that is not the reader's.
  harness_.AddConsent();
  request.set_page_token(PageToken(~uint64_t{0}));
  EXPECT_EQ(PersonPage(request).entries_size(), 2);
  request.set_page_token(PageToken(0));
  EXPECT_EQ(PersonPage(request).entries_size(), 0);
}

TEST_F(HistoryBookTest, P10_OfSharedChecksThePersonSeesTheOwnAlone) {
  const ConsentId own = harness_.AddConsent();
  const ConsentId others = harness_.AddConsent({ReleaseHarness::Person('B')});
  for (const ConsentId& consent : {own, others}) {
    const auto subject = SubjectId::FromBytes(harness_.ConsentRow(consent).subject_id()).value();
    ASSERT_TRUE(harness_.journal().NoteCheck(ReleaseHarness::kAgency, "3210000:machine",
                                             consent.text(), subject,
                                             v1::REFUSAL_REASON_UNSPECIFIED));
  }
  ABSL_ASSERT_OK(harness_.journal().FlushChecks());
  const v1::HistoryPage page = PersonPage(PersonRequest(ReleaseHarness::Person()));
  ASSERT_EQ(page.entries_size(), 3);
  const v1::HistoryEntry& checks = page.entries(1);
  ASSERT_EQ(checks.entry().kind(), v1::ENTRY_KIND_CHECKS);
  ASSERT_EQ(checks.entry().checks_size(), 1);
  EXPECT_EQ(checks.entry().checks(0).consent_id(), own.text());
  EXPECT_EQ(checks.person_number(), 0u);
  EXPECT_THAT(checks.outer_salt(), IsEmpty());
}

TEST_F(HistoryBookTest, AnEntryWhoseTermEndedKeepsItsPlace) {
  harness_.AddConsent();
  const auto decided = harness_.Entries(v1::ENTRY_KIND_CONSENT_DECIDED);
  harness_.store().Tamper(Table::kLedger, keys::Record(0, decided[0].index), std::string());
  const v1::HistoryPage page = PersonPage(PersonRequest(ReleaseHarness::Person()));
  ASSERT_EQ(page.entries_size(), 2);
  EXPECT_EQ(page.entries(1).ledger_index(), decided[0].index);
  EXPECT_FALSE(page.entries(1).has_entry());
  // One that is lost is a fault.
  harness_.store().Tamper(Table::kLedger, keys::Record(0, decided[0].index), std::nullopt);
  EXPECT_THAT(ListPerson(PersonRequest(ReleaseHarness::Person())),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(HistoryBookTest, TheAgencySeesItsCaseFromAllShardsWithItsOfficial) {
  Fetch(harness_.AddConsent(), ReleaseHarness::Person());
  Fetch(harness_.AddConsent({ReleaseHarness::Person('B')}), ReleaseHarness::Person('B'));
  v1::ListCaseHistoryRequest request = CaseRequest("2026-0001");
  request.set_page_size(7);
  std::vector<uint64_t> indexes;
  for (int page = 0; page < 3; ++page) {
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::ListCaseHistoryResponse response, ListCase(request));
    for (const v1::HistoryEntry& entry : response.page().entries()) {
      indexes.push_back(entry.ledger_index());
      EXPECT_EQ(entry.entry().requester(), ReleaseHarness::kAgency);
      EXPECT_EQ(entry.case_().official_id(), "official-1");
      EXPECT_EQ(entry.person_number(), 0u);
    }
    request.set_page_token(response.page().next_page_token());
  }
  EXPECT_THAT(request.page_token(), IsEmpty());
  EXPECT_EQ(indexes.size(), 18u);
  EXPECT_TRUE(std::is_sorted(indexes.rbegin(), indexes.rend()));
}

TEST_F(HistoryBookTest, ALookAtACaseIsSeenByItsPersonsAndUnderTheCase) {
  Fetch(harness_.AddConsent(), ReleaseHarness::Person());
  ABSL_ASSERT_OK(ListCase(CaseRequest("2026-0001")));
  const auto looks = harness_.Entries(v1::ENTRY_KIND_HISTORY_READ);
  ASSERT_EQ(looks.size(), 1u);
  EXPECT_EQ(harness_.Details(looks[0]).case_().official_id(), "official-2");
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::ListCaseHistoryResponse again,
                            ListCase(CaseRequest("2026-0001")));
  EXPECT_EQ(again.page().entries(0).ledger_index(), looks[0].index);
  const v1::HistoryPage page = PersonPage(PersonRequest(ReleaseHarness::Person()));
  EXPECT_EQ(page.entries(1).entry().caller(), "3210000:counter");
  EXPECT_EQ(page.entries(1).entry().requester(), ReleaseHarness::kAgency);
}

TEST_F(HistoryBookTest, P10_AnothersCaseIsAsEmptyAsNone) {
  Fetch(harness_.AddConsent(), ReleaseHarness::Person());
  const Caller other = ReleaseHarness::Counter(ReleaseHarness::kOtherAgency);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto foreign, ListCase(CaseRequest("2026-0001"), other));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto none, ListCase(CaseRequest("no such case"), other));
  EXPECT_EQ(foreign.page().entries_size(), 0);
  EXPECT_EQ(foreign.SerializeAsString(), none.SerializeAsString());
}

TEST_F(HistoryBookTest, ALookUpIsEnteredAndMakesThePersonKnown) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto first, RecordLookUp(LookUp(ReleaseHarness::Person())));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto second, RecordLookUp(LookUp(ReleaseHarness::Person())));
  const auto entries = harness_.Entries(v1::ENTRY_KIND_PERSON_LOOKED_UP);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].index, first.ledger_index());
  EXPECT_EQ(entries[1].index, second.ledger_index());
  EXPECT_EQ(entries[0].inner.subject_id(), entries[1].inner.subject_id());
  EXPECT_EQ(entries[1].inner.person_number(), 2u);
  EXPECT_EQ(entries[0].outer.requester(), ReleaseHarness::kAgency);
  EXPECT_EQ(entries[0].outer.caller(), "9990001:resolver");
  EXPECT_EQ(harness_.Details(entries[0]).asker(), "3210000:counter");
  EXPECT_EQ(harness_.Details(entries[0]).case_().official_id(), "official-1");
  // The person sees it, and the agency finds it under its case.
  EXPECT_EQ(PersonPage(PersonRequest(ReleaseHarness::Person())).total(), 3u);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto page, ListCase(CaseRequest("2026-0001")));
  EXPECT_EQ(page.page().entries_size(), 2);
}

TEST_F(HistoryBookTest, P7_ARepeatedLookUpIsTheSameEntry) {
  const v1::RecordLookUpRequest request = LookUp(ReleaseHarness::Person());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto first, RecordLookUp(request));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto again, RecordLookUp(request));
  EXPECT_EQ(first.ledger_index(), again.ledger_index());
  v1::RecordLookUpRequest other = request;
  other.clear_person();
  EXPECT_THAT(RecordLookUp(other), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(HistoryBookTest, P7_ARepeatThatComesLaterIsTheSameLookUp) {
  v1::RecordLookUpRequest request = LookUp(ReleaseHarness::Person());
  request.mutable_time()->set_seconds(absl::ToUnixSeconds(harness_.clock().Now()));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto first, RecordLookUp(request));
  harness_.clock().Advance(absl::Minutes(3));
  request.mutable_time()->set_seconds(absl::ToUnixSeconds(harness_.clock().Now()));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto again, RecordLookUp(request));
  EXPECT_EQ(first.ledger_index(), again.ledger_index());
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_PERSON_LOOKED_UP).size(), 1u);
}

TEST_F(HistoryBookTest, P7_RequestIdsOfTwoAskersNeverMeet) {
  const v1::RecordLookUpRequest mine = LookUp(ReleaseHarness::Person());
  v1::RecordLookUpRequest theirs = mine;
  theirs.set_asker("4110000:counter");
  v1::RecordLookUpRequest colleagues = mine;
  colleagues.set_asker("3210000:system");
  ABSL_ASSERT_OK_AND_ASSIGN(const auto first, RecordLookUp(mine));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto second, RecordLookUp(theirs));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto third, RecordLookUp(colleagues));
  const auto entries = harness_.Entries(v1::ENTRY_KIND_PERSON_LOOKED_UP);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].index, first.ledger_index());
  EXPECT_EQ(entries[1].index, second.ledger_index());
  EXPECT_EQ(entries[2].index, third.ledger_index());
  EXPECT_EQ(entries[1].outer.requester(), "4110000");
  // Each asker's repeat is its own.
  EXPECT_EQ(RecordLookUp(theirs)->ledger_index(), second.ledger_index());
  EXPECT_EQ(RecordLookUp(mine)->ledger_index(), first.ledger_index());
}

TEST_F(HistoryBookTest, TwoFirstContactsAtOnceMakeOnePerson) {
  // Both are asked before either is entered.
  const SubjectId somebody = harness_.journal_harness().AddSubject();
  absl::StatusOr<v1::RecordLookUpResponse> results[2];
  absl::Notification answered[2];
  harness_.journal_harness().Behind(somebody, [&] {
    for (int i = 0; i < 2; ++i) {
      book_.RecordLookUp(kResolver, LookUp(ReleaseHarness::Person()), [&, i](auto result) {
        results[i] = std::move(result);
        answered[i].Notify();
      });
    }
  });
  for (int i = 0; i < 2; ++i) {
    answered[i].WaitForNotification();
    EXPECT_THAT(results[i], IsOk());
  }
  const auto first = harness_.Entries()[results[0]->ledger_index()];
  const auto second = harness_.Entries()[results[1]->ledger_index()];
  EXPECT_EQ(first.inner.subject_id(), second.inner.subject_id());
  EXPECT_EQ(first.inner.person_number(), 1u);
  EXPECT_EQ(second.inner.person_number(), 2u);
}

TEST_F(HistoryBookTest, ALookUpThatFoundNobodyIsAboutNobody) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto response, RecordLookUp(LookUp(std::nullopt)));
  const auto entry = harness_.Entries()[response.ledger_index()];
  EXPECT_EQ(entry.outer.kind(), v1::ENTRY_KIND_PERSON_LOOKED_UP);
  EXPECT_EQ(entry.outer.requester(), ReleaseHarness::kAgency);
  EXPECT_THAT(entry.inner.subject_id(), IsEmpty());
  EXPECT_THAT(entry.inner.details_sha256(), IsEmpty());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto page, ListCase(CaseRequest("2026-0001")));
  EXPECT_EQ(page.page().entries_size(), 1);
}

}  // namespace
}  // namespace naru
