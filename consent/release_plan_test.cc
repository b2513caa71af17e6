#include "consent/release_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "broker/base/status_matchers.h"
#include "consent/release_harness.h"

// Admission: what a fetch may have, judged as a whole and paper by paper.
namespace naru {
namespace {

using testing::ElementsAre;

constexpr v1::Decision kAgreed = v1::DECISION_AGREED;

class ReleasePlanTest : public testing::Test {
 protected:
  // Why the fetch as a whole is refused.
  v1::RefusalReason Refused(const v1::FetchDocumentsRequest& request,
                            const Caller& caller = ReleaseHarness::Counter()) {
    const auto admission = harness_.Admit(request, caller);
    EXPECT_THAT(admission, IsOk());
    if (!admission.ok() || !admission->refused.has_value()) {
      return v1::REFUSAL_REASON_UNSPECIFIED;
    }
    return admission->refused->reason();
  }

  ReleaseHarness harness_{{/*judge_twice=*/true}};
};

TEST_F(ReleasePlanTest, AdmitsWithEverythingAHolderIsAsked) {
  const ConsentId consent = harness_.AddConsent();
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  EXPECT_EQ(fetch.consent, consent);
  EXPECT_EQ(fetch.requester, ReleaseHarness::kAgency);
  EXPECT_EQ(fetch.caller, "3210000:counter");
  EXPECT_EQ(fetch.affair, ReleaseHarness::kAffair);
  EXPECT_EQ(fetch.legal_basis, ReleaseHarness::kLegalBasis);
  EXPECT_EQ(fetch.mode, v1::ACCESS_MODE_VIEW);
  EXPECT_EQ(fetch.fetch.shard(), consent.shard());
  ASSERT_EQ(fetch.papers.size(), ReleaseHarness::kPapers);

  const PlannedPaper& income = fetch.papers[0];
  EXPECT_FALSE(income.refused.has_value());
  EXPECT_EQ(income.holder, ReleaseHarness::kHolder);
  EXPECT_EQ(income.release.shard(), consent.shard());
  EXPECT_EQ(income.paper.subject().number(), ReleaseHarness::Person().number());
  EXPECT_EQ(income.paper.parameters(0).values(0), "2025");
  EXPECT_THAT(income.approved_fields, ElementsAre("amount"));
  EXPECT_EQ(income.max_size_bytes, 1000u);
  EXPECT_EQ(fetch.papers[1].paper.subject().type(), v1::SUBJECT_TYPE_HOUSEHOLD);
  EXPECT_EQ(fetch.papers[1].paper.subject().number(), ReleaseHarness::Person().number());
  EXPECT_EQ(fetch.papers[2].paper.subject().number(), "1234567890");
  // Nothing is taken yet.
  EXPECT_EQ(harness_.ConsentRow(consent).uses_left(), 3u);
}

TEST_F(ReleasePlanTest, EntersTheFetchWithCaseAndPapersUnderThePersonsKey) {
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(harness_.AddConsent()));
  const auto entries = harness_.Entries(v1::ENTRY_KIND_FETCH_ADMITTED);
  ASSERT_EQ(entries.size(), 1u);
  const v1::OuterEntry& outer = entries[0].outer;
  EXPECT_EQ(outer.fetch_id(), fetch.fetch.text());
  EXPECT_EQ(outer.ground(), ReleaseHarness::kLegalBasis);
  EXPECT_EQ(outer.request_sha256().size(), 32u);
  EXPECT_FALSE(outer.case_verified());
  const storage::v1::Details details = harness_.Details(entries[0]);
  EXPECT_EQ(details.case_().official_id(), "official-1");
  EXPECT_EQ(details.papers_size(), static_cast<int>(ReleaseHarness::kPapers));
}

TEST_F(ReleasePlanTest, P10_AnUnknownConsentAndAnothersAreOneAnswer) {
  const ConsentId own = harness_.AddConsent();
  FakeRandom random(99);
  v1::FetchDocumentsRequest unknown =
      harness_.Request(ConsentId::Generate(own.shard(), random), "");
  v1::FetchDocumentsRequest others = harness_.Request(own, "");
  const Caller other = ReleaseHarness::Counter(ReleaseHarness::kOtherAgency);
  const auto first = harness_.Admit(unknown, other);
  const auto second = harness_.Admit(others, other);
  ABSL_ASSERT_OK(first);
  ABSL_ASSERT_OK(second);
  EXPECT_EQ(first->refused->reason(), v1::REFUSAL_REASON_NO_CONSENT);
  EXPECT_EQ(first->refused->SerializeAsString(), second->refused->SerializeAsString());

  // The entries, which the caller may see, differ in nothing but id, time and request.
  auto entries = harness_.Entries(v1::ENTRY_KIND_REFUSED);
  ASSERT_EQ(entries.size(), 2u);
  for (auto& entry : entries) {
    entry.outer.clear_consent_id();
    entry.outer.clear_time();
    entry.outer.clear_request_sha256();
  }
  EXPECT_EQ(entries[0].outer.SerializeAsString(), entries[1].outer.SerializeAsString());
  // But its person sees who tried.
  EXPECT_TRUE(entries[0].inner.subject_id().empty());
  EXPECT_EQ(entries[1].inner.person_number(), 2u);
}

TEST_F(ReleasePlanTest, APersonWhoIsNotTheConsentsIsRefusedKnownOrNot) {
  const ConsentId consent = harness_.AddConsent();
  harness_.AddConsent({ReleaseHarness::Person('B')});
  for (const char letter : {'B', 'C'}) {
    v1::FetchDocumentsRequest request = harness_.Request(consent);
    *request.mutable_person() = ReleaseHarness::Person(letter);
    EXPECT_EQ(Refused(request), v1::REFUSAL_REASON_PERSON_MISMATCH) << letter;
  }
}

TEST_F(ReleasePlanTest, EveryStateButGrantedRefusesTheWholeFetch) {
  const std::pair<v1::ConsentState, v1::RefusalReason> table[] = {
      {v1::CONSENT_STATE_PENDING, v1::REFUSAL_REASON_CONSENT_PENDING},
      {v1::CONSENT_STATE_DENIED, v1::REFUSAL_REASON_CONSENT_DENIED},
      {v1::CONSENT_STATE_EXPIRED, v1::REFUSAL_REASON_CONSENT_EXPIRED},
      {v1::CONSENT_STATE_CANCELLED, v1::REFUSAL_REASON_CONSENT_CANCELLED},
      {v1::CONSENT_STATE_SUSPENDED, v1::REFUSAL_REASON_CONSENT_SUSPENDED},
      {v1::CONSENT_STATE_WITHDRAWN, v1::REFUSAL_REASON_CONSENT_WITHDRAWN},
  };
  for (const auto& [state, reason] : table) {
    ReleaseHarness::Grant grant;
    grant.state = state;
    EXPECT_EQ(Refused(harness_.Request(harness_.AddConsent(grant))), reason);
  }
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_REFUSED).size(), std::size(table));
  EXPECT_TRUE(harness_.Entries(v1::ENTRY_KIND_FETCH_ADMITTED).empty());
}

TEST_F(ReleasePlanTest, PapersAreRefusedOneByOneAndEntered) {
  ReleaseHarness::Grant grant;
  grant.decisions = {kAgreed, v1::DECISION_REFUSED, v1::DECISION_WITHDRAWN};
  v1::FetchDocumentsRequest request = harness_.Request(harness_.AddConsent(grant));
  for (const uint32_t paper : {1, 2, 3, 4, 9}) request.add_paper_ids(paper);
  const AdmittedFetch fetch = harness_.MustAdmit(request);
  ASSERT_EQ(fetch.papers.size(), 5u);
  EXPECT_FALSE(fetch.papers[0].refused.has_value());
  const v1::RefusalReason reasons[] = {
      v1::REFUSAL_REASON_CONSENT_DENIED, v1::REFUSAL_REASON_CONSENT_WITHDRAWN,
      v1::REFUSAL_REASON_NO_USE_APPROVAL, v1::REFUSAL_REASON_KIND_NOT_IN_AFFAIR};
  for (size_t i = 1; i < 5; ++i) {
    ASSERT_TRUE(fetch.papers[i].refused.has_value()) << i;
    EXPECT_EQ(fetch.papers[i].refused->reason(), reasons[i - 1]);
    const auto entry = harness_.Entries()[fetch.papers[i].refused_index];
    EXPECT_EQ(entry.outer.kind(), v1::ENTRY_KIND_DOCUMENT_OUTCOME);
    EXPECT_EQ(entry.outer.outcome(), v1::OUTCOME_NOT_PERMITTED);
    EXPECT_EQ(entry.outer.refusal_reason(), reasons[i - 1]);
    EXPECT_EQ(entry.outer.paper_id(), fetch.papers[i].paper.paper_id());
    // What was refused beforehand is not released afterwards.
    EXPECT_THAT(harness_.Release(fetch, i), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  }
}

TEST_F(ReleasePlanTest, WithoutPaperIdsAllThatWasAgreedToIsFetched) {
  ReleaseHarness::Grant grant;
  grant.decisions = {kAgreed, v1::DECISION_REFUSED};
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(harness_.AddConsent(grant)));
  ASSERT_EQ(fetch.papers.size(), 3u);
  EXPECT_EQ(fetch.papers[0].paper.paper_id(), 1u);
  EXPECT_EQ(fetch.papers[1].paper.paper_id(), 3u);
}

TEST_F(ReleasePlanTest, AFetchOfWhichNothingIsPermittedIsAdmittedAndEnds) {
  v1::FetchDocumentsRequest request = harness_.Request(harness_.AddConsent());
  request.set_mode(v1::ACCESS_MODE_TRANSFER);  // No approval has it.
  const AdmittedFetch fetch = harness_.MustAdmit(request);
  for (const PlannedPaper& paper : fetch.papers) {
    EXPECT_EQ(paper.refused->reason(), v1::REFUSAL_REASON_NO_USE_APPROVAL);
  }
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::FetchSummary summary, harness_.Finish(fetch));
  EXPECT_EQ(summary.not_permitted(), ReleaseHarness::kPapers);
  EXPECT_EQ(summary.uses_left(), 3u);
}

TEST_F(ReleasePlanTest, BadCallsAreErrorsAndLeaveNothing) {
  const ConsentId consent = harness_.AddConsent();
  const uint64_t size = harness_.ledger().head().size;
  v1::FetchDocumentsRequest request = harness_.Request(consent);
  request.set_known_tree_size(size + 1);
  EXPECT_THAT(harness_.Admit(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  request = harness_.Request(consent);
  request.set_nonce("short");
  EXPECT_THAT(harness_.Admit(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  request = harness_.Request(consent);
  request.add_paper_ids(1);
  request.add_paper_ids(1);
  EXPECT_THAT(harness_.Admit(request), HasErrorReason(v1::ERROR_REASON_FIELDS_CONTRADICT));
  request = harness_.Request(consent);
  request.set_consent_id("x");
  EXPECT_THAT(harness_.Admit(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  EXPECT_EQ(harness_.ledger().head().size, size);
}

}  // namespace
}  // namespace naru
