#include "consent/check_notes.h"

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "broker/base/limits.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

// One CHECKS entry and the persons it is about.
struct Entry {
  v1::OuterEntry outer;
  std::set<SubjectId> subjects;
};

absl::StatusOr<Verdict> EnterChecks(const std::vector<Entry>& entries, uint64_t next_index) {
  Verdict verdict;
  for (const Entry& entry : entries) {
    EntryDraft draft;
    draft.outer = entry.outer;
    draft.in_person_order = false;
    verdict.entries.push_back(std::move(draft));
    storage::v1::HistoryRow row;
    row.set_ledger_index(next_index);
    for (const SubjectId& subject : entry.subjects) {
      verdict.writes.push_back(
          {Table::kRows, keys::PersonHistory(subject, next_index), row.SerializeAsString()});
    }
    ++next_index;
  }
  return verdict;
}

}  // namespace

bool CheckNotes::Note(const std::string& requester, const std::string& caller,
                      const std::string& consent_id, const SubjectId& subject,
                      v1::RefusalReason reason) {
  Key key(requester, caller, consent_id, reason);
  auto line = lines_.find(key);
  if (line == lines_.end()) {
    if (lines_.size() >= limits::kCheckNotes) return false;
    line = lines_.try_emplace(std::move(key), Line{subject, 0}).first;
  }
  ++line->second.count;
  return true;
}

void CheckNotes::PutBack(const CheckNotes& notes) {
  for (const auto& [key, line] : notes.lines_) {
    lines_.try_emplace(key, Line{line.subject, 0}).first->second.count += line.count;
  }
}

Change CheckNotes::MakeChange() const {
  // In order, so that the same notes make the same entries.
  const std::map<Key, Line> lines(lines_.begin(), lines_.end());
  auto entries = std::make_shared<std::vector<Entry>>();
  for (const auto& [key, line] : lines) {
    const auto& [requester, caller, consent_id, reason] = key;
    if (entries->empty() || entries->back().outer.requester() != requester ||
        entries->back().outer.caller() != caller ||
        entries->back().outer.checks_size() == limits::kChecksPerEntry) {
      v1::OuterEntry& outer = entries->emplace_back().outer;
      outer.set_kind(v1::ENTRY_KIND_CHECKS);
      outer.set_requester(requester);
      outer.set_caller(caller);
    }
    v1::CheckNote* const note = entries->back().outer.add_checks();
    note->set_consent_id(consent_id);
    note->set_refusal_reason(reason);
    note->set_count(line.count);
    if (!line.subject.empty()) entries->back().subjects.insert(line.subject);
  }
  Change change;
  change.judge = [entries](const Reader&, const JudgeContext& context) {
    return EnterChecks(*entries, context.next_index);
  };
  return change;
}

}  // namespace naru
