#include "broker/proof/fake_ledger.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace naru {
namespace {

using Type = crypto::SigningKey::Type;

std::string LeafHashOf(const v1::LedgerProof& record) {
  return merkle::LeafHash(
      merkle::LeafData(record.outer_salt(), record.inner_hash(), record.outer()));
}

}  // namespace

FakeLedger::FakeLedger(absl::string_view origin)
    : signer_(std::string(origin), crypto::GenerateSigningKey(Type::kEd25519, "ledger-ed25519"),
              crypto::GenerateSigningKey(Type::kEcdsaP256, "ledger-ecdsa")) {}

uint64_t FakeLedger::Append(const v1::OuterEntry& entry) {
  v1::LedgerProof record;
  record.set_outer(entry.SerializeAsString());
  record.set_outer_salt(crypto::Sha256(absl::StrCat("outer salt ", size())).substr(0, 16));
  record.set_inner_hash(merkle::InnerHash(std::string(16, 's'), absl::StrCat("inner ", size())));
  range_.Append(LeafHashOf(record),
                [this](merkle::NodeId node, const std::string& hash) { nodes_[node] = hash; });
  records_.push_back(std::move(record));
  return records_.size() - 1;
}

v1::LedgerProof FakeLedger::Prove(uint64_t index, uint64_t tree_size, uint64_t known_size) const {
  v1::LedgerProof proof = records_.at(index);
  proof.set_origin(signer_.origin());
  proof.set_index(index);
  proof.set_tree_size(tree_size);
  proof.set_checkpoint(SignedCheckpoint(tree_size));
  proof.set_known_size(known_size);
  const auto inclusion = merkle::InclusionPath(index, tree_size, Reader());
  CHECK(inclusion.ok()) << inclusion.status();
  for (const std::string& hash : *inclusion) proof.add_inclusion_path(hash);
  if (known_size == 0) return proof;
  const auto consistency = merkle::ConsistencyPath(known_size, tree_size, Reader());
  CHECK(consistency.ok()) << consistency.status();
  for (const std::string& hash : *consistency) proof.add_consistency_path(hash);
  return proof;
}

std::string FakeLedger::SignedCheckpoint(uint64_t tree_size) const {
  const absl::StatusOr<std::string> root = merkle::RootAt(tree_size, Reader());
  CHECK(root.ok()) << root.status();
  return signer_.Sign({signer_.origin(), tree_size, *root});
}

CheckpointVerifier FakeLedger::Verifier() const {
  absl::StatusOr<CheckpointVerifier> verifier = CheckpointVerifier::Create(VerifierKeys());
  CHECK(verifier.ok()) << verifier.status();
  return *std::move(verifier);
}

void FakeLedger::ForgetEntriesFrom(uint64_t size) {
  std::vector<v1::LedgerProof> kept(records_.begin(),
                                    records_.begin() + static_cast<std::ptrdiff_t>(size));
  records_.clear();
  nodes_.clear();
  range_ = merkle::CompactRange();
  for (v1::LedgerProof& record : kept) {
    range_.Append(LeafHashOf(record),
                  [this](merkle::NodeId node, const std::string& hash) { nodes_[node] = hash; });
    records_.push_back(std::move(record));
  }
}

merkle::NodeReader FakeLedger::Reader() const {
  return [this](merkle::NodeId node) -> absl::StatusOr<std::string> {
    const auto found = nodes_.find(node);
    if (found == nodes_.end()) return absl::OutOfRangeError("no such node");
    return found->second;
  };
}

}  // namespace naru
