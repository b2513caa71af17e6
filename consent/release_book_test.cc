#include "consent/release_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "broker/base/status_matchers.h"
#include "broker/proof/ledger_proof.h"
#include "consent/ledger_proof_builder.h"
#include "consent/release_harness.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using testing::HasSubstr;
using testing::Not;

class ReleaseBookTest : public testing::Test {
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
  // Why a paper is not released.
  v1::RefusalReason NotReleased(const AdmittedFetch& fetch, size_t paper) {
    const auto commitment = harness_.Release(fetch, paper);
    EXPECT_THAT(commitment, IsOk());
    if (!commitment.ok() || !commitment->refused.has_value()) {
      return v1::REFUSAL_REASON_UNSPECIFIED;
    }
    return commitment->refused->reason();
  }
  void SetState(const ConsentId& consent, v1::ConsentState state) {
    harness_.Edit(consent, v1::ENTRY_KIND_CONSENT_SUSPENDED,
                  [state](storage::v1::ConsentRow* row) { row->set_state(state); });
  }

  ReleaseHarness harness_{{/*judge_twice=*/true}};
};

TEST_F(ReleaseBookTest, TimeIsJudgedWithoutASweep) {
  const ConsentId consent = harness_.AddConsent();
  harness_.Edit(consent, v1::ENTRY_KIND_CONSENT_RESUMED, [&](storage::v1::ConsentRow* row) {
    row->set_valid_from_us(absl::ToUnixMicros(harness_.clock().Now() + absl::Hours(1)));
  });
  EXPECT_EQ(Refused(harness_.Request(consent)), v1::REFUSAL_REASON_CONSENT_NOT_YET_VALID);
  harness_.clock().Advance(absl::Hours(1));
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  ABSL_ASSERT_OK(harness_.Release(fetch, 0));
  EXPECT_THAT(harness_.book().StillPermitted(fetch, 0), IsOkAndHolds(true));
  harness_.clock().Advance(absl::Hours(24 * 30));
  EXPECT_EQ(NotReleased(fetch, 1), v1::REFUSAL_REASON_CONSENT_EXPIRED);
  EXPECT_THAT(harness_.book().StillPermitted(fetch, 0), IsOkAndHolds(false));
  EXPECT_EQ(Refused(harness_.Request(consent)), v1::REFUSAL_REASON_CONSENT_EXPIRED);
}

TEST_F(ReleaseBookTest, AReleaseIsProvenFromTheTreeTheRequesterKnows) {
  const ConsentId consent = harness_.AddConsent();
  v1::FetchDocumentsRequest request = harness_.Request(consent);
  // The requester's library, which keeps the last checkpoint it saw.
  ABSL_ASSERT_OK_AND_ASSIGN(const auto requester,
                            CheckpointKeeper::Open("", harness_.journal_harness().Verifier()));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::LedgerProof seen, ProveEntry(harness_.ledger(), 0, 0));
  ABSL_ASSERT_OK(requester->Verify(seen, requester->known()));
  const CheckpointKeeper::Known known = requester->known();
  request.set_known_tree_size(known.size);
  const AdmittedFetch fetch = harness_.MustAdmit(request);
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseBook::Commitment commitment, harness_.Release(fetch, 0));
  ASSERT_TRUE(commitment.released.has_value());
  const v1::LedgerProof& proof = commitment.released->proof;
  EXPECT_EQ(proof.tree_size(), commitment.released->tree_size);
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OuterEntry outer, requester->Verify(proof, known));
  EXPECT_EQ(outer.kind(), v1::ENTRY_KIND_DOCUMENT_RELEASED);
  EXPECT_EQ(outer.release_id(), fetch.papers[0].release.text());
  EXPECT_EQ(outer.holder(), ReleaseHarness::kHolder);
  EXPECT_EQ(outer.document_kind(), "INCOME");
  EXPECT_EQ(outer.header_sha256(), std::string(32, 'h'));
  EXPECT_EQ(outer.document_sha256(), std::string(32, 'd'));
  EXPECT_EQ(outer.ground(), ReleaseHarness::kLegalBasis);
  EXPECT_EQ(outer.reference(), "fund-main");
  EXPECT_EQ(outer.caller(), "3210000:counter");
  EXPECT_EQ(outer.uses_left(), 2u);
  const auto entry = harness_.Entries()[proof.index()];
  EXPECT_EQ(harness_.Details(entry).papers(0).parameters(0).values(0), "2025");

  // The holder's, from other trees; also from one that is newer than the release's.
  ABSL_ASSERT_OK_AND_ASSIGN(const auto holder,
                            CheckpointKeeper::Open("", harness_.journal_harness().Verifier()));
  ABSL_ASSERT_OK(holder->Verify(seen, holder->known()));
  ABSL_ASSERT_OK(harness_.RecordOutcome(fetch, 0, v1::OUTCOME_SENT));
  const uint64_t newer = harness_.ledger().head().size;
  for (int i = 0; i < 2; ++i) {
    const CheckpointKeeper::Known its = holder->known();
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::LedgerProof holders,
                              harness_.book().ProofFor(*commitment.released, its.size));
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::OuterEntry same, holder->Verify(holders, its));
    EXPECT_EQ(same.release_id(), outer.release_id());
    // It sees a newer entry meanwhile.
    const CheckpointKeeper::Known then = holder->known();
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::LedgerProof later,
                              ProveEntry(harness_.ledger(), newer - 1, then.size));
    ABSL_ASSERT_OK(holder->Verify(later, then));
    ASSERT_EQ(holder->known().size, newer);
  }
  EXPECT_THAT(harness_.book().ProofFor(*commitment.released, newer + 1),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ReleaseBookTest, P1_NothingIsReleasedUntilItIsDurable) {
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(harness_.AddConsent()));
  harness_.store().StallUpdate(harness_.store().updates() + 1);
  absl::Notification answered;
  harness_.book().Release(fetch, 0, std::string(32, 'h'), std::string(32, 'd'), false,
                          [&](const auto&) { answered.Notify(); });
  harness_.store().AwaitStalled();
  EXPECT_FALSE(answered.HasBeenNotified());
  harness_.store().Resume();
  answered.WaitForNotification();

  // One that cannot be made durable is an error, and nothing of it is there.
  harness_.store().FailUpdate(harness_.store().updates() + 1, absl::UnavailableError("full"));
  EXPECT_THAT(harness_.Release(fetch, 1), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_DOCUMENT_RELEASED).size(), 1u);
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseBook::Commitment again, harness_.Release(fetch, 1));
  EXPECT_TRUE(again.released.has_value());
}

TEST_F(ReleaseBookTest, AUseIsTakenOnceAFetchByItsFirstRelease) {
  const ConsentId consent = harness_.AddConsent();
  int told = 0;
  harness_.events().Subscribe(consent, [&] { ++told; });
  const AdmittedFetch first = harness_.MustAdmit(harness_.Request(consent));
  const AdmittedFetch second = harness_.MustAdmit(harness_.Request(consent));
  EXPECT_EQ(harness_.ConsentRow(consent).uses_left(), 3u);
  for (size_t paper = 0; paper < 3; ++paper) {
    ABSL_ASSERT_OK(harness_.Release(first, paper));
    EXPECT_EQ(harness_.ConsentRow(consent).uses_left(), 2u);
    EXPECT_EQ(harness_.CheckRow(consent).uses_left(), 2u);
  }
  EXPECT_EQ(told, 1);
  ABSL_ASSERT_OK(harness_.Release(second, 0, /*no_record=*/true));
  EXPECT_EQ(harness_.ConsentRow(consent).uses_left(), 1u);
  EXPECT_EQ(told, 2);
}

TEST_F(ReleaseBookTest, AFetchWithoutReleaseTakesNoUse) {
  const ConsentId consent = harness_.AddConsent();
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  ABSL_ASSERT_OK(
      harness_.RecordOutcome(fetch, 0, v1::OUTCOME_FAILED, v1::REFUSAL_REASON_HOLDER_TIMEOUT));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::FetchSummary summary, harness_.Finish(fetch));
  EXPECT_EQ(summary.uses_left(), 3u);
  EXPECT_EQ(harness_.ConsentRow(consent).uses_left(), 3u);
}

TEST_F(ReleaseBookTest, P2_WhatChangedSinceTheAdmissionIsJudgedAtTheRelease) {
  const ConsentId consent = harness_.AddConsent();
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  ABSL_ASSERT_OK(harness_.Release(fetch, 0));
  // One paper of it.
  harness_.Edit(consent, v1::ENTRY_KIND_CONSENT_WITHDRAWN, [](storage::v1::ConsentRow* row) {
    row->mutable_papers(1)->set_decision(v1::DECISION_WITHDRAWN);
  });
  EXPECT_THAT(harness_.book().StillPermitted(fetch, 0), IsOkAndHolds(true));
  EXPECT_THAT(harness_.book().StillPermitted(fetch, 1), IsOkAndHolds(false));
  ABSL_ASSERT_OK_AND_ASSIGN(const std::optional<v1::Refusal> why,
                            harness_.book().WhyNotPermitted(fetch, 1));
  EXPECT_EQ(why->reason(), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  EXPECT_EQ(NotReleased(fetch, 1), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  // All of it.
  ABSL_ASSERT_OK(harness_.journal().CommitAndWait(harness_.Withdrawal(consent)));
  EXPECT_THAT(harness_.book().StillPermitted(fetch, 0), IsOkAndHolds(false));
  EXPECT_EQ(NotReleased(fetch, 2), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  // What was released before is entered as sent all the same.
  ABSL_EXPECT_OK(harness_.RecordOutcome(fetch, 0, v1::OUTCOME_SENT));
}

TEST_F(ReleaseBookTest, P2_ASuspendedApprovalStopsItsPapersAlone) {
  const ConsentId consent = harness_.AddConsent();
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  v1::SuspendApprovalRequest suspend;
  suspend.set_request_id(harness_.Request(consent).request_id());
  suspend.set_approval_id("fund-main");
  suspend.set_official_id("approver-1");
  suspend.set_ground("전자정부법 41조");
  const Caller approver = {ReleaseHarness::kOtherAgency, "approver", {config::v1::ROLE_APPROVER}};
  ABSL_ASSERT_OK(AwaitCall<v1::SuspendApprovalResponse>(
      [&](auto done) { harness_.policy().SuspendApproval(approver, suspend, std::move(done)); }));
  EXPECT_EQ(NotReleased(fetch, 0), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
  EXPECT_THAT(harness_.book().StillPermitted(fetch, 0), IsOkAndHolds(false));
  EXPECT_THAT(harness_.book().StillPermitted(fetch, 2), IsOkAndHolds(true));
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseBook::Commitment other, harness_.Release(fetch, 2));
  EXPECT_TRUE(other.released.has_value());

  const AdmittedFetch later = harness_.MustAdmit(harness_.Request(consent));
  EXPECT_EQ(later.papers[0].refused->reason(), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
  EXPECT_FALSE(later.papers[2].refused.has_value());
}

TEST_F(ReleaseBookTest, ARefusedReleaseIsThePapersOutcome) {
  const ConsentId consent = harness_.AddConsent();
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  SetState(consent, v1::CONSENT_STATE_SUSPENDED);
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseBook::Commitment commitment, harness_.Release(fetch, 0));
  EXPECT_EQ(commitment.refused->reason(), v1::REFUSAL_REASON_CONSENT_SUSPENDED);
  const auto entry = harness_.Entries()[commitment.refusal_entry.ledger_index];
  EXPECT_EQ(entry.outer.kind(), v1::ENTRY_KIND_DOCUMENT_OUTCOME);
  EXPECT_EQ(entry.outer.outcome(), v1::OUTCOME_NOT_PERMITTED);
  EXPECT_EQ(entry.outer.state(), v1::CONSENT_STATE_SUSPENDED);
  // Resumed, the paper has ended all the same.
  SetState(consent, v1::CONSENT_STATE_GRANTED);
  EXPECT_THAT(harness_.Release(fetch, 0), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_THAT(harness_.RecordOutcome(fetch, 0, v1::OUTCOME_FAILED),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_F(ReleaseBookTest, AReleaseIdCommitsOnceAndAnOutcomeIsEnteredOnce) {
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(harness_.AddConsent()));
  EXPECT_THAT(harness_.RecordOutcome(fetch, 0, v1::OUTCOME_SENT),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
  harness_.Send(fetch, 0);
  EXPECT_THAT(harness_.Release(fetch, 0), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_THAT(harness_.RecordOutcome(fetch, 0, v1::OUTCOME_SENT),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
  ABSL_ASSERT_OK(harness_.Release(fetch, 1));
  EXPECT_THAT(harness_.Release(fetch, 1), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_THAT(harness_.RecordOutcome(fetch, 1, v1::OUTCOME_DECLINED),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_THAT(harness_.RecordOutcome(fetch, 1, v1::OUTCOME_NO_RECORD),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_THAT(harness_.Release(fetch, 99), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_EQ(harness_.Entries(v1::ENTRY_KIND_DOCUMENT_RELEASED).size(), 2u);
}

TEST_F(ReleaseBookTest, EveryEndIsCountedAndTheCitizenIsToldOnce) {
  const ConsentId consent = harness_.AddConsent();
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  harness_.Send(fetch, 0);
  ABSL_ASSERT_OK(harness_.Release(fetch, 1, /*no_record=*/true));
  ABSL_ASSERT_OK(harness_.RecordOutcome(fetch, 2, v1::OUTCOME_DECLINED,
                                        v1::REFUSAL_REASON_HOLDER_DECLINED, "국세기본법 81조"));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::FetchSummary summary, harness_.Finish(fetch));
  EXPECT_EQ(summary.sent(), 1u);
  EXPECT_EQ(summary.no_record(), 1u);
  EXPECT_EQ(summary.declined(), 1u);
  EXPECT_EQ(summary.not_permitted(), 1u);
  EXPECT_EQ(summary.uses_left(), 2u);
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::FetchSummary again, harness_.Finish(fetch));
  EXPECT_EQ(again.SerializeAsString(), summary.SerializeAsString());

  const auto ended = harness_.Entries(v1::ENTRY_KIND_FETCH_ENDED);
  ASSERT_EQ(ended.size(), 1u);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto message,
                            harness_.store().Get(Table::kLedger, keys::Outbox(0, ended[0].index)));
  EXPECT_TRUE(message.has_value());
  EXPECT_THAT(harness_.RecordOutcome(fetch, 0, v1::OUTCOME_SENT),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_F(ReleaseBookTest, NobodyIsToldWhenNothingWasSentOrThereIsNoContact) {
  const AdmittedFetch nothing = harness_.MustAdmit(harness_.Request(harness_.AddConsent()));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::FetchSummary summary, harness_.Finish(nothing));
  EXPECT_EQ(summary.failed(), 3u);  // Interrupted, as they have no other outcome.
  ReleaseHarness::Grant grant;
  grant.contact_ref = "";
  const AdmittedFetch unreachable =
      harness_.MustAdmit(harness_.Request(harness_.AddConsent(grant)));
  harness_.Send(unreachable, 0);
  ABSL_ASSERT_OK(harness_.Finish(unreachable));
  const auto range = keys::OutboxFrom(0, 0);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto messages,
                            harness_.store().Scan(Table::kLedger, range.first, range.second, 10));
  EXPECT_TRUE(messages.empty());
}

TEST_F(ReleaseBookTest, P3_AQuarantineAndItsOutcomeAreOneChange) {
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(harness_.AddConsent()));
  const uint64_t before = harness_.ledger().head().size;
  ABSL_ASSERT_OK_AND_ASSIGN(
      const RecordedOutcome outcome, AwaitCall<RecordedOutcome>([&](auto done) {
        harness_.book().Quarantine(fetch, 0, v1::REFUSAL_REASON_SUBJECT_MISMATCH,
                                   std::string(32, 'q'), std::move(done));
      }));
  EXPECT_EQ(outcome.ledger_index, before + 1);
  const auto entries = harness_.Entries();
  EXPECT_EQ(entries[before].outer.kind(), v1::ENTRY_KIND_QUARANTINED);
  EXPECT_EQ(entries[before].outer.header_sha256(), std::string(32, 'q'));
  EXPECT_EQ(entries[before + 1].outer.outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(entries[before + 1].outer.refusal_reason(), v1::REFUSAL_REASON_SUBJECT_MISMATCH);
  EXPECT_THAT(harness_.Release(fetch, 0), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_F(ReleaseBookTest, P6_NoRowHasAnIdentifierInClear) {
  const ConsentId consent = harness_.AddConsent();
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  for (size_t paper = 0; paper < 3; ++paper) harness_.Send(fetch, paper);
  ABSL_ASSERT_OK(harness_.Finish(fetch));
  v1::FetchDocumentsRequest refused = harness_.Request(consent);
  *refused.mutable_person() = ReleaseHarness::Person('Z');
  ABSL_ASSERT_OK(harness_.Admit(refused));

  const std::string secrets[] = {ReleaseHarness::Person().number(),
                                 ReleaseHarness::Person('Z').number(),
                                 "1234567890",  // The business of paper 3.
                                 "official-1",
                                 "terminal-1",
                                 "2026-0001",
                                 "contact-1",
                                 "서류"};  // The message.
  int rows = 0;
  for (int table = 0; table < kTables; ++table) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto all,
                              harness_.store().Scan(static_cast<Table>(table), std::string(1, '\0'),
                                                    std::string(3, '\xff'), kScanRows));
    for (const Row& row : all) {
      ++rows;
      for (const std::string& secret : secrets) {
        // The catalogue in force holds words of everyday.
        if (row.key == keys::Catalogue()) continue;
        EXPECT_THAT(row.key, Not(HasSubstr(secret)));
        EXPECT_THAT(row.value, Not(HasSubstr(secret)));
      }
    }
  }
  EXPECT_GT(rows, 50);
}

TEST_F(ReleaseBookTest, DamagedRowsAreFaultsNotRefusals) {
  const ConsentId consent = harness_.AddConsent();
  const AdmittedFetch fetch = harness_.MustAdmit(harness_.Request(consent));
  harness_.store().Tamper(Table::kRows, keys::Fetch(fetch.fetch), std::nullopt);
  EXPECT_THAT(harness_.Release(fetch, 0), HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED));
  harness_.store().Damage(Table::kRows, keys::Consent(consent));
  EXPECT_THAT(harness_.Admit(harness_.Request(consent)), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(harness_.book().StillPermitted(fetch, 0), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace naru
