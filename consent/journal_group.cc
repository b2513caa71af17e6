#include "consent/journal_group.h"

#include <glog/logging.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

// A verdict's writes are in `own`. P2: a person's number is given under the person's lock, or the
// person is new.
absl::Status CheckSubjects(const Change& change, const Verdict& verdict,
                           const JournalOverlay& own) {
  for (const EntryDraft& draft : verdict.entries) {
    if (!draft.subject.has_value() || !draft.in_person_order) continue;
    const std::string& id = draft.subject->bytes();
    const bool locked =
        std::find(change.locks.begin(), change.locks.end(), id) != change.locks.end();
    if (!locked && !own.Wrote(Table::kRows, keys::Subject(*draft.subject))) {
      return InternalFault("an entry is about a subject that its change did not lock");
    }
  }
  return absl::OkStatus();
}

}  // namespace

JournalGroup::JournalGroup(Context context, std::vector<const Change*> changes)
    : context_(std::move(context)),
      changes_(std::move(changes)),
      writer_(context_.random, context_.ledger->number()) {}

std::vector<std::string> JournalGroup::Locks() const {
  std::vector<std::string> locks = {absl::StrCat("ledger/", context_.ledger->number()), "policy"};
  for (const Change* change : changes_) {
    locks.insert(locks.end(), change->locks.begin(), change->locks.end());
  }
  return locks;
}

absl::StatusOr<Writes> JournalGroup::Judge(const Reader& state) {
  context_.ledger->Abandon();  // What an earlier call began.
  nothing_to_write_ = grew_ = policy_changed_ = false;
  entries_ = 0;
  results_.clear();
  ABSL_RETURN_IF_ERROR(CheckPolicy(state));

  time_ = std::max(context_.clock->Now(), context_.ledger->last_time());
  const uint64_t first_index = next_index_ = context_.ledger->head().size;
  context_.ledger->Begin();
  JournalOverlay rows(&state);
  for (const Change* change : changes_) {
    results_.push_back(JudgeOne(*change, rows));
    policy_changed_ = rows.Wrote(Table::kMeta, keys::Policy());
    if (policy_changed_) break;  // Nothing is judged by a policy that has ended.
  }
  entries_ = static_cast<int>(next_index_ - first_index);
  grew_ = entries_ > 0;

  Writes writes;
  writes.rows = rows.Take();
  if (grew_) {
    Ledger::Group group = context_.ledger->Finish(time_);
    std::move(group.rows.begin(), group.rows.end(), std::back_inserter(writes.rows));
    writes.head = std::move(group.head);
  }
  if (writes.rows.empty()) {
    nothing_to_write_ = true;
    return absl::CancelledError("the group has nothing to write");
  }
  return writes;
}

absl::Status JournalGroup::CheckPolicy(const Reader& state) const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        state.Get(Table::kMeta, keys::Policy()));
  storage::v1::PolicyRow stored;
  if (value.has_value() && !stored.ParseFromString(*value)) {
    return DataDamaged("the policy row cannot be read");
  }
  const storage::v1::PolicyRow own = context_.policy ? context_.policy() : storage::v1::PolicyRow();
  if (stored.generation() != own.generation() || stored.sha256() != own.sha256()) {
    return NotReady("the policy in force is another than the one this broker goes by");
  }
  return absl::OkStatus();
}

absl::StatusOr<Committed> JournalGroup::JudgeOne(const Change& change, JournalOverlay& rows) {
  ABSL_ASSIGN_OR_RETURN(Verdict verdict, change.judge(rows, {time_, next_index_}));
  JournalOverlay own(&rows);
  for (Writes::Write& write : verdict.writes) own.Put(std::move(write));
  if (verdict.entries.empty() && !own.OnlyDeletes()) {
    return InternalFault("a change puts rows without an entry that says so");
  }
  ABSL_RETURN_IF_ERROR(CheckSubjects(change, verdict, own));
  std::vector<EntryWriter::Written> written;
  for (const EntryDraft& draft : verdict.entries) {
    ABSL_ASSIGN_OR_RETURN(EntryWriter::Written entry,
                          writer_.Write(draft, next_index_ + written.size(), time_, own));
    written.push_back(std::move(entry));
  }

  // From here on the change stands.
  Committed committed;
  committed.time = time_;
  for (EntryWriter::Written& entry : written) {
    CHECK_EQ(context_.ledger->Append(entry.leaf_data), entry.entry.index);
    committed.entries.push_back(std::move(entry.entry));
  }
  next_index_ += written.size();
  own.MoveTo(rows);
  return committed;
}

std::vector<absl::StatusOr<Committed>> JournalGroup::Conclude(const absl::Status& update) {
  const bool written = update.ok();
  if (written && grew_) {
    context_.ledger->Install();
  } else {
    context_.ledger->Abandon();
  }
  if (!written && !nothing_to_write_) {
    entries_ = 0;
    policy_changed_ = false;
    // When none was judged, it is the group that was refused.
    return std::vector<absl::StatusOr<Committed>>(
        results_.empty() ? changes_.size() : results_.size(), update);
  }
  const Ledger::Newest newest = context_.ledger->newest();
  for (absl::StatusOr<Committed>& result : results_) {
    if (!result.ok()) continue;
    for (CommittedEntry& entry : result->entries) {
      entry.inclusion_path = context_.ledger->PathInGroup(entry.index);
    }
    result->tree_size = newest.head.size;
    result->checkpoint = newest.checkpoint;
  }
  return std::move(results_);
}

}  // namespace naru
