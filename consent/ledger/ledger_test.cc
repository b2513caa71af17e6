#include "consent/ledger/ledger.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "consent/ledger/stored_nodes.h"
#include "consent/store/keys.h"
#include "consent/store/memory_store.h"

namespace naru {
namespace {

using storage::v1::LedgerHeadRow;
using storage::v1::RecordRow;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kOrigin[] = "naru.example/ledger/0";
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

std::unique_ptr<CheckpointSigner> NewSigner() {
  return std::make_unique<CheckpointSigner>(
      kOrigin, crypto::GenerateSigningKey(crypto::SigningKey::Type::kEd25519, "e"),
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "p"));
}

RecordRow RecordOf(uint64_t index) {
  RecordRow record;
  record.set_outer(absl::StrCat("outer ", index));
  record.set_outer_salt(std::string(16, 'o'));
  record.set_inner(absl::StrCat("inner ", index));
  record.set_inner_salt(std::string(16, 'i'));
  return record;
}

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(*store_); }

  // Takes the state of `store` as a restart finds it.
  void Reopen(const MemoryStore& store) {
    std::unique_ptr<MemoryStore> found = store.Clone();
    auto ledger = Ledger::Open(found.get(), signer_.get(), 0);
    ASSERT_THAT(ledger, IsOk());
    ledger_ = *std::move(ledger);
    store_ = std::move(found);
  }

  // What opening the present state again gives.
  absl::Status OpenAgain() {
    const std::unique_ptr<MemoryStore> found = store_->Clone();
    return Ledger::Open(found.get(), signer_.get(), 0).status();
  }

  // Commits a group of `count` entries.
  void Commit(uint64_t count) {
    const uint64_t first = ledger_->head().size;
    time_ += absl::Seconds(1);
    ABSL_ASSERT_OK(store_->Update({"ledger/0"}, [&](const Reader&) -> absl::StatusOr<Writes> {
      ledger_->Begin();
      Writes writes;
      for (uint64_t index = first; index < first + count; ++index) {
        EXPECT_EQ(ledger_->Append(LeafDataOf(RecordOf(index))), index);
        writes.rows.push_back(
            {Table::kLedger, keys::Record(0, index), RecordOf(index).SerializeAsString()});
      }
      Ledger::Group group = ledger_->Finish(time_);
      writes.rows.insert(writes.rows.end(), group.rows.begin(), group.rows.end());
      writes.head = group.head;
      return writes;
    }));
    ledger_->Install();
    roots_[ledger_->head().size] = ledger_->head().root;
  }

  void TamperHeadRow(const LedgerHeadRow& row) {
    store_->Tamper(Table::kMeta, keys::Head(0), row.SerializeAsString());
  }
  LedgerHeadRow HeadRow() const {
    LedgerHeadRow row;
    EXPECT_TRUE(row.ParseFromString(store_->Get(Table::kMeta, keys::Head(0)).value().value()));
    return row;
  }
  void FlipBit(const std::string& key) {
    std::string value = store_->Get(Table::kLedger, key).value().value();
    value[value.size() / 2] ^= 1;
    store_->Tamper(Table::kLedger, key, value);
  }

  std::unique_ptr<CheckpointSigner> signer_ = NewSigner();
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>();
  std::unique_ptr<Ledger> ledger_;
  absl::Time time_ = absl::FromUnixSeconds(1'795'000'000);
  std::map<uint64_t, std::string> roots_;
};

TEST_F(LedgerTest, ANewStoreGetsAnEmptyLedgerWithASignedCheckpoint) {
  EXPECT_TRUE(ledger_->found().created);
  EXPECT_EQ(ledger_->found().entries, 0u);
  EXPECT_EQ(ledger_->head().root, merkle::EmptyRoot());
  ABSL_ASSERT_OK_AND_ASSIGN(const CheckpointVerifier verifier,
                            CheckpointVerifier::Create(signer_->VerifierKeys()));
  ABSL_ASSERT_OK_AND_ASSIGN(const Checkpoint checkpoint, verifier.Verify(ledger_->checkpoint()));
  EXPECT_EQ(checkpoint.origin, kOrigin);
  EXPECT_EQ(checkpoint.size, 0u);

  Reopen(*store_);
  EXPECT_FALSE(ledger_->found().created);
}

TEST_F(LedgerTest, ProvesEveryEntryAtEveryGroupAndThatEveryTreeExtendsTheOnesBefore) {
  for (const uint64_t count : {1, 1, 2, 3, 5, 8, 20, 1, 64, 300}) Commit(count);
  Reopen(*store_);
  roots_[0] = merkle::EmptyRoot();
  for (const auto& [size, root] : roots_) {
    for (uint64_t index = 0; index < size; ++index) {
      ABSL_ASSERT_OK_AND_ASSIGN(const auto path, ledger_->InclusionPath(index, size));
      ABSL_EXPECT_OK(merkle::VerifyInclusion(merkle::LeafHash(LeafDataOf(RecordOf(index))), index,
                                             size, path, root));
    }
    for (const auto& [first, first_root] : roots_) {
      if (first == 0 || first > size) continue;
      ABSL_ASSERT_OK_AND_ASSIGN(const auto path, ledger_->ConsistencyPath(first, size));
      ABSL_EXPECT_OK(merkle::VerifyConsistency(first, first_root, size, root, path));
    }
  }
}

TEST_F(LedgerTest, GoesOnAfterARestartWhereItStopped) {
  Commit(5);
  Reopen(*store_);
  EXPECT_EQ(ledger_->found().entries, 5u);
  EXPECT_EQ(ledger_->found().head_entries, 5u);
  EXPECT_EQ(ledger_->last_time(), time_);
  Commit(6);
  EXPECT_EQ(ledger_->head().size, 11u);
  ABSL_EXPECT_OK(OpenAgain());
}

TEST_F(LedgerTest, ReadersSeeNothingBeforeInstall) {
  Commit(3);
  const std::string before = ledger_->checkpoint();
  ledger_->Begin();
  ledger_->Append("leaf");
  ledger_->Finish(time_);
  EXPECT_EQ(ledger_->checkpoint(), before);
  EXPECT_EQ(ledger_->head().size, 3u);
  EXPECT_THAT(ledger_->InclusionPath(3, 4), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  ledger_->Abandon();
}

TEST_F(LedgerTest, AnAbandonedGroupLeavesNoTrace) {
  Commit(3);
  ledger_->Begin();
  ledger_->Append("leaf");
  ledger_->Abandon();
  ledger_->Begin();
  ledger_->Append("leaf");
  ledger_->Finish(time_ + absl::Hours(1));
  ledger_->Abandon();
  EXPECT_EQ(ledger_->last_time(), time_);
  Commit(2);
  EXPECT_EQ(ledger_->head().size, 5u);
  ABSL_EXPECT_OK(OpenAgain());
}

TEST_F(LedgerTest, RefusesPathsOutsideTheTree) {
  Commit(4);
  const auto malformed = HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED);
  EXPECT_THAT(ledger_->InclusionPath(4, 4), malformed);
  EXPECT_THAT(ledger_->InclusionPath(0, 5), malformed);
  EXPECT_THAT(ledger_->ConsistencyPath(0, 4), malformed);
  EXPECT_THAT(ledger_->ConsistencyPath(3, 2), malformed);
  EXPECT_THAT(ledger_->ConsistencyPath(3, 5), malformed);
  EXPECT_THAT(ledger_->Record(4), malformed);
}

TEST_F(LedgerTest, GivesRecordsThatMatchTheirLeaf) {
  Commit(4);
  ABSL_ASSERT_OK_AND_ASSIGN(const RecordRow record, ledger_->Record(2));
  EXPECT_EQ(record.outer(), "outer 2");
}

TEST_F(LedgerTest, P4_EveryFlippedByteOfARecordIsFoundOnRead) {
  Commit(3);
  const std::string key = keys::Record(0, 1);
  const std::string good = store_->Get(Table::kLedger, key).value().value();
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 1;
    store_->Tamper(Table::kLedger, key, bad);
    EXPECT_THAT(ledger_->Record(1), StatusIs(kDataLoss)) << "byte " << i;
  }
}

TEST_F(LedgerTest, ARecordWhoseTermEndedIsNotFoundAndALostOneIsDamage) {
  Commit(3);
  store_->Tamper(Table::kLedger, keys::Record(0, 1), "");
  EXPECT_THAT(ledger_->Record(1), StatusIs(absl::StatusCode::kNotFound));
  ABSL_EXPECT_OK(OpenAgain());
  store_->Tamper(Table::kLedger, keys::Record(0, 1), std::nullopt);
  EXPECT_THAT(ledger_->Record(1), StatusIs(kDataLoss));
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("entry 1 of 3")));
}

TEST_F(LedgerTest, P4_DamageInTheLast256RecordsIsFoundAtStartAndOlderDamageOnRead) {
  Commit(300);
  FlipBit(keys::Record(0, 44));
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("entry 44")));
  FlipBit(keys::Record(0, 44));
  FlipBit(keys::Record(0, 43));
  ABSL_EXPECT_OK(OpenAgain());
  EXPECT_THAT(ledger_->Record(43), StatusIs(kDataLoss));
}

TEST_F(LedgerTest, P4_DamageOnTheRightEdgeIsFoundAtStart) {
  Commit(5);
  FlipBit(keys::Node(0, 2, 0));
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("of 5 entries has root")));
  FlipBit(keys::Node(0, 2, 0));
  store_->Tamper(Table::kLedger, keys::Node(0, 0, 4), std::nullopt);
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("right edge")));
}

TEST_F(LedgerTest, P4_AStoreAheadOfHeadIsAnOrdinaryCrash) {
  Commit(3);
  const LedgerHead head = ledger_->head();
  Commit(7);
  store_->TamperHead(head);
  ABSL_EXPECT_OK(OpenAgain());
  Reopen(*store_);
  EXPECT_EQ(ledger_->found().entries, 10u);
  EXPECT_EQ(ledger_->found().head_entries, 3u);
}

TEST_F(LedgerTest, P4_AStoreBehindHeadIsRefusedWithTheNumbers) {
  Commit(3);
  const std::unique_ptr<MemoryStore> old = store_->Clone();
  Commit(7);
  old->TamperHead(ledger_->head());
  const std::unique_ptr<MemoryStore> found = old->Clone();
  EXPECT_THAT(
      Ledger::Open(found.get(), signer_.get(), 0),
      StatusIs(kDataLoss, AllOf(HasSubstr("has 3 entries"), HasSubstr("10 were acknowledged"),
                                HasSubstr("7 are lost"), HasSubstr("restore"))));
}

TEST_F(LedgerTest, P4_AnotherTreeOfTheSameSizeAsHeadIsRefused) {
  Commit(3);
  store_->TamperHead(LedgerHead{3, crypto::Sha256("another tree")});
  EXPECT_THAT(OpenAgain(),
              StatusIs(kDataLoss, AllOf(HasSubstr("first 3 of 3"), HasSubstr("HEAD"))));
  Commit(4);
  store_->TamperHead(LedgerHead{3, crypto::Sha256("another tree")});
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("first 3 of 7")));
}

TEST_F(LedgerTest, P4_AHeadRowRolledBackAloneIsRefusedEvenWithoutHead) {
  Commit(3);
  const LedgerHeadRow old = HeadRow();
  Commit(7);
  TamperHeadRow(old);
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("HEAD says that 10")));
  store_->TamperHead(std::nullopt);
  EXPECT_THAT(OpenAgain(),
              StatusIs(kDataLoss, AllOf(HasSubstr("says 3 entries"), HasSubstr("entry 3"))));
}

TEST_F(LedgerTest, P4_ALostLedgerIsNotBegunAnew) {
  Commit(3);
  store_->Tamper(Table::kMeta, keys::Head(0), std::nullopt);
  EXPECT_THAT(OpenAgain(),
              StatusIs(kDataLoss, HasSubstr("3 entries, but the store has no ledger")));
  store_->TamperHead(std::nullopt);
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("entry 0")));
}

TEST_F(LedgerTest, OtherKeysThanTheLedgersAreRefused) {
  Commit(3);
  signer_ = NewSigner();
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, AllOf(HasSubstr("not signed by the keys"),
                                                     HasSubstr("3 entries"))));
}

TEST_F(LedgerTest, ACheckpointOfAnotherTreeIsRefused) {
  Commit(3);
  LedgerHeadRow row = HeadRow();
  row.set_checkpoint(signer_->Sign({kOrigin, 2, row.root()}));
  TamperHeadRow(row);
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("another tree")));
  store_->Tamper(Table::kMeta, keys::Head(0), "\xff");
  EXPECT_THAT(OpenAgain(), StatusIs(kDataLoss, HasSubstr("cannot be read")));
}

}  // namespace
}  // namespace naru
