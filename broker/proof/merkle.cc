#include "broker/proof/merkle.h"

#include <glog/logging.h>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"

namespace naru::merkle {
namespace {

constexpr char kLeafPrefix = '\x00';
constexpr char kNodePrefix = '\x01';
constexpr char kInnerPrefix = '\x10';
constexpr char kLeafDataPrefix = '\x11';

absl::string_view View(const char& byte) { return absl::string_view(&byte, 1); }

absl::Status Refused(absl::string_view what) { return absl::FailedPreconditionError(what); }

// The largest power of two below `size`, which is at least 2.
uint64_t SplitOf(uint64_t size) {
  uint64_t split = uint64_t{1} << 63;
  while (split >= size) split >>= 1;
  return split;
}

// The complete subtrees that make up leaves [begin, end), left to right. `begin` is a multiple of
// the largest.
std::vector<NodeId> Cover(uint64_t begin, uint64_t end) {
  std::vector<NodeId> nodes;
  for (int level = 63; level >= 0; --level) {
    if (((end - begin) >> level & 1) == 0) continue;
    nodes.push_back({level, begin >> level});
    begin += uint64_t{1} << level;
  }
  return nodes;
}

// RFC 6962 MTH over complete subtrees, largest first; not empty.
std::string Fold(const std::vector<std::string>& hashes) {
  std::string root = hashes.back();
  for (size_t i = hashes.size() - 1; i > 0; --i) root = NodeHash(hashes[i - 1], root);
  return root;
}

absl::StatusOr<std::string> ReadNode(NodeId node, const NodeReader& reader) {
  ABSL_ASSIGN_OR_RETURN(std::string hash, reader(node));
  if (hash.size() != crypto::kHashBytes) {
    return DataDamaged("a stored ledger node is not 32 bytes long");
  }
  return hash;
}

// MTH of leaves [begin, end), not empty.
absl::StatusOr<std::string> RangeRoot(uint64_t begin, uint64_t end, const NodeReader& reader) {
  std::vector<std::string> hashes;
  for (const NodeId& node : Cover(begin, end)) {
    ABSL_ASSIGN_OR_RETURN(std::string hash, ReadNode(node, reader));
    hashes.push_back(std::move(hash));
  }
  return Fold(hashes);
}

}  // namespace

std::string LeafHash(absl::string_view leaf_data) {
  return crypto::Sha256({View(kLeafPrefix), leaf_data});
}

std::string NodeHash(absl::string_view left, absl::string_view right) {
  return crypto::Sha256({View(kNodePrefix), left, right});
}

std::string EmptyRoot() { return crypto::Sha256(""); }

std::vector<NodeId> CompactRange::Nodes(uint64_t size) { return Cover(0, size); }

absl::StatusOr<CompactRange> CompactRange::Load(uint64_t size, const NodeReader& reader) {
  CompactRange range;
  range.size_ = size;
  for (const NodeId& node : Nodes(size)) {
    ABSL_ASSIGN_OR_RETURN(std::string hash, ReadNode(node, reader));
    range.hashes_.push_back(std::move(hash));
  }
  return range;
}

std::string CompactRange::Root() const { return hashes_.empty() ? EmptyRoot() : Fold(hashes_); }

void CompactRange::Append(std::string leaf_hash,
                          const std::function<void(NodeId, const std::string&)>& store) {
  CHECK_EQ(leaf_hash.size(), crypto::kHashBytes);
  NodeId node{0, size_};
  std::string hash = std::move(leaf_hash);
  store(node, hash);
  // Each complete subtree of the same size to the left joins the new one, as a carry runs through a
  // sum.
  while ((size_ >> node.level & 1) == 1) {
    hash = NodeHash(hashes_.back(), hash);
    hashes_.pop_back();
    node = {node.level + 1, node.index >> 1};
    store(node, hash);
  }
  hashes_.push_back(std::move(hash));
  ++size_;
}

absl::StatusOr<std::string> RootAt(uint64_t size, const NodeReader& reader) {
  if (size == 0) return EmptyRoot();
  return RangeRoot(0, size, reader);
}

absl::StatusOr<std::vector<std::string>> InclusionPath(uint64_t index, uint64_t size,
                                                       const NodeReader& reader) {
  if (index >= size) return absl::OutOfRangeError("the tree has no leaf of that index");
  std::vector<std::string> path;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + SplitOf(end - begin);
    const bool left = index < middle;
    ABSL_ASSIGN_OR_RETURN(std::string sibling,
                          left ? RangeRoot(middle, end, reader) : RangeRoot(begin, middle, reader));
    path.push_back(std::move(sibling));
    (left ? end : begin) = middle;
  }
  return std::vector<std::string>(path.rbegin(), path.rend());
}

absl::StatusOr<std::vector<std::string>> ConsistencyPath(uint64_t first, uint64_t second,
                                                         const NodeReader& reader) {
  if (first == 0 || first > second) {
    return absl::OutOfRangeError("the first tree must have leaves, and not more than the second");
  }
  std::vector<std::string> path;
  uint64_t begin = 0;
  uint64_t end = second;
  // Down to the subtree that ends where the first tree ends.
  while (end > first) {
    const uint64_t middle = begin + SplitOf(end - begin);
    const bool left = first <= middle;
    ABSL_ASSIGN_OR_RETURN(std::string sibling,
                          left ? RangeRoot(middle, end, reader) : RangeRoot(begin, middle, reader));
    path.push_back(std::move(sibling));
    (left ? end : begin) = middle;
  }
  // When that subtree is the whole first tree, the verifier has its root.
  if (begin != 0) {
    ABSL_ASSIGN_OR_RETURN(std::string last, RangeRoot(begin, end, reader));
    path.push_back(std::move(last));
  }
  return std::vector<std::string>(path.rbegin(), path.rend());
}

// RFC 9162, 2.1.3.2, with its names.
absl::Status VerifyInclusion(absl::string_view leaf_hash, uint64_t index, uint64_t size,
                             const std::vector<std::string>& path, absl::string_view root) {
  if (index >= size) return Refused("inclusion: the tree has no leaf of that index");
  if (leaf_hash.size() != crypto::kHashBytes) return Refused("inclusion: no leaf hash");
  uint64_t fn = index;
  uint64_t sn = size - 1;
  std::string r(leaf_hash);
  for (const std::string& p : path) {
    if (sn == 0) return Refused("inclusion: the path is too long");
    if (p.size() != crypto::kHashBytes) return Refused("inclusion: not a hash in the path");
    if ((fn & 1) == 1 || fn == sn) {
      r = NodeHash(p, r);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = NodeHash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Refused("inclusion: the path is too short");
  if (r != root) return Refused("inclusion: the path does not lead to the root");
  return absl::OkStatus();
}

// RFC 9162, 2.1.4.2, with its names.
absl::Status VerifyConsistency(uint64_t first, absl::string_view first_root, uint64_t second,
                               absl::string_view second_root,
                               const std::vector<std::string>& path) {
  if (first > second) return Refused("consistency: the second tree is smaller than the first");
  if (first == 0 || first == second) {
    if (!path.empty()) return Refused("consistency: the path is too long");
    if (first == second && first_root != second_root) {
      return Refused("consistency: two roots at one size");
    }
    return absl::OkStatus();
  }
  const bool first_is_complete = (first & (first - 1)) == 0;
  if (!first_is_complete && path.empty()) return Refused("consistency: the path is too short");
  uint64_t fn = first - 1;
  uint64_t sn = second - 1;
  while ((fn & 1) == 1) {
    fn >>= 1;
    sn >>= 1;
  }
  std::string fr(first_is_complete ? first_root : absl::string_view(path[0]));
  std::string sr = fr;
  if (fr.size() != crypto::kHashBytes) return Refused("consistency: not a hash in the path");
  for (size_t i = first_is_complete ? 0 : 1; i < path.size(); ++i) {
    const std::string& c = path[i];
    if (sn == 0) return Refused("consistency: the path is too long");
    if (c.size() != crypto::kHashBytes) return Refused("consistency: not a hash in the path");
    if ((fn & 1) == 1 || fn == sn) {
      fr = NodeHash(c, fr);
      sr = NodeHash(c, sr);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = NodeHash(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Refused("consistency: the path is too short");
  if (fr != first_root) return Refused("consistency: the path does not lead to the first root");
  if (sr != second_root) return Refused("consistency: the path does not lead to the second root");
  return absl::OkStatus();
}

std::string InnerHash(absl::string_view inner_salt, absl::string_view inner) {
  return crypto::Sha256({View(kInnerPrefix), inner_salt, inner});
}

std::string LeafData(absl::string_view outer_salt, absl::string_view inner_hash,
                     absl::string_view outer) {
  return crypto::Sha256({View(kLeafDataPrefix), outer_salt, inner_hash, outer});
}

}  // namespace naru::merkle
