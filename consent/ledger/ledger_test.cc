#include "consent/ledger/ledger.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "consent/ledger/ledger_filler.h"
#include "consent/ledger/stored_nodes.h"
#include "consent/store/keys.h"
#include "consent/store/memory_store.h"

namespace naru {
namespace {

using storage::v1::LedgerHeadRow;
using storage::v1::RecordRow;
using testing::AllOf;
using testing::HasSubstr;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

class LedgerTest : public testing::Test {
 protected:
  absl::Status OpenAgain() { return filler_.OpenAgain(); }
  MemoryStore& store() { return filler_.store(); }
  Ledger& ledger() { return filler_.ledger(); }

  void TamperHeadRow(const LedgerHeadRow& row) {
    store().Tamper(Table::kMeta, keys::Head(0), row.SerializeAsString());
  }
  LedgerHeadRow HeadRow() {
    LedgerHeadRow row;
    EXPECT_TRUE(row.ParseFromString(store().Get(Table::kMeta, keys::Head(0)).value().value()));
    return row;
  }
  void FlipBit(const std::string& key) {
    std::string value = store().Get(Table::kLedger, key).value().value();
    value[value.size() / 2] ^= 1;
    store().Tamper(Table::kLedger, key, value);
  }

  LedgerFiller filler_;
};

TEST_F(LedgerTest, ANewStoreGetsAnEmptyLedgerWithASignedCheckpoint) {
  EXPECT_TRUE(ledger().found().created);
  EXPECT_EQ(ledger().found().entries, 0u);
  EXPECT_EQ(ledger().head().root, merkle::EmptyRoot());
  ABSL_ASSERT_OK_AND_ASSIGN(const CheckpointVerifier verifier,
                            CheckpointVerifier::Create(filler_.signer().VerifierKeys()));
  ABSL_ASSERT_OK_AND_ASSIGN(const Checkpoint checkpoint, verifier.Verify(ledger().checkpoint()));
  EXPECT_EQ(checkpoint.origin, LedgerFiller::kOrigin);
  EXPECT_EQ(checkpoint.size, 0u);

  filler_.Reopen(store());
  EXPECT_FALSE(ledger().found().created);
}

TEST_F(LedgerTest, ProvesEveryEntryAtEveryGroupAndThatEveryTreeExtendsTheOnesBefore) {
  for (const uint64_t count : {1, 1, 2, 3, 5, 8, 20, 1, 64, 300}) filler_.Commit(count);
  filler_.Reopen(store());
  for (const auto& [size, root] : filler_.roots()) {
    for (uint64_t index = 0; index < size; ++index) {
      ABSL_ASSERT_OK_AND_ASSIGN(const auto path, ledger().InclusionPath(index, size));
      ABSL_EXPECT_OK(merkle::VerifyInclusion(
          merkle::LeafHash(LeafDataOf(LedgerFiller::RecordOf(index))), index, size, path, root));
    }
    for (const auto& [first, first_root] : filler_.roots()) {
      if (first == 0 || first > size) continue;
      ABSL_ASSERT_OK_AND_ASSIGN(const auto path, ledger().ConsistencyPath(first, size));
      ABSL_EXPECT_OK(merkle::VerifyConsistency(first, first_root, size, root, path));
    }
  }
}

TEST_F(LedgerTest, GoesOnAfterARestartWhereItStopped) {
  filler_.Commit(5);
  filler_.Reopen(store());
  EXPECT_EQ(ledger().found().entries, 5u);
  EXPECT_EQ(ledger().found().head_entries, 5u);
  EXPECT_EQ(ledger().last_time(), filler_.time());
  filler_.Commit(6);
  EXPECT_EQ(ledger().head().size, 11u);
  ABSL_EXPECT_OK(OpenAgain());
}

TEST_F(LedgerTest, ReadersSeeNothingBeforeInstall) {
  filler_.Commit(3);
  const std::string before = ledger().checkpoint();
  ledger().Begin();
  ledger().Append("leaf");
  ledger().Finish(filler_.time());
  EXPECT_EQ(ledger().checkpoint(), before);
  EXPECT_EQ(ledger().head().size, 3u);
  EXPECT_THAT(ledger().InclusionPath(3, 4), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  ledger().Abandon();
}

TEST_F(LedgerTest, AnAbandonedGroupLeavesNoTrace) {
  filler_.Commit(3);
  ledger().Begin();
  ledger().Append("leaf");
  ledger().Abandon();
  ledger().Begin();
  ledger().Append("leaf");
  ledger().Finish(filler_.time() + absl::Hours(1));
  ledger().Abandon();
  EXPECT_EQ(ledger().last_time(), filler_.time());
  filler_.Commit(2);
  EXPECT_EQ(ledger().head().size, 5u);
  ABSL_EXPECT_OK(OpenAgain());
}

TEST_F(LedgerTest, RefusesPathsOutsideTheTree) {
  filler_.Commit(4);
  const auto malformed = HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED);
  EXPECT_THAT(ledger().InclusionPath(4, 4), malformed);
  EXPECT_THAT(ledger().InclusionPath(0, 5), malformed);
  EXPECT_THAT(ledger().ConsistencyPath(0, 4), malformed);
  EXPECT_THAT(ledger().ConsistencyPath(3, 2), malformed);
  EXPECT_THAT(ledger().ConsistencyPath(3, 5), malformed);
  EXPECT_THAT(ledger().Record(4), malformed);
}

TEST_F(LedgerTest, GivesRecordsThatMatchTheirLeaf) {
  filler_.Commit(4);
  ABSL_ASSERT_OK_AND_ASSIGN(const RecordRow record, ledger().Record(2));
  EXPECT_EQ(record.outer(), "outer 2");
}

TEST_F(LedgerTest, P4_EveryFlippedByteOfARecordIsFoundOnRead) {
  filler_.Commit(3);
  const std::string key = keys::Record(0, 1);
  const std::string good = store().Get(Table::kLedger, key).value().value();
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 1;
    store().Tamper(Table::kLedger, key, bad);
    EXPECT_THAT(ledger().Record(1), StatusIs(kDataLoss)) << "byte " << i;
  }
}

TEST_F(LedgerTest, ARecordWhoseTermEndedIsNotFoundAndALostOneIsDamage) {
  filler_.Commit(3);
  store().Tamper(Table::kLedger, keys::Record(0, 1), "");
  EXPECT_THAT(ledger().Record(1), StatusIs(absl::StatusCode::kNotFound));
  ABSL_EXPECT_OK(OpenAgain());
  store().Tamper(Table::kLedger, keys::Record(0, 1), std::nullopt);
  EXPECT_THAT(ledger().Record(1), StatusIs(kDataLoss));
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("entry 1 of 3")));
}

TEST_F(LedgerTest, P4_DamageInTheLast256RecordsIsFoundAtStartAndOlderDamageOnRead) {
  filler_.Commit(300);
  FlipBit(keys::Record(0, 44));
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("entry 44")));
  FlipBit(keys::Record(0, 44));
  FlipBit(keys::Record(0, 43));
  ABSL_EXPECT_OK(OpenAgain());
  EXPECT_THAT(ledger().Record(43), StatusIs(kDataLoss));
}

TEST_F(LedgerTest, P4_DamageOnTheRightEdgeIsFoundAtStart) {
  filler_.Commit(5);
  FlipBit(keys::Node(0, 2, 0));
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("of 5 entries has root")));
  FlipBit(keys::Node(0, 2, 0));
  store().Tamper(Table::kLedger, keys::Node(0, 0, 4), std::nullopt);
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("right edge")));
}

TEST_F(LedgerTest, P4_AStoreAheadOfHeadIsAnOrdinaryCrash) {
  filler_.Commit(3);
  const LedgerHead head = ledger().head();
  filler_.Commit(7);
  store().TamperHead(head);
  ABSL_EXPECT_OK(OpenAgain());
  filler_.Reopen(store());
  EXPECT_EQ(ledger().found().entries, 10u);
  EXPECT_EQ(ledger().found().head_entries, 3u);
}

TEST_F(LedgerTest, P4_AStoreBehindHeadIsRefusedWithTheNumbers) {
  filler_.Commit(3);
  const std::unique_ptr<MemoryStore> old = store().Clone();
  filler_.Commit(7);
  old->TamperHead(ledger().head());
  const std::unique_ptr<MemoryStore> found = old->Clone();
  EXPECT_THAT(
      Ledger::Open(found.get(), &filler_.signer(), 0),
      StatusIs(kDataLoss, AllOf(HasSubstr("has 3 entries"), HasSubstr("10 were acknowledged"),
                                HasSubstr("7 are lost"), HasSubstr("restore"))));
}

TEST_F(LedgerTest, P4_AnotherTreeOfTheSameSizeAsHeadIsRefused) {
  filler_.Commit(3);
  store().TamperHead(LedgerHead{3, crypto::Sha256("another tree")});
  EXPECT_THAT(OpenAgain(),
              StatusIs(kDataLoss, AllOf(HasSubstr("first 3 of 3"), HasSubstr("HEAD"))));
  filler_.Commit(4);
  store().TamperHead(LedgerHead{3, crypto::Sha256("another tree")});
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("first 3 of 7")));
}

TEST_F(LedgerTest, P4_AHeadRowRolledBackAloneIsRefusedEvenWithoutHead) {
  filler_.Commit(3);
  const LedgerHeadRow old = HeadRow();
  filler_.Commit(7);
  TamperHeadRow(old);
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("HEAD says that 10")));
  store().TamperHead(std::nullopt);
  EXPECT_THAT(OpenAgain(),
              StatusIs(kDataLoss, AllOf(HasSubstr("says 3 entries"), HasSubstr("entry 3"))));
}

TEST_F(LedgerTest, P4_ALostLedgerIsNotBegunAnew) {
  filler_.Commit(3);
  store().Tamper(Table::kMeta, keys::Head(0), std::nullopt);
  EXPECT_THAT(OpenAgain(),
              StatusIs(kDataLoss, HasSubstr("3 entries, but the store has no ledger")));
  store().TamperHead(std::nullopt);
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("entry 0")));
}

TEST_F(LedgerTest, OtherKeysThanTheLedgersAreRefused) {
  filler_.Commit(3);
  const std::unique_ptr<MemoryStore> found = store().Clone();
  const auto other = LedgerFiller::NewSigner();
  EXPECT_THAT(
      Ledger::Open(found.get(), other.get(), 0),
      StatusIs(kDataLoss, AllOf(HasSubstr("not signed by the keys"), HasSubstr("3 entries"))));
}

TEST_F(LedgerTest, ACheckpointOfAnotherTreeIsRefused) {
  filler_.Commit(3);
  LedgerHeadRow row = HeadRow();
  row.set_checkpoint(filler_.signer().Sign({LedgerFiller::kOrigin, 2, row.root()}));
  TamperHeadRow(row);
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("another tree")));
  store().Tamper(Table::kMeta, keys::Head(0), "\xff");
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("cannot be read")));
}

}  // namespace
}  // namespace naru
