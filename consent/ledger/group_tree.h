#ifndef NARU_CONSENT_LEDGER_GROUP_TREE_H_
#define NARU_CONSENT_LEDGER_GROUP_TREE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "broker/proof/merkle.h"

namespace naru {

// The leaves of one group on top of a tree that is already stored: gives the new nodes, the new
// root and the audit path of every leaf of the group, all from memory. Not thread-safe.
//
// At each level the group's complete nodes are consecutive, and the only older node that a path of
// the group needs is the one directly before them: the stored tree's right edge.
class GroupTree {
 public:
  // Starts a group on a tree of `size` leaves whose right edge is `edge`: the hashes of
  // CompactRange::Nodes(size).
  void Begin(uint64_t size, const std::vector<std::string>& edge);
  // Adds a leaf; gives its index.
  uint64_t Append(std::string leaf_hash);
  // Ends the group: after this the paths can be asked for.
  void Finish();

  uint64_t size() const { return range_.size(); }
  std::string Root() const { return range_.Root(); }
  // The right edge, to begin the next group on.
  std::vector<std::string> Edge() const;
  // Calls `visit` for each complete node of the group.
  void ForEachNode(const std::function<void(merkle::NodeId, const std::string&)>& visit) const;

  // Audit path at size() of a leaf of this group. Only after Finish.
  std::vector<std::string> Path(uint64_t index) const;

 private:
  // The group's nodes of one level.
  struct Level {
    std::string before;  // The edge's node directly before `nodes`; empty when there is none.
    uint64_t first = 0;  // Index of nodes[0].
    std::vector<std::string> nodes;
    std::string last;  // After Finish: the level's last node, complete or not.
  };
  static constexpr int kLevels = 64;

  // A complete node of the group or directly before it.
  const std::string& Node(int level, uint64_t index) const;

  merkle::CompactRange range_;
  uint64_t start_ = 0;  // Leaves before the group.
  bool finished_ = false;
  std::array<Level, kLevels> levels_;
};

}  // namespace naru

#endif  // NARU_CONSENT_LEDGER_GROUP_TREE_H_
