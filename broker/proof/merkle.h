#ifndef NARU_BROKER_PROOF_MERKLE_H_
#define NARU_BROKER_PROOF_MERKLE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// The Merkle tree of RFC 6962 section 2.1 (the same as RFC 9162's), over SHA-256. Pure functions; a
// tree's nodes live wherever the caller keeps them.
namespace naru::merkle {

// SHA-256(0x00 || leaf data).
std::string LeafHash(absl::string_view leaf_data);
// SHA-256(0x01 || left || right).
std::string NodeHash(absl::string_view left, absl::string_view right);
// Root of the empty tree: SHA-256 of nothing.
std::string EmptyRoot();

// A complete subtree: `level` 0 is leaves; its first leaf is index << level.
struct NodeId {
  int level;
  uint64_t index;
  friend bool operator==(const NodeId& a, const NodeId& b) {
    return a.level == b.level && a.index == b.index;
  }
  friend bool operator<(const NodeId& a, const NodeId& b) {
    return a.level != b.level ? a.level < b.level : a.index < b.index;
  }
};

// Gives the hash of a complete subtree; an error ends the computation.
using NodeReader = std::function<absl::StatusOr<std::string>(NodeId)>;

// The right edge of a growing tree: the roots of the largest complete subtrees, left to right. Not
// thread-safe.
class CompactRange {
 public:
  CompactRange() = default;
  // From the stored nodes of a tree of `size` leaves.
  static absl::StatusOr<CompactRange> Load(uint64_t size, const NodeReader& reader);
  // The nodes that Load reads.
  static std::vector<NodeId> Nodes(uint64_t size);

  uint64_t size() const { return size_; }
  std::string Root() const;
  // Adds a leaf; every node that is complete now (the leaf first, then its completed ancestors) is
  // given to `store`.
  void Append(std::string leaf_hash, const std::function<void(NodeId, const std::string&)>& store);

 private:
  uint64_t size_ = 0;
  std::vector<std::string> hashes_;  // As Nodes(size_).
};

// Root of the first `size` leaves. OUT_OF_RANGE is the reader's to say.
absl::StatusOr<std::string> RootAt(uint64_t size, const NodeReader& reader);
// Audit path of leaf `index` in a tree of `size` leaves, RFC 6962 2.1.1. OUT_OF_RANGE unless index
// < size.
absl::StatusOr<std::vector<std::string>> InclusionPath(uint64_t index, uint64_t size,
                                                       const NodeReader& reader);
// Consistency proof, RFC 6962 2.1.2. OUT_OF_RANGE unless 0 < first <= second. Empty when first ==
// second.
absl::StatusOr<std::vector<std::string>> ConsistencyPath(uint64_t first, uint64_t second,
                                                         const NodeReader& reader);

// OK when the path proves that a leaf of that hash has that index under `root`. FAILED_PRECONDITION
// otherwise.
absl::Status VerifyInclusion(absl::string_view leaf_hash, uint64_t index, uint64_t size,
                             const std::vector<std::string>& path, absl::string_view root);
// OK when the path proves that the second tree extends the first. FAILED_PRECONDITION otherwise. A
// first size of 0 is extended by every tree, with an empty path.
absl::Status VerifyConsistency(uint64_t first, absl::string_view first_root, uint64_t second,
                               absl::string_view second_root, const std::vector<std::string>& path);

// Leaf data of a two-part record (domain separation bytes 0x10 and 0x11; salts of 16 bytes).
std::string InnerHash(absl::string_view inner_salt, absl::string_view inner);
std::string LeafData(absl::string_view outer_salt, absl::string_view inner_hash,
                     absl::string_view outer);

}  // namespace naru::merkle

#endif  // NARU_BROKER_PROOF_MERKLE_H_
