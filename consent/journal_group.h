#ifndef NARU_CONSENT_JOURNAL_GROUP_H_
#define NARU_CONSENT_JOURNAL_GROUP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/random.h"
#include "consent/change.h"
#include "consent/entry_writer.h"
#include "consent/journal_overlay.h"
#include "consent/ledger/ledger.h"

namespace naru {

// One group of changes from judgement to durable entries: what Journal hands to Store::Update. Used
// once, by one thread.
class JournalGroup {
 public:
  struct Context {
    Clock* clock = nullptr;
    Random* random = nullptr;
    Ledger* ledger = nullptr;
    // As Journal::Options.
    std::function<storage::v1::PolicyRow()> policy;
  };
  // What `context` names and the changes must outlive the group.
  JournalGroup(Context context, std::vector<const Change*> changes);

  // What the changes together need locked.
  std::vector<std::string> Locks() const;

  // Judges the changes in order, each against what the earlier ones left, and gives what those that
  // stand write, with the ledger's nodes and head. An error when the group must not or need not be
  // written. May be called again; the last call counts.
  absl::StatusOr<Writes> Judge(const Reader& state);

  // Call once, with what Update returned. Takes the ledger to the new tree, or back, and gives the
  // result of each change in order. When there are fewer results than changes, the rest was not
  // judged and belongs in the next group.
  std::vector<absl::StatusOr<Committed>> Conclude(const absl::Status& update);

  // After Conclude: entries that are durable, and whether the policy row was written.
  int entries() const { return entries_; }
  bool policy_changed() const { return policy_changed_; }

 private:
  absl::Status CheckPolicy(const Reader& state) const;
  absl::StatusOr<Committed> JudgeOne(const Change& change, JournalOverlay& rows);

  const Context context_;
  const std::vector<const Change*> changes_;
  const EntryWriter writer_;

  // Of the last call of Judge.
  absl::Time time_;
  uint64_t next_index_ = 0;
  bool nothing_to_write_ = false;
  bool grew_ = false;
  bool policy_changed_ = false;
  int entries_ = 0;
  std::vector<absl::StatusOr<Committed>> results_;
};

}  // namespace naru

#endif  // NARU_CONSENT_JOURNAL_GROUP_H_
