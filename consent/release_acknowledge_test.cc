#include "consent/release_acknowledge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/status_matchers.h"
#include "consent/release_harness.h"

namespace naru {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ReleaseAcknowledgeTest : public testing::Test {
 protected:
  // A fetch that brought paper 1; 2 had no record, 3 was released and failed, 4 is not permitted.
  ReleaseAcknowledgeTest() : consent_(harness_.AddConsent()) {
    const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent_));
    fetch_ = fetch.fetch;
    release_ = fetch.papers[0].release.text();
    harness_.Send(fetch, 0);
    EXPECT_THAT(harness_.Release(fetch, 1, /*no_record=*/true), IsOk());
    EXPECT_THAT(harness_.Release(fetch, 2), IsOk());
    EXPECT_THAT(
        harness_.RecordOutcome(fetch, 2, v1::OUTCOME_FAILED, v1::REFUSAL_REASON_HOLDER_TIMEOUT),
        IsOk());
    EXPECT_THAT(harness_.Finish(fetch), IsOk());
  }

  v1::AcknowledgeDocumentsRequest Said(const std::vector<uint32_t>& papers,
                                       v1::Arrival arrival = v1::ARRIVAL_ARRIVED) {
    return harness_.Acknowledgement(fetch_, papers, arrival);
  }
  // Refused as a whole: nothing but the refusal is entered.
  void ExpectConflict(const v1::AcknowledgeDocumentsRequest& request, const std::string& paper) {
    const uint64_t size = harness_.ledger().head().size;
    const auto answer = harness_.Acknowledge(request);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->response.refusal().reason(), v1::REFUSAL_REASON_STATE_CONFLICT);
    EXPECT_EQ(answer->response.refusal().facts().at("paper_id"), paper);
    EXPECT_THAT(answer->mismatches, IsEmpty());
    EXPECT_EQ(harness_.ledger().head().size, size + 1);
    EXPECT_EQ(harness_.Entries().back().outer.kind(), v1::ENTRY_KIND_REFUSED);
    EXPECT_EQ(harness_.Entries().back().outer.fetch_id(), fetch_.text());
  }

  ReleaseHarness harness_{{/*judge_twice=*/true}};
  const ConsentId consent_;
  FetchId fetch_;
  std::string release_;
};

TEST_F(ReleaseAcknowledgeTest, EveryPaperIsAnEntryOfItsOwn) {
  const uint64_t size = harness_.ledger().head().size;
  v1::AcknowledgeDocumentsRequest request = Said({1, 2});
  *request.add_arrivals() = Said({3}, v1::ARRIVAL_MISMATCH).arrivals(0);
  ABSL_ASSERT_OK_AND_ASSIGN(const AcknowledgeBook::Answer answer, harness_.Acknowledge(request));
  EXPECT_THAT(answer.response.acknowledged().ledger_indexes(),
              ElementsAre(size, size + 1, size + 2));
  const auto arrived = harness_.Entries(v1::ENTRY_KIND_DOCUMENT_ARRIVED);
  ASSERT_THAT(arrived, SizeIs(2));
  EXPECT_EQ(arrived[0].index, size);
  EXPECT_EQ(arrived[0].outer.release_id(), release_);
  EXPECT_EQ(arrived[0].outer.fetch_id(), fetch_.text());
  EXPECT_EQ(arrived[0].outer.consent_id(), consent_.text());
  EXPECT_EQ(arrived[0].outer.holder(), ReleaseHarness::kHolder);
  EXPECT_EQ(arrived[0].outer.document_kind(), "INCOME");
  EXPECT_EQ(arrived[0].outer.header_sha256(), std::string(32, 'h'));
  EXPECT_EQ(arrived[0].outer.state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_NE(arrived[0].inner.person_number(), 0u);
  EXPECT_EQ(harness_.Details(arrived[0]).case_().case_number(), "2026-0001");
  EXPECT_EQ(arrived[1].outer.paper_id(), 2u);

  const auto wrong = harness_.Entries(v1::ENTRY_KIND_DOCUMENT_MISMATCHED);
  ASSERT_THAT(wrong, SizeIs(1));
  EXPECT_EQ(wrong[0].outer.refusal_reason(), v1::REFUSAL_REASON_SUBJECT_MISMATCH);
  ASSERT_THAT(answer.mismatches, SizeIs(1));
  EXPECT_EQ(answer.mismatches[0].release_id, wrong[0].outer.release_id());
  EXPECT_EQ(answer.mismatches[0].holder, ReleaseHarness::kHolder);
  EXPECT_EQ(answer.mismatches[0].reason, v1::REFUSAL_REASON_SUBJECT_MISMATCH);
}

TEST_F(ReleaseAcknowledgeTest, P7_ARepeatIsAnsweredAsBeforeAndEntersNothing) {
  const v1::AcknowledgeDocumentsRequest request = Said({1, 3}, v1::ARRIVAL_MISMATCH);
  ABSL_ASSERT_OK_AND_ASSIGN(const AcknowledgeBook::Answer first, harness_.Acknowledge(request));
  harness_.Restart();
  const uint64_t size = harness_.ledger().head().size;
  ABSL_ASSERT_OK_AND_ASSIGN(const AcknowledgeBook::Answer again, harness_.Acknowledge(request));
  EXPECT_EQ(again.response.SerializeAsString(), first.response.SerializeAsString());
  EXPECT_THAT(again.mismatches, IsEmpty()) << "alarmed once";
  EXPECT_EQ(harness_.ledger().head().size, size);

  v1::AcknowledgeDocumentsRequest other = Said({1}, v1::ARRIVAL_MISMATCH);
  other.set_request_id(request.request_id());
  const auto reused = harness_.Acknowledge(other);
  EXPECT_EQ(GetErrorDetail(reused.status())->reason(), v1::ERROR_REASON_REQUEST_ID_REUSED);
}

TEST_F(ReleaseAcknowledgeTest, P10_AnotherAgencysFetchIsLikeNone) {
  const uint64_t size = harness_.ledger().head().size;
  const auto others =
      harness_.Acknowledge(Said({1}), ReleaseHarness::Counter(ReleaseHarness::kOtherAgency));
  v1::AcknowledgeDocumentsRequest request = Said({1});
  std::string& id = *request.mutable_fetch_id();
  id.back() = id.back() == '0' ? '1' : '0';
  const auto none = harness_.Acknowledge(request);
  EXPECT_EQ(GetErrorDetail(others.status())->reason(), v1::ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(others.status(), none.status());
  EXPECT_EQ(harness_.ledger().head().size, size);
}

TEST_F(ReleaseAcknowledgeTest, WhatWasNotReleasedOrNotSentWholeDidNotArrive) {
  ExpectConflict(Said({1, 4}), "4");
  ExpectConflict(Said({1, 64}), "64");
  ExpectConflict(Said({1, 3}), "3");
  ExpectConflict(Said({4}, v1::ARRIVAL_MISMATCH), "4");
}

TEST_F(ReleaseAcknowledgeTest, WhatWasSaidStands) {
  ABSL_ASSERT_OK(harness_.Acknowledge(Said({1})));
  ABSL_ASSERT_OK(harness_.Acknowledge(Said({3}, v1::ARRIVAL_MISMATCH)));
  ExpectConflict(Said({1}, v1::ARRIVAL_MISMATCH), "1");
  ExpectConflict(Said({2, 3}), "3");
  // The same again does no harm.
  ABSL_ASSERT_OK_AND_ASSIGN(const AcknowledgeBook::Answer again, harness_.Acknowledge(Said({1})));
  EXPECT_TRUE(again.response.has_acknowledged());
}

TEST_F(ReleaseAcknowledgeTest, AWithdrawalDoesNotUndoWhatHappened) {
  ABSL_ASSERT_OK(harness_.journal().CommitAndWait(harness_.Withdrawal(consent_)));
  ABSL_ASSERT_OK_AND_ASSIGN(const AcknowledgeBook::Answer answer, harness_.Acknowledge(Said({1})));
  EXPECT_TRUE(answer.response.has_acknowledged());
  EXPECT_EQ(harness_.Entries().back().outer.state(), v1::CONSENT_STATE_WITHDRAWN);
  EXPECT_EQ(harness_.ConsentRow(consent_).state(), v1::CONSENT_STATE_WITHDRAWN);
}

}  // namespace
}  // namespace naru
