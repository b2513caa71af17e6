// P7: what a repeated fetch gets, and what becomes of one that was interrupted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/ledger_proof.h"
#include "broker/proof/receipt.h"
#include "consent/release_harness.h"

namespace naru {
namespace {

class ReleaseRepeatTest : public testing::Test {
 protected:
  std::vector<v1::FetchDocumentsResponse> MustRepeat(const v1::FetchDocumentsRequest& request) {
    const auto admission = harness_.Admit(request);
    EXPECT_THAT(admission, IsOk());
    if (!admission.ok() || !admission->repeated.has_value()) {
      ADD_FAILURE() << "not repeated";
      return {};
    }
    return admission->repeated->steps;
  }

  ReleaseHarness harness_{{/*judge_twice=*/true}};
};

TEST_F(ReleaseRepeatTest, P7_ARepeatGetsReceiptsAndOutcomesAndNoBodies) {
  const ConsentId consent = harness_.AddConsent();
  v1::FetchDocumentsRequest request = harness_.Request(consent);
  request.set_known_tree_size(1);
  std::string fetch_id;
  std::string release_id;
  v1::FetchSummary summary;
  {
    const AdmittedFetch fetch = harness_.MustAdmit(request);
    fetch_id = fetch.fetch.text();
    release_id = fetch.papers[0].release.text();
    harness_.Send(fetch, 0);
    ABSL_ASSERT_OK(harness_.Release(fetch, 1, /*no_record=*/true));
    ABSL_ASSERT_OK(harness_.RecordOutcome(fetch, 2, v1::OUTCOME_DECLINED,
                                          v1::REFUSAL_REASON_HOLDER_DECLINED, "법 1조"));
    ABSL_ASSERT_OK_AND_ASSIGN(summary, harness_.Finish(fetch));
  }
  // Whatever happened since, and also after a restart.
  ABSL_ASSERT_OK(harness_.journal().CommitAndWait(harness_.Withdrawal(consent)));
  harness_.Restart();
  const uint64_t size = harness_.ledger().head().size;
  const auto steps = MustRepeat(request);
  EXPECT_EQ(harness_.ledger().head().size, size) << "a repeat enters nothing";

  ASSERT_EQ(steps.size(), 8u);
  const v1::FetchStarted& started = steps[0].started();
  EXPECT_TRUE(started.repeated_request());
  EXPECT_EQ(started.fetch_id(), fetch_id);
  ASSERT_EQ(started.papers_size(), 4);
  EXPECT_EQ(started.papers(0).release_id(), release_id);
  EXPECT_EQ(started.papers(0).holder(), ReleaseHarness::kHolder);
  EXPECT_EQ(started.papers(0).paper().parameters(0).values(0), "2025");

  v1::Receipt receipt;
  ASSERT_TRUE(receipt.ParseFromString(steps[1].receipt().receipt()));
  EXPECT_FALSE(steps[1].receipt().has_signature());
  EXPECT_EQ(receipt.context(), kReceiptContext);
  EXPECT_EQ(receipt.release_id(), release_id);
  EXPECT_EQ(receipt.fetch_id(), fetch_id);
  EXPECT_EQ(receipt.consent_id(), consent.text());
  EXPECT_EQ(receipt.requester(), ReleaseHarness::kAgency);
  EXPECT_EQ(receipt.holder(), ReleaseHarness::kHolder);
  EXPECT_EQ(receipt.document_kind(), "INCOME");
  EXPECT_EQ(receipt.header_sha256(), std::string(32, 'h'));
  EXPECT_EQ(receipt.nonce(), request.nonce());
  EXPECT_EQ(receipt.proof().known_size(), 1u);
  EXPECT_EQ(receipt.proof().tree_size(), size);
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::OuterEntry released,
      VerifyLedgerProof(receipt.proof(), harness_.journal_harness().Verifier()));
  EXPECT_EQ(released.kind(), v1::ENTRY_KIND_DOCUMENT_RELEASED);

  EXPECT_EQ(steps[2].outcome().outcome(), v1::OUTCOME_SENT);
  EXPECT_EQ(steps[2].outcome().paper_id(), 1u);
  EXPECT_FALSE(steps[2].outcome().has_refusal());
  EXPECT_EQ(steps[3].receipt().paper_id(), 2u);
  EXPECT_EQ(steps[4].outcome().outcome(), v1::OUTCOME_NO_RECORD);
  EXPECT_EQ(steps[5].outcome().outcome(), v1::OUTCOME_DECLINED);
  EXPECT_EQ(steps[5].outcome().refusal().facts().at("ground"), "법 1조");
  EXPECT_EQ(steps[6].outcome().outcome(), v1::OUTCOME_NOT_PERMITTED);
  EXPECT_EQ(steps[6].outcome().refusal().reason(), v1::REFUSAL_REASON_NO_USE_APPROVAL);
  const auto entries = harness_.Entries();
  for (const int i : {2, 4, 5, 6}) {
    const v1::OuterEntry& outer = entries[steps[i].outcome().ledger_index()].outer;
    EXPECT_EQ(outer.outcome(), steps[i].outcome().outcome());
    EXPECT_EQ(outer.time().seconds(), steps[i].outcome().time().seconds());
  }
  EXPECT_EQ(steps[7].summary().SerializeAsString(), summary.SerializeAsString());
}

TEST_F(ReleaseRepeatTest, P7_OtherContentAndOldIdsAreRefused) {
  v1::FetchDocumentsRequest request = harness_.Request(harness_.AddConsent());
  ABSL_ASSERT_OK(harness_.Finish(harness_.MustAdmit(request)));
  v1::FetchDocumentsRequest other = request;
  other.add_paper_ids(1);
  EXPECT_THAT(harness_.Admit(other), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  // Also for another consent, whose person is another.
  other = request;
  other.set_consent_id(harness_.AddConsent({ReleaseHarness::Person('B')}).text());
  EXPECT_THAT(harness_.Admit(other), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  harness_.clock().Advance(limits::kRequestIdAge + absl::Seconds(1));
  EXPECT_THAT(harness_.Admit(request), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_EXPIRED));
}

TEST_F(ReleaseRepeatTest, P7_ARefusalIsNotRemembered) {
  ReleaseHarness::Grant grant;
  grant.state = v1::CONSENT_STATE_SUSPENDED;
  const ConsentId consent = harness_.AddConsent(grant);
  const v1::FetchDocumentsRequest request = harness_.Request(consent);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto refused, harness_.Admit(request));
  EXPECT_TRUE(refused.refused.has_value());
  harness_.Edit(consent, v1::ENTRY_KIND_CONSENT_RESUMED,
                [](storage::v1::ConsentRow* row) { row->set_state(v1::CONSENT_STATE_GRANTED); });
  harness_.MustAdmit(request);
}

TEST_F(ReleaseRepeatTest, P7_ARepeatOfARunningFetchWaits) {
  const v1::FetchDocumentsRequest request = harness_.Request(harness_.AddConsent());
  {
    const AdmittedFetch fetch = harness_.MustAdmit(request);
    harness_.Send(fetch, 0);
    EXPECT_THAT(harness_.Admit(request), HasErrorReason(v1::ERROR_REASON_NOT_READY));
    ABSL_ASSERT_OK(
        harness_.RecordOutcome(fetch, 1, v1::OUTCOME_FAILED, v1::REFUSAL_REASON_HOLDER_TIMEOUT));
    ABSL_ASSERT_OK(harness_.Finish(fetch));
    // Ended, though somebody still holds it.
    EXPECT_EQ(MustRepeat(request).front().started().fetch_id(), fetch.fetch.text());
  }
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_FETCH_ADMITTED).size(), 1u);
}

TEST_F(ReleaseRepeatTest, P7_WhatACrashInterruptedIsEnteredAsFailed) {
  const ConsentId consent = harness_.AddConsent();
  const v1::FetchDocumentsRequest request = harness_.Request(consent);
  const AdmittedFetch lost = harness_.MustAdmit(request);
  harness_.Send(lost, 0);
  ABSL_ASSERT_OK(harness_.Release(lost, 1));  // Released, but its end is not entered.
  harness_.Restart();

  for (int repeat = 0; repeat < 2; ++repeat) {
    const auto steps = MustRepeat(request);
    ASSERT_EQ(steps.size(), 7u);
    EXPECT_EQ(steps[2].outcome().outcome(), v1::OUTCOME_SENT);
    for (const int i : {3, 4}) {
      EXPECT_EQ(steps[i].outcome().outcome(), v1::OUTCOME_FAILED);
      EXPECT_EQ(steps[i].outcome().refusal().reason(), v1::REFUSAL_REASON_INTERRUPTED);
    }
    EXPECT_EQ(steps[6].summary().sent(), 1u);
    EXPECT_EQ(steps[6].summary().failed(), 2u);
    EXPECT_EQ(steps[6].summary().uses_left(), 2u);
  }
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_FETCH_ENDED).size(), 1u);
  // Nothing more can be released under it.
  EXPECT_THAT(harness_.Release(lost, 2), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_F(ReleaseRepeatTest, P7_AFetchThatWasDroppedWithoutEndIsInterruptedToo) {
  const v1::FetchDocumentsRequest request = harness_.Request(harness_.AddConsent());
  harness_.MustAdmit(request);
  // The journal lets go of the change itself with its group; the next one comes after that.
  ABSL_ASSERT_OK(harness_.journal().FlushChecks());
  EXPECT_EQ(MustRepeat(request).back().summary().failed(), 3u);
}

}  // namespace
}  // namespace naru
