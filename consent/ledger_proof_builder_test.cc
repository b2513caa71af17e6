#include "consent/ledger_proof_builder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/status_matchers.h"
#include "broker/proof/ledger_proof.h"
#include "consent/journal_harness.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

class LedgerProofBuilderTest : public testing::Test {
 protected:
  Committed Commit() {
    return harness_.journal().CommitAndWait(JournalHarness::Enter(subject_)).value();
  }

  JournalHarness harness_;
  const SubjectId subject_ = harness_.AddSubject();
  const std::unique_ptr<CheckpointKeeper> keeper_ =
      CheckpointKeeper::Open("", harness_.Verifier()).value();
};

TEST_F(LedgerProofBuilderTest, ANewEntryIsProvedUnderItsGroupsCheckpoint) {
  for (int i = 0; i < 20; ++i) {
    const Committed committed = Commit();
    const CheckpointKeeper::Known known = keeper_->known();
    // Later groups do not change the proof.
    if (i % 3 == 0) Commit();
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::LedgerProof proof,
                              ProveCommitted(harness_.ledger(), committed, 0, known.size));
    EXPECT_EQ(proof.origin(), harness_.ledger().origin());
    EXPECT_EQ(proof.tree_size(), committed.tree_size);
    EXPECT_EQ(proof.checkpoint(), committed.checkpoint);
    EXPECT_EQ(proof.known_size(), known.size);
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::OuterEntry outer, keeper_->Verify(proof, known));
    EXPECT_EQ(outer.SerializeAsString(), committed.entries[0].outer_bytes);
  }
}

TEST_F(LedgerProofBuilderTest, P7_AnOldEntryIsProvedAgainUnderTheNewestCheckpoint) {
  std::vector<Committed> all;
  for (int i = 0; i < 10; ++i) all.push_back(Commit());
  harness_.Restart();
  for (const Committed& committed : all) {
    const CheckpointKeeper::Known known = keeper_->known();
    ABSL_ASSERT_OK_AND_ASSIGN(
        const v1::LedgerProof proof,
        ProveEntry(harness_.ledger(), committed.entries[0].index, known.size));
    EXPECT_EQ(proof.tree_size(), harness_.ledger().head().size);
    EXPECT_EQ(proof.outer(), committed.entries[0].outer_bytes);
    EXPECT_EQ(proof.outer_salt(), committed.entries[0].outer_salt);
    EXPECT_EQ(proof.inner_hash(), committed.entries[0].inner_hash);
    ABSL_EXPECT_OK(keeper_->Verify(proof, known));
  }
}

TEST_F(LedgerProofBuilderTest, NoConsistencyPathForWhoKnowsNothingOrEverything) {
  const Committed committed = Commit();
  for (const uint64_t known : {uint64_t{0}, committed.tree_size}) {
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::LedgerProof proof,
                              ProveCommitted(harness_.ledger(), committed, 0, known));
    EXPECT_EQ(proof.consistency_path_size(), 0);
    ABSL_EXPECT_OK(VerifyLedgerProof(proof, harness_.Verifier()));
  }
}

TEST_F(LedgerProofBuilderTest, RefusesATreeOrAnEntryThatIsNotThere) {
  const Committed committed = Commit();
  const auto malformed = HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED);
  EXPECT_THAT(ProveCommitted(harness_.ledger(), committed, 0, committed.tree_size + 1), malformed);
  EXPECT_THAT(ProveEntry(harness_.ledger(), 0, committed.tree_size + 1), malformed);
  EXPECT_THAT(ProveEntry(harness_.ledger(), committed.tree_size, 0), malformed);
}

TEST_F(LedgerProofBuilderTest, NeverProvesADamagedRecord) {
  Commit();
  harness_.store().Tamper(Table::kLedger, keys::Record(0, 1), "");
  EXPECT_THAT(ProveEntry(harness_.ledger(), 1, 0), StatusIs(absl::StatusCode::kNotFound));
  harness_.store().Tamper(Table::kLedger, keys::Record(0, 1), "rubbish");
  EXPECT_THAT(ProveEntry(harness_.ledger(), 1, 0), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace naru
