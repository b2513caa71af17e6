// All or nothing: the papers of a fetch are released in one change, or none is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/status_matchers.h"
#include "broker/proof/ledger_proof.h"
#include "consent/release_harness.h"

namespace naru {
namespace {

using testing::SizeIs;

class ReleaseBundleTest : public testing::Test {
 protected:
  AdmittedFetch Admit(const ConsentId& consent, const std::vector<uint32_t>& papers = {1, 2, 3}) {
    v1::FetchDocumentsRequest request = harness_.Request(consent);
    request.set_all_or_nothing(true);
    for (const uint32_t paper : papers) request.add_paper_ids(paper);
    return harness_.MustAdmit(request);
  }
  ConsentId OneUse() {
    ReleaseHarness::Grant grant;
    grant.uses = 1;
    return harness_.AddConsent(grant);
  }

  ReleaseHarness harness_{{/*judge_twice=*/true}};
};

TEST_F(ReleaseBundleTest, AllAreReleasedInOneChangeWithOneUse) {
  const ConsentId consent = OneUse();
  const AdmittedFetch fetch = Admit(consent);
  EXPECT_TRUE(fetch.all_or_nothing);
  const uint64_t size = harness_.ledger().head().size;
  ABSL_ASSERT_OK_AND_ASSIGN(const auto commitments,
                            harness_.ReleaseAll(fetch, {false, true, false}));
  ASSERT_THAT(commitments, SizeIs(3));
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(commitments[i].released.has_value());
    EXPECT_EQ(commitments[i].released->tree_size, size + 3) << "one change";
    EXPECT_EQ(commitments[i].released->proof.index(), size + i);
    ABSL_ASSERT_OK_AND_ASSIGN(
        const v1::OuterEntry entry,
        VerifyLedgerProof(commitments[i].released->proof, harness_.journal_harness().Verifier()));
    EXPECT_EQ(entry.release_id(), fetch.papers[i].release.text());
    EXPECT_EQ(entry.kind(),
              i == 1 ? v1::ENTRY_KIND_NO_RECORD_RELEASED : v1::ENTRY_KIND_DOCUMENT_RELEASED);
  }
  EXPECT_EQ(harness_.ConsentRow(consent).uses_left(), 0u);
  EXPECT_EQ(harness_.ConsentRow(consent).state(), v1::CONSENT_STATE_EXHAUSTED);
  ABSL_ASSERT_OK(harness_.RecordOutcome(fetch, 0, v1::OUTCOME_SENT));
  ABSL_ASSERT_OK(harness_.RecordOutcome(fetch, 2, v1::OUTCOME_SENT));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::FetchSummary summary, harness_.Finish(fetch));
  EXPECT_EQ(summary.sent(), 2u);
  EXPECT_EQ(summary.no_record(), 1u);
}

TEST_F(ReleaseBundleTest, WhenOneIsRefusedAtTheReleaseNoneIsReleasedAndNoUseIsTaken) {
  const ConsentId consent = OneUse();
  const AdmittedFetch fetch = Admit(consent);
  harness_.Edit(consent, v1::ENTRY_KIND_CONSENT_WITHDRAWN, [](storage::v1::ConsentRow* row) {
    row->mutable_papers(1)->set_decision(v1::DECISION_WITHDRAWN);
  });
  const uint64_t size = harness_.ledger().head().size;
  ABSL_ASSERT_OK_AND_ASSIGN(const auto commitments,
                            harness_.ReleaseAll(fetch, {false, false, false}));
  ASSERT_THAT(commitments, SizeIs(3));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(commitments[i].released.has_value());
    ASSERT_TRUE(commitments[i].refused.has_value());
    EXPECT_EQ(commitments[i].refusal_entry.ledger_index, size + i);
  }
  EXPECT_EQ(commitments[1].refused->reason(), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  for (const size_t i : {0, 2}) {
    EXPECT_EQ(commitments[i].refused->reason(), v1::REFUSAL_REASON_BUNDLE_INCOMPLETE);
    EXPECT_EQ(commitments[i].refused->facts().at("paper_id"), "2");
  }
  EXPECT_THAT(harness_.Entries(v1::ENTRY_KIND_DOCUMENT_RELEASED), SizeIs(0));
  EXPECT_EQ(harness_.ConsentRow(consent).uses_left(), 1u);
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::FetchSummary summary, harness_.Finish(fetch));
  EXPECT_EQ(summary.not_permitted(), 3u);
}

// Paper 4 has no approval: no holder is asked for the others.
TEST_F(ReleaseBundleTest, WhenOneIsRefusedBeforehandAllAre) {
  const AdmittedFetch fetch = Admit(harness_.AddConsent(), {1, 4});
  ASSERT_THAT(fetch.papers, SizeIs(2));
  ASSERT_TRUE(fetch.papers[0].refused.has_value());
  EXPECT_EQ(fetch.papers[0].refused->reason(), v1::REFUSAL_REASON_BUNDLE_INCOMPLETE);
  EXPECT_EQ(fetch.papers[0].refused->facts().at("paper_id"), "4");
  EXPECT_EQ(fetch.papers[1].refused->reason(), v1::REFUSAL_REASON_NO_USE_APPROVAL);
  const auto outcomes = harness_.Entries(v1::ENTRY_KIND_DOCUMENT_OUTCOME);
  ASSERT_THAT(outcomes, SizeIs(2));
  EXPECT_EQ(outcomes[0].outer.refusal_reason(), v1::REFUSAL_REASON_BUNDLE_INCOMPLETE);
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::FetchSummary summary, harness_.Finish(fetch));
  EXPECT_EQ(summary.not_permitted(), 2u);
}

TEST_F(ReleaseBundleTest, ABundleIsAllOfItsFetchAndOnce) {
  const AdmittedFetch fetch = Admit(harness_.AddConsent());
  EXPECT_EQ(harness_.ReleaseAll(fetch, {false, false}).status().code(),
            absl::StatusCode::kInternal);
  ABSL_ASSERT_OK(harness_.ReleaseAll(fetch, {false, false, false}));
  EXPECT_EQ(harness_.ReleaseAll(fetch, {false, false, false}).status().code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace naru
