// Checks the tree against the definitions of RFC 6962 written down a second time (recursively, over
// the leaves), against the published vectors of Certificate Transparency, and every proof of every
// small tree against every small change.

#include "broker/proof/merkle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_matchers.h"

namespace naru::merkle {
namespace {

using Path = std::vector<std::string>;

std::string Hex(absl::string_view hex) { return absl::HexStringToBytes(hex); }

uint64_t Largest() { return std::getenv("NARU_FULL") != nullptr ? 600 : 130; }

// The leaf data of the published vectors.
std::vector<std::string> PublishedLeaves() {
  std::vector<std::string> leaves;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(Hex(hex));
  }
  return leaves;
}

std::vector<std::string> NumberedLeaves(uint64_t count) {
  std::vector<std::string> leaves;
  for (uint64_t i = 0; i < count; ++i) leaves.push_back(absl::StrCat("leaf ", i));
  return leaves;
}

// RFC 6962, 2.1 as it stands there: leaves [begin, end).
class Definition {
 public:
  explicit Definition(const std::vector<std::string>& leaves) : leaves_(leaves) {}

  std::string Mth(uint64_t begin, uint64_t end) {
    if (end == begin) return EmptyRoot();
    if (end - begin == 1) return LeafHash(leaves_[begin]);
    std::string& known = known_[{begin, end}];
    if (known.empty()) {
      const uint64_t k = Split(end - begin);
      known = NodeHash(Mth(begin, begin + k), Mth(begin + k, end));
    }
    return known;
  }

  Path InclusionPath(uint64_t m, uint64_t begin, uint64_t end) {
    if (end - begin <= 1) return {};
    const uint64_t k = Split(end - begin);
    Path path = m < k ? InclusionPath(m, begin, begin + k) : InclusionPath(m - k, begin + k, end);
    path.push_back(m < k ? Mth(begin + k, end) : Mth(begin, begin + k));
    return path;
  }

  Path ConsistencyPath(uint64_t m, uint64_t begin, uint64_t end, bool whole) {
    if (m == end - begin) return whole ? Path{} : Path{Mth(begin, end)};
    const uint64_t k = Split(end - begin);
    Path path = m <= k ? ConsistencyPath(m, begin, begin + k, whole)
                       : ConsistencyPath(m - k, begin + k, end, false);
    path.push_back(m <= k ? Mth(begin + k, end) : Mth(begin, begin + k));
    return path;
  }

 private:
  static uint64_t Split(uint64_t n) {
    uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }

  const std::vector<std::string>& leaves_;
  std::map<std::pair<uint64_t, uint64_t>, std::string> known_;
};

// A tree that grew leaf by leaf, with its nodes in a map.
class GrownTree {
 public:
  explicit GrownTree(const std::vector<std::string>& leaves) {
    for (const std::string& leaf : leaves) {
      range_.Append(LeafHash(leaf), [this](NodeId node, const std::string& hash) {
        EXPECT_TRUE(nodes_.emplace(node, hash).second) << "a node is written once";
      });
      roots_.push_back(range_.Root());
    }
  }

  NodeReader reader() const {
    return [this](NodeId node) -> absl::StatusOr<std::string> {
      const auto found = nodes_.find(node);
      if (found == nodes_.end()) return absl::OutOfRangeError("not a complete subtree");
      return found->second;
    };
  }
  const std::string& root(uint64_t size) const { return roots_[size - 1]; }
  size_t nodes() const { return nodes_.size(); }

 private:
  CompactRange range_;
  std::vector<std::string> roots_;
  std::map<NodeId, std::string> nodes_;
};

// Every path that differs from `path` in one place.
std::vector<Path> Changed(const Path& path) {
  std::vector<Path> all;
  for (size_t i = 0; i < path.size(); ++i) {
    Path flipped = path;
    flipped[i][i % flipped[i].size()] ^= 1;
    all.push_back(flipped);
    Path cut = path;
    cut[i].pop_back();
    all.push_back(cut);
    Path without = path;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    all.push_back(without);
    Path doubled = path;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), path[i]);
    all.push_back(doubled);
    if (i > 0) {
      Path swapped = path;
      std::swap(swapped[i - 1], swapped[i]);
      all.push_back(swapped);
    }
  }
  Path longer = path;
  longer.push_back(std::string(32, 'x'));
  all.push_back(longer);
  return all;
}

TEST(MerkleTest, GivesThePublishedRoots) {
  constexpr const char* kRoots[] = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  };
  const GrownTree tree(PublishedLeaves());
  for (uint64_t size = 1; size <= 8; ++size) EXPECT_EQ(tree.root(size), Hex(kRoots[size - 1]));
  EXPECT_EQ(CompactRange().Root(),
            Hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

TEST(MerkleTest, GivesThePublishedPaths) {
  const GrownTree tree(PublishedLeaves());
  const Path first_of_eight = {
      Hex("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
      Hex("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
      Hex("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
  };
  EXPECT_THAT(InclusionPath(0, 8, tree.reader()), IsOkAndHolds(first_of_eight));
  EXPECT_THAT(ConsistencyPath(1, 8, tree.reader()), IsOkAndHolds(first_of_eight));
  EXPECT_THAT(ConsistencyPath(6, 8, tree.reader()),
              IsOkAndHolds(Path{
                  Hex("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
                  Hex("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
                  Hex("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
              }));
}

TEST(MerkleTest, RootsAndPathsAreThoseOfTheDefinition) {
  const std::vector<std::string> leaves = NumberedLeaves(Largest());
  const GrownTree tree(leaves);
  Definition definition(leaves);
  for (uint64_t size = 1; size <= leaves.size(); ++size) {
    ASSERT_EQ(tree.root(size), definition.Mth(0, size));
    ASSERT_THAT(RootAt(size, tree.reader()), IsOkAndHolds(tree.root(size)));
    for (uint64_t other = 0; other < size; ++other) {
      ASSERT_THAT(InclusionPath(other, size, tree.reader()),
                  IsOkAndHolds(definition.InclusionPath(other, 0, size)));
      ASSERT_THAT(ConsistencyPath(other + 1, size, tree.reader()),
                  IsOkAndHolds(definition.ConsistencyPath(other + 1, 0, size, true)));
    }
  }
}

TEST(MerkleTest, EveryInclusionPathProvesItsLeafAndNothingElse) {
  const std::vector<std::string> leaves = NumberedLeaves(Largest());
  const GrownTree tree(leaves);
  for (uint64_t size = 1; size <= leaves.size(); ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      ABSL_ASSERT_OK_AND_ASSIGN(const Path path, InclusionPath(index, size, tree.reader()));
      const std::string leaf = LeafHash(leaves[index]);
      const std::string& root = tree.root(size);
      ASSERT_THAT(VerifyInclusion(leaf, index, size, path, root), IsOk());
      for (const Path& changed : Changed(path)) {
        ASSERT_FALSE(VerifyInclusion(leaf, index, size, changed, root).ok())
            << index << "/" << size;
      }
      ASSERT_FALSE(VerifyInclusion(LeafHash("another"), index, size, path, root).ok());
      ASSERT_FALSE(VerifyInclusion(leaf, index + 1, size, path, root).ok());
      ASSERT_FALSE(VerifyInclusion(leaf, index, size, path, LeafHash("another")).ok());
      if (index > 0) {
        ASSERT_FALSE(VerifyInclusion(leaf, index - 1, size, path, root).ok());
      }
    }
  }
}

TEST(MerkleTest, EveryConsistencyPathProvesItsTwoTreesAndNothingElse) {
  const std::vector<std::string> leaves = NumberedLeaves(Largest());
  const GrownTree tree(leaves);
  const std::string another = LeafHash("another");
  for (uint64_t second = 1; second <= leaves.size(); ++second) {
    for (uint64_t first = 1; first <= second; ++first) {
      ABSL_ASSERT_OK_AND_ASSIGN(const Path path, ConsistencyPath(first, second, tree.reader()));
      const std::string& first_root = tree.root(first);
      const std::string& second_root = tree.root(second);
      ASSERT_THAT(VerifyConsistency(first, first_root, second, second_root, path), IsOk());
      for (const Path& changed : Changed(path)) {
        ASSERT_FALSE(VerifyConsistency(first, first_root, second, second_root, changed).ok())
            << first << " to " << second;
      }
      ASSERT_FALSE(VerifyConsistency(first, another, second, second_root, path).ok());
      ASSERT_FALSE(VerifyConsistency(first, first_root, second, another, path).ok());
      ASSERT_FALSE(VerifyConsistency(second + 1, first_root, second, second_root, path).ok());
      if (first < second) {
        ASSERT_FALSE(VerifyConsistency(first, first_root, second, second_root, {}).ok());
        ASSERT_FALSE(VerifyConsistency(second, second_root, first, first_root, path).ok());
      }
    }
  }
}

// A tree whose entry was exchanged later must not pass for an extension.
TEST(MerkleTest, ARewrittenEntryBreaksConsistency) {
  std::vector<std::string> leaves = NumberedLeaves(40);
  const GrownTree honest(leaves);
  for (uint64_t changed = 0; changed < 20; ++changed) {
    std::vector<std::string> rewritten = leaves;
    rewritten[changed] = "rewritten";
    const GrownTree forked(rewritten);
    ABSL_ASSERT_OK_AND_ASSIGN(const Path path, ConsistencyPath(20, 40, forked.reader()));
    EXPECT_FALSE(VerifyConsistency(20, honest.root(20), 40, forked.root(40), path).ok());
  }
}

// Paths that do lead to the roots, under sizes that are not the trees'.
TEST(MerkleTest, ATruePathUnderAnotherSizeIsRefused) {
  const GrownTree tree(NumberedLeaves(64));
  for (uint64_t size = 2; size <= 64; ++size) {
    for (uint64_t other = 0; other < size; ++other) {
      ABSL_ASSERT_OK_AND_ASSIGN(const Path inclusion, InclusionPath(other, size, tree.reader()));
      const std::string leaf = LeafHash(absl::StrCat("leaf ", other));
      EXPECT_FALSE(VerifyInclusion(leaf, other, size * 2, inclusion, tree.root(size)).ok());
      EXPECT_FALSE(VerifyInclusion(leaf, 0, 1, inclusion, tree.root(size)).ok());
      if (other == 0) continue;
      ABSL_ASSERT_OK_AND_ASSIGN(const Path consistency,
                                ConsistencyPath(other, size, tree.reader()));
      EXPECT_FALSE(
          VerifyConsistency(other, tree.root(other), size * 2, tree.root(size), consistency).ok());
    }
  }
  // From 7 to 8 leaves is from 3 to 4, with four more to the left of both.
  ABSL_ASSERT_OK_AND_ASSIGN(const Path path, ConsistencyPath(7, 8, tree.reader()));
  ASSERT_THAT(VerifyConsistency(7, tree.root(7), 8, tree.root(8), path), IsOk());
  EXPECT_FALSE(VerifyConsistency(3, tree.root(7), 4, tree.root(8), path).ok());
}

TEST(MerkleTest, EveryTreeExtendsTheEmptyOne) {
  const GrownTree tree(NumberedLeaves(5));
  EXPECT_THAT(VerifyConsistency(0, EmptyRoot(), 5, tree.root(5), {}), IsOk());
  EXPECT_THAT(VerifyConsistency(0, "", 0, "", {}), IsOk());
  EXPECT_FALSE(VerifyConsistency(0, EmptyRoot(), 5, tree.root(5), {tree.root(1)}).ok());
}

TEST(MerkleTest, PathsOutsideTheTreeAreOutOfRange) {
  const GrownTree tree(NumberedLeaves(5));
  const auto out_of_range = StatusIs(absl::StatusCode::kOutOfRange);
  EXPECT_THAT(InclusionPath(5, 5, tree.reader()), out_of_range);
  EXPECT_THAT(InclusionPath(0, 0, tree.reader()), out_of_range);
  EXPECT_THAT(ConsistencyPath(0, 5, tree.reader()), out_of_range);
  EXPECT_THAT(ConsistencyPath(6, 5, tree.reader()), out_of_range);
  EXPECT_THAT(RootAt(6, tree.reader()), out_of_range);
  EXPECT_THAT(VerifyInclusion(LeafHash(""), 0, 0, {}, EmptyRoot()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(MerkleTest, SizesUpToTheLargestNumberWork) {
  // A tree in which all leaves are the same needs no storage.
  std::vector<std::string> levels = {LeafHash("same")};
  for (int level = 1; level < 64; ++level) {
    levels.push_back(NodeHash(levels.back(), levels.back()));
  }
  const NodeReader reader = [&levels](NodeId node) -> absl::StatusOr<std::string> {
    return levels[static_cast<size_t>(node.level)];
  };
  constexpr uint64_t kMax = ~uint64_t{0};
  ABSL_ASSERT_OK_AND_ASSIGN(const std::string root, RootAt(kMax, reader));
  for (const uint64_t index : {uint64_t{0}, uint64_t{1} << 63, kMax - 1}) {
    ABSL_ASSERT_OK_AND_ASSIGN(const Path path, InclusionPath(index, kMax, reader));
    EXPECT_THAT(VerifyInclusion(levels[0], index, kMax, path, root), IsOk());
  }
  for (const uint64_t first : {uint64_t{1}, uint64_t{1} << 63, kMax - 1}) {
    ABSL_ASSERT_OK_AND_ASSIGN(const std::string first_root, RootAt(first, reader));
    ABSL_ASSERT_OK_AND_ASSIGN(const Path path, ConsistencyPath(first, kMax, reader));
    EXPECT_THAT(VerifyConsistency(first, first_root, kMax, root, path), IsOk());
  }
}

TEST(CompactRangeTest, GoesOnFromStoredNodes) {
  const std::vector<std::string> leaves = NumberedLeaves(Largest());
  const GrownTree tree(leaves);
  for (uint64_t size = 0; size < leaves.size(); ++size) {
    ABSL_ASSERT_OK_AND_ASSIGN(CompactRange range, CompactRange::Load(size, tree.reader()));
    ASSERT_EQ(range.size(), size);
    ASSERT_EQ(range.Root(), size == 0 ? EmptyRoot() : tree.root(size));
    std::vector<NodeId> stored;
    range.Append(LeafHash(leaves[size]), [&](NodeId node, const std::string& hash) {
      stored.push_back(node);
      EXPECT_THAT(tree.reader()(node), IsOkAndHolds(hash));
    });
    ASSERT_EQ(range.Root(), tree.root(size + 1));
    ASSERT_EQ(stored.front(), (NodeId{0, size})) << "the leaf comes first";
    // The nodes of the larger tree are there now.
    for (const NodeId& node : CompactRange::Nodes(size + 1))
      ASSERT_THAT(tree.reader()(node), IsOk());
  }
}

TEST(CompactRangeTest, ReadsNoMoreThanTheRightEdge) {
  EXPECT_TRUE(CompactRange::Nodes(0).empty());
  EXPECT_EQ(CompactRange::Nodes(1), (std::vector<NodeId>{{0, 0}}));
  EXPECT_EQ(CompactRange::Nodes(7), (std::vector<NodeId>{{2, 0}, {1, 2}, {0, 6}}));
  EXPECT_EQ(CompactRange::Nodes(uint64_t{1} << 40), (std::vector<NodeId>{{40, 0}}));
}

TEST(CompactRangeTest, ReportsTheReadersErrorAndDamagedNodes) {
  EXPECT_THAT(CompactRange::Load(
                  3, [](NodeId) -> absl::StatusOr<std::string> { return absl::AbortedError(""); }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(CompactRange::Load(3, [](NodeId) -> absl::StatusOr<std::string> { return "short"; }),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(LeafDataTest, CommitsToEachPartAndKeepsThePartsApart) {
  const std::string inner = InnerHash(std::string(16, 'i'), "inner");
  const std::string leaf = LeafData(std::string(16, 'o'), inner, "outer");
  EXPECT_EQ(leaf.size(), 32u);
  EXPECT_NE(leaf, LeafData(std::string(16, 'p'), inner, "outer"));
  EXPECT_NE(leaf,
            LeafData(std::string(16, 'o'), InnerHash(std::string(16, 'j'), "inner"), "outer"));
  EXPECT_NE(leaf, LeafData(std::string(16, 'o'), inner, "outes"));
  // SHA-256(0x10 || 16 x "i" || "inner"), computed with another program.
  EXPECT_EQ(inner, Hex("a90fe048ad77b86c37155c7c213c3fd8dd62bb94d2906566d1a3147ea4875ff0"));
  EXPECT_EQ(leaf, Hex("7229124e98da2dd3360f49df861f6359538840e1fae91107614a974ed3f630e8"));
}

}  // namespace
}  // namespace naru::merkle
