#include "consent/entry_window.h"

#include <algorithm>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

// The agency of a caller "agency:service".
absl::string_view AgencyOf(absl::string_view caller) { return caller.substr(0, caller.find(':')); }

}  // namespace

bool Names(const v1::OuterEntry& entry, absl::string_view agency) {
  return entry.requester() == agency || entry.holder() == agency ||
         AgencyOf(entry.caller()) == agency;
}

absl::StatusOr<v1::OuterEntry> EntryWindow::ReadOuter(uint64_t index) const {
  absl::StatusOr<storage::v1::RecordRow> row = ledger_->Record(index);
  v1::OuterEntry outer;
  if (absl::IsNotFound(row.status())) return outer;
  if (!row.ok()) return std::move(row).status();
  if (!outer.ParseFromString(row->outer())) return DataDamaged("an entry cannot be read");
  return outer;
}

absl::StatusOr<EntryWindow::Found> EntryWindow::FindInLedger(absl::string_view agency,
                                                             uint64_t from, uint64_t end) const {
  Found found;
  found.next = std::min<uint64_t>(end, from + limits::kWatchEntriesRead);
  for (uint64_t index = from; index < found.next; ++index) {
    ABSL_ASSIGN_OR_RETURN(const v1::OuterEntry outer, ReadOuter(index));
    if (Names(outer, agency)) found.indexes.push_back(index);
  }
  return found;
}

absl::Status EntryWindow::FillTo(uint64_t size) {
  // The first look, or nobody looked for long: begins anew at the end.
  if (begin_ + parties_.size() + limits::kWatchEntriesRead < size) {
    parties_.clear();
    begin_ = size - limits::kWatchEntriesRead;
  }
  while (begin_ + parties_.size() < size) {
    ABSL_ASSIGN_OR_RETURN(const v1::OuterEntry outer, ReadOuter(begin_ + parties_.size()));
    parties_.push_back({outer.requester(), outer.holder(), std::string(AgencyOf(outer.caller()))});
    if (parties_.size() > size_) {
      parties_.pop_front();
      ++begin_;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<EntryWindow::Found> EntryWindow::Find(absl::string_view agency, uint64_t from) {
  const uint64_t size = ledger_->head().size;
  if (from >= size) return Found{{}, from};
  uint64_t begin = 0;
  {
    absl::MutexLock lock(&mu_);
    ABSL_RETURN_IF_ERROR(FillTo(size));
    begin = begin_;
    if (from >= begin) {
      Found found;
      found.next = std::min<uint64_t>(size, from + limits::kWatchEntriesRead);
      for (uint64_t index = from; index < found.next; ++index) {
        const Parties& parties = parties_[index - begin_];
        if (parties.requester == agency || parties.holder == agency || parties.caller == agency) {
          found.indexes.push_back(index);
        }
      }
      return found;
    }
  }
  return FindInLedger(agency, from, begin);
}

}  // namespace naru
