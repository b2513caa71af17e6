// The 24-hour rule: after the last use, a fetch of the same case for what did not arrive takes
// none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "consent/release_harness.h"

namespace naru {
namespace {

using testing::ElementsAre;

constexpr v1::RefusalReason kExhausted = v1::REFUSAL_REASON_CONSENT_EXHAUSTED;

class ReleaseGraceTest : public testing::Test {
 protected:
  // A consent whose last use brought paper 1, acknowledged; 2 had no record and 3 failed.
  ReleaseGraceTest() : consent_(AddConsentWithOneUse()) {
    const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent_));
    harness_.Send(fetch, 0);
    EXPECT_THAT(harness_.Release(fetch, 1, /*no_record=*/true), IsOk());
    Fail(fetch, 2);
    EXPECT_THAT(harness_.Finish(fetch), IsOk());
    Arrived(fetch, 1);
  }

  void Arrived(const AdmittedFetch& fetch, uint32_t paper_id) {
    const auto answer = harness_.Acknowledge(harness_.Acknowledgement(fetch.fetch, {paper_id}));
    EXPECT_THAT(answer, IsOk());
    EXPECT_TRUE(answer.ok() && answer->response.has_acknowledged());
  }

  ConsentId AddConsentWithOneUse() {
    ReleaseHarness::Grant grant;
    grant.uses = 1;
    return harness_.AddConsent(grant);
  }
  void Fail(const AdmittedFetch& fetch, size_t paper) {
    EXPECT_THAT(
        harness_.RecordOutcome(fetch, paper, v1::OUTCOME_FAILED, v1::REFUSAL_REASON_HOLDER_TIMEOUT),
        IsOk());
  }
  v1::RefusalReason Refused(const v1::FetchDocumentsRequest& request) {
    const auto admission = harness_.Admit(request);
    EXPECT_THAT(admission, IsOk());
    return admission.ok() && admission->refused.has_value() ? admission->refused->reason()
                                                            : v1::REFUSAL_REASON_UNSPECIFIED;
  }
  static std::vector<uint32_t> PapersOf(const AdmittedFetch& fetch) {
    std::vector<uint32_t> papers;
    for (const PlannedPaper& paper : fetch.papers) {
      if (!paper.refused.has_value()) papers.push_back(paper.paper.paper_id());
    }
    return papers;
  }

  ReleaseHarness harness_{{/*judge_twice=*/true}};
  const ConsentId consent_;
};

TEST_F(ReleaseGraceTest, TheLastUseExhaustsConsentAndCheckRow) {
  EXPECT_EQ(harness_.ConsentRow(consent_).state(), v1::CONSENT_STATE_EXHAUSTED);
  EXPECT_EQ(harness_.CheckRow(consent_).state(), v1::CONSENT_STATE_EXHAUSTED);
  EXPECT_EQ(harness_.CheckRow(consent_).uses_left(), 0u);
}

TEST_F(ReleaseGraceTest, WhatDidNotArriveIsFetchedAgainWithoutUse) {
  const AdmittedFetch again = harness_.MustAdmit(harness_.Request(consent_));
  EXPECT_THAT(PapersOf(again), ElementsAre(3u));
  harness_.Send(again, 0);
  EXPECT_EQ(harness_.ConsentRow(consent_).state(), v1::CONSENT_STATE_EXHAUSTED);
  EXPECT_EQ(harness_.ConsentRow(consent_).uses_left(), 0u);
  ABSL_ASSERT_OK(harness_.Finish(again));
  // It was sent, but as long as nobody says that it arrived it may have been lost.
  const AdmittedFetch third = harness_.MustAdmit(harness_.Request(consent_));
  EXPECT_THAT(PapersOf(third), ElementsAre(3u));
  harness_.Send(third, 0);
  ABSL_ASSERT_OK(harness_.Finish(third));
  Arrived(third, 3);
  v1::FetchDocumentsRequest request = harness_.Request(consent_);
  request.add_paper_ids(3);
  EXPECT_EQ(Refused(request), kExhausted);
}

TEST_F(ReleaseGraceTest, AMismatchDoesNotArrive) {
  const AdmittedFetch again = harness_.MustAdmit(harness_.Request(consent_));
  harness_.Send(again, 0);
  ABSL_ASSERT_OK(harness_.Finish(again));
  ABSL_ASSERT_OK(
      harness_.Acknowledge(harness_.Acknowledgement(again.fetch, {3}, v1::ARRIVAL_MISMATCH)));
  EXPECT_THAT(PapersOf(harness_.MustAdmit(harness_.Request(consent_))), ElementsAre(3u));
}

// A late word about an earlier use says nothing of what the last one was to bring.
TEST_F(ReleaseGraceTest, AnArrivalOfAnEarlierUseDoesNotCloseTheLast) {
  ReleaseHarness::Grant grant;
  grant.uses = 2;
  const ConsentId consent = harness_.AddConsent(grant);
  const AdmittedFetch first = harness_.MustAdmit(harness_.Request(consent));
  harness_.Send(first, 0);
  ABSL_ASSERT_OK(harness_.Finish(first));
  const AdmittedFetch second = harness_.MustAdmit(harness_.Request(consent));
  ABSL_ASSERT_OK(harness_.Release(second, 0));
  Fail(second, 0);
  ABSL_ASSERT_OK(harness_.Finish(second));
  Arrived(first, 1);
  EXPECT_THAT(PapersOf(harness_.MustAdmit(harness_.Request(consent))), ElementsAre(1u, 2u, 3u));
}

TEST_F(ReleaseGraceTest, WhatArrivedIsRefusedPaperByPaper) {
  v1::FetchDocumentsRequest request = harness_.Request(consent_);
  for (const uint32_t paper : {1, 2, 3}) request.add_paper_ids(paper);
  const AdmittedFetch fetch = harness_.MustAdmit(request);
  EXPECT_EQ(fetch.papers[0].refused->reason(), kExhausted);
  EXPECT_EQ(fetch.papers[1].refused->reason(), kExhausted);
  EXPECT_FALSE(fetch.papers[2].refused.has_value());
  // A refusal does not open what came.
  request = harness_.Request(consent_);
  request.add_paper_ids(1);
  EXPECT_EQ(Refused(request), kExhausted);
}

TEST_F(ReleaseGraceTest, AnotherCaseAndALaterDayAreRefused) {
  EXPECT_EQ(Refused(harness_.Request(consent_, "2026-0002")), kExhausted);
  EXPECT_EQ(Refused(harness_.Request(consent_, "")), kExhausted);
  harness_.clock().Advance(limits::kExhaustedGrace);
  const AdmittedFetch in_time = harness_.MustAdmit(harness_.Request(consent_));
  harness_.clock().Advance(absl::Microseconds(1));
  EXPECT_EQ(Refused(harness_.Request(consent_)), kExhausted);
  // Also at the release.
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseBook::Commitment late, harness_.Release(in_time, 0));
  EXPECT_EQ(late.refused->reason(), kExhausted);
}

TEST_F(ReleaseGraceTest, RetriesDoNotMakeTheDayLonger) {
  harness_.clock().Advance(limits::kExhaustedGrace - absl::Minutes(1));
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent_));
  ABSL_ASSERT_OK(harness_.Release(fetch, 0));
  Fail(fetch, 0);
  ABSL_ASSERT_OK(harness_.Finish(fetch));
  harness_.clock().Advance(absl::Minutes(2));
  EXPECT_EQ(Refused(harness_.Request(consent_)), kExhausted);
}

TEST_F(ReleaseGraceTest, OfTwoRetriesAtOnceOneBringsThePaper) {
  const AdmittedFetch first = harness_.MustAdmit(harness_.Request(consent_));
  const AdmittedFetch second = harness_.MustAdmit(harness_.Request(consent_));
  harness_.Send(first, 0);
  Arrived(first, 3);
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseBook::Commitment late, harness_.Release(second, 0));
  EXPECT_EQ(late.refused->reason(), kExhausted);
  // And a refusal in between does not open it again.
  v1::FetchDocumentsRequest request = harness_.Request(consent_);
  request.add_paper_ids(3);
  EXPECT_EQ(Refused(request), kExhausted);
}

TEST_F(ReleaseGraceTest, AWithdrawalEndsIt) {
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent_));
  ABSL_ASSERT_OK(harness_.journal().CommitAndWait(harness_.Withdrawal(consent_)));
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseBook::Commitment late, harness_.Release(fetch, 0));
  EXPECT_EQ(late.refused->reason(), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  EXPECT_EQ(Refused(harness_.Request(consent_)), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
}

TEST_F(ReleaseGraceTest, TheFetchThatTookTheLastUseGoesOn) {
  const ConsentId consent = AddConsentWithOneUse();
  const AdmittedFetch taker = harness_.MustAdmit(harness_.Request(consent));
  const AdmittedFetch loser = harness_.MustAdmit(harness_.Request(consent));
  harness_.Send(taker, 0);
  harness_.Send(taker, 1);
  EXPECT_THAT(harness_.book().StillPermitted(taker, 2), IsOkAndHolds(true));
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseBook::Commitment late, harness_.Release(loser, 0));
  EXPECT_EQ(late.refused->reason(), kExhausted);
  harness_.Send(taker, 2);
}

TEST_F(ReleaseGraceTest, ANewUseOpensItsPapersAnew) {
  ReleaseHarness::Grant grant;
  grant.uses = 2;
  const ConsentId consent = harness_.AddConsent(grant);
  const AdmittedFetch first = harness_.MustAdmit(harness_.Request(consent));
  harness_.Send(first, 0);
  ABSL_ASSERT_OK(harness_.Finish(first));
  Arrived(first, 1);
  const AdmittedFetch second = harness_.MustAdmit(harness_.Request(consent));
  ABSL_ASSERT_OK(harness_.Release(second, 0));
  Fail(second, 0);
  ABSL_ASSERT_OK(harness_.Finish(second));
  const AdmittedFetch again = harness_.MustAdmit(harness_.Request(consent));
  EXPECT_THAT(PapersOf(again), ElementsAre(1u, 2u, 3u));
}

}  // namespace
}  // namespace naru
