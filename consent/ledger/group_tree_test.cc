// Compared with the plain functions of merkle.h over all nodes of the tree, which its own tests tie
// to RFC 6962.

#include "consent/ledger/group_tree.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using merkle::CompactRange;
using merkle::NodeId;

// All nodes of a tree.
class Nodes {
 public:
  void Append(const std::string& leaf_hash) {
    range_.Append(leaf_hash, [this](NodeId id, const std::string& hash) { nodes_[id] = hash; });
  }
  void Set(NodeId id, const std::string& hash) { nodes_[id] = hash; }
  merkle::NodeReader Reader() const {
    return [this](NodeId id) -> absl::StatusOr<std::string> {
      const auto node = nodes_.find(id);
      if (node == nodes_.end()) return absl::NotFoundError("no such node");
      return node->second;
    };
  }
  std::vector<std::string> Edge(uint64_t size) const {
    std::vector<std::string> edge;
    for (const NodeId& id : CompactRange::Nodes(size)) edge.push_back(nodes_.at(id));
    return edge;
  }
  const std::map<NodeId, std::string>& map() const { return nodes_; }

 private:
  CompactRange range_;
  std::map<NodeId, std::string> nodes_;
};

std::string Leaf(uint64_t index) { return merkle::LeafHash(std::to_string(index)); }

void ExpectSame(const GroupTree& tree, const Nodes& all, uint64_t start) {
  EXPECT_THAT(merkle::RootAt(tree.size(), all.Reader()), IsOkAndHolds(tree.Root()));
  EXPECT_EQ(tree.Edge(), all.Edge(tree.size()));
  for (uint64_t index = start; index < tree.size(); ++index) {
    EXPECT_THAT(merkle::InclusionPath(index, tree.size(), all.Reader()),
                IsOkAndHolds(tree.Path(index)))
        << "leaf " << index << " of " << tree.size();
  }
}

TEST(GroupTreeTest, GivesTheNodesRootEdgeAndPathsOfEveryGroupOnEveryTree) {
  GroupTree tree;
  Nodes before;
  for (uint64_t start = 0; start < 40; ++start) {
    for (uint64_t count = 1; count <= 40; ++count) {
      SCOPED_TRACE(testing::Message() << start << " + " << count);
      Nodes all = before;
      tree.Begin(start, before.Edge(start));
      for (uint64_t i = 0; i < count; ++i) {
        EXPECT_EQ(tree.Append(Leaf(start + i)), start + i);
        all.Append(Leaf(start + i));
      }
      tree.Finish();
      ExpectSame(tree, all, start);
      std::map<NodeId, std::string> nodes = before.map();
      tree.ForEachNode([&](NodeId id, const std::string& hash) {
        EXPECT_TRUE(nodes.emplace(id, hash).second) << "a node is written twice";
      });
      EXPECT_EQ(nodes, all.map());
      ASSERT_FALSE(HasFailure());
    }
    before.Append(Leaf(start));
  }
}

TEST(GroupTreeTest, NeedsNothingOfALargeTreeButItsEdge) {
  for (const uint64_t start :
       {(uint64_t{1} << 40) - 3, (uint64_t{1} << 40), uint64_t{987654321987}}) {
    Nodes all;
    for (const NodeId& id : CompactRange::Nodes(start)) {
      all.Set(id, merkle::LeafHash(std::to_string(id.level)));
    }
    GroupTree tree;
    tree.Begin(start, all.Edge(start));
    for (uint64_t i = 0; i < 300; ++i) tree.Append(Leaf(start + i));
    tree.Finish();
    tree.ForEachNode([&](NodeId id, const std::string& hash) { all.Set(id, hash); });
    ExpectSame(tree, all, start);
  }
}

TEST(GroupTreeTest, BeginsAgainAfterAnUnfinishedGroup) {
  GroupTree tree;
  tree.Begin(0, {});
  tree.Append(Leaf(7));
  tree.Begin(0, {});
  tree.Append(Leaf(0));
  tree.Finish();
  EXPECT_EQ(tree.size(), 1u);
  EXPECT_EQ(tree.Root(), Leaf(0));
  EXPECT_TRUE(tree.Path(0).empty());
}

}  // namespace
}  // namespace naru
