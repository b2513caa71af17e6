#include "consent/ledger/group_tree.h"

#include <glog/logging.h>

#include <utility>

namespace naru {

void GroupTree::Begin(uint64_t size, const std::vector<std::string>& edge) {
  for (int level = 0; level < kLevels; ++level) {
    Level& l = levels_[level];
    l.before.clear();
    l.first = size >> level;
    l.nodes.clear();
    l.last.clear();
  }
  const std::vector<merkle::NodeId> nodes = merkle::CompactRange::Nodes(size);
  CHECK_EQ(nodes.size(), edge.size());
  for (size_t i = 0; i < nodes.size(); ++i) levels_[nodes[i].level].before = edge[i];
  range_ = merkle::CompactRange::Load(size, [this](merkle::NodeId node) {
             return absl::StatusOr<std::string>(levels_[node.level].before);
           }).value();
  start_ = size;
  finished_ = false;
}

uint64_t GroupTree::Append(std::string leaf_hash) {
  CHECK(!finished_);
  const uint64_t index = range_.size();
  range_.Append(std::move(leaf_hash), [this](merkle::NodeId node, const std::string& hash) {
    Level& level = levels_[node.level];
    CHECK_EQ(node.index, level.first + level.nodes.size());
    level.nodes.push_back(hash);
  });
  return index;
}

const std::string& GroupTree::Node(int level, uint64_t index) const {
  const Level& l = levels_[level];
  if (index >= l.first) return l.nodes.at(index - l.first);
  CHECK_EQ(index + 1, l.first);
  CHECK(!l.before.empty());
  return l.before;
}

void GroupTree::Finish() {
  CHECK_GT(size(), start_) << "a group has at least one leaf";
  finished_ = true;
  // The last node of a level covers what is left of the tree there. It is complete when its size
  // divides the tree's; otherwise it joins the two below it, or is the one below it when that has
  // no right neighbour (RFC 6962 carries such a node up unchanged).
  levels_[0].last = Node(0, size() - 1);
  for (int level = 1; level < kLevels && (size() - 1) >> (level - 1) > 0; ++level) {
    const uint64_t last_below = (size() - 1) >> (level - 1);
    const uint64_t last = last_below >> 1;
    if ((last + 1) << level == size()) {
      levels_[level].last = Node(level, last);
    } else if (last_below % 2 == 1) {
      levels_[level].last =
          merkle::NodeHash(Node(level - 1, last_below - 1), levels_[level - 1].last);
    } else {
      levels_[level].last = levels_[level - 1].last;
    }
  }
}

std::vector<std::string> GroupTree::Edge() const {
  std::vector<std::string> hashes;
  for (const merkle::NodeId& node : merkle::CompactRange::Nodes(size())) {
    hashes.push_back(Node(node.level, node.index));
  }
  return hashes;
}

void GroupTree::ForEachNode(
    const std::function<void(merkle::NodeId, const std::string&)>& visit) const {
  for (int level = 0; level < kLevels; ++level) {
    const Level& l = levels_[level];
    for (size_t i = 0; i < l.nodes.size(); ++i) visit({level, l.first + i}, l.nodes[i]);
  }
}

std::vector<std::string> GroupTree::Path(uint64_t index) const {
  CHECK(finished_);
  CHECK_GE(index, start_);
  CHECK_LT(index, size());
  std::vector<std::string> path;
  uint64_t last = size() - 1;
  for (int level = 0; last > 0; ++level, index >>= 1, last >>= 1) {
    const uint64_t sibling = index ^ 1;
    if (sibling > last) continue;  // Carried up.
    path.push_back(sibling == last ? levels_[level].last : Node(level, sibling));
  }
  return path;
}

}  // namespace naru
