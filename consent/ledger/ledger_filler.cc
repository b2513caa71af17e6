#include "consent/ledger/ledger_filler.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/proof/crypto.h"
#include "broker/proof/merkle.h"
#include "consent/ledger/stored_nodes.h"
#include "consent/store/keys.h"

namespace naru {

LedgerFiller::LedgerFiller() {
  Reopen(MemoryStore());
  roots_[0] = merkle::EmptyRoot();
}

std::unique_ptr<CheckpointSigner> LedgerFiller::NewSigner() {
  return std::make_unique<CheckpointSigner>(
      kOrigin, crypto::GenerateSigningKey(crypto::SigningKey::Type::kEd25519, "e"),
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "p"));
}

storage::v1::RecordRow LedgerFiller::RecordOf(uint64_t index) {
  storage::v1::RecordRow record;
  record.set_outer(absl::StrCat("outer ", index));
  record.set_outer_salt(std::string(16, 'o'));
  record.set_inner(absl::StrCat("inner ", index));
  record.set_inner_salt(std::string(16, 'i'));
  return record;
}

void LedgerFiller::Commit(uint64_t count) {
  const uint64_t first = ledger_->head().size;
  time_ += absl::Seconds(1);
  const absl::Status status =
      store_->Update({"ledger/0"}, [&](const Reader&) -> absl::StatusOr<Writes> {
        ledger_->Begin();
        Writes writes;
        for (uint64_t index = first; index < first + count; ++index) {
          const storage::v1::RecordRow record = RecordOf(index);
          CHECK_EQ(ledger_->Append(LeafDataOf(record)), index);
          writes.rows.push_back(
              {Table::kLedger, keys::Record(0, index), record.SerializeAsString()});
        }
        Ledger::Group group = ledger_->Finish(time_);
        writes.rows.insert(writes.rows.end(), group.rows.begin(), group.rows.end());
        writes.head = group.head;
        return writes;
      });
  CHECK(status.ok()) << status;
  ledger_->Install();
  roots_[ledger_->head().size] = ledger_->head().root;
}

absl::Status LedgerFiller::OpenAgain() const {
  const std::unique_ptr<MemoryStore> found = store_->Clone();
  return Ledger::Open(found.get(), signer_.get(), 0).status();
}

void LedgerFiller::Reopen(const MemoryStore& store) {
  std::unique_ptr<MemoryStore> found = store.Clone();
  auto ledger = Ledger::Open(found.get(), signer_.get(), 0);
  CHECK(ledger.ok()) << ledger.status();
  ledger_ = *std::move(ledger);
  store_ = std::move(found);
}

}  // namespace naru
