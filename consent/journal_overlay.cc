#include "consent/journal_overlay.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "broker/base/status_macros.h"

namespace naru {

absl::StatusOr<std::optional<std::string>> JournalOverlay::Get(Table table,
                                                               absl::string_view key) const {
  const Rows& rows = tables_[static_cast<int>(table)];
  const auto row = rows.find(key);
  if (row == rows.end()) return below_->Get(table, key);
  return row->second;
}

absl::StatusOr<std::vector<Row>> JournalOverlay::Scan(Table table, absl::string_view from,
                                                      absl::string_view to, int limit) const {
  CHECK(limit >= 1 && limit <= kScanRows) << "limit " << limit;
  const Rows& rows = tables_[static_cast<int>(table)];
  auto here = rows.lower_bound(from);
  if (here == rows.end() || here->first >= to) return below_->Scan(table, from, to, limit);

  const size_t wanted = static_cast<size_t>(limit);
  std::vector<Row> merged;
  std::string next(from);
  for (bool more_below = true; more_below && merged.size() < wanted;) {
    // A row below may be deleted here, so a page is the whole limit: rarely is another one needed.
    ABSL_ASSIGN_OR_RETURN(std::vector<Row> below, below_->Scan(table, next, to, limit));
    more_below = below.size() == wanted;
    // This page says everything about the keys before `end`.
    std::string end = more_below ? below.back().key + '\0' : std::string(to);
    auto row = below.begin();
    while (merged.size() < wanted) {
      const bool is_here = here != rows.end() && here->first < end;
      if (row == below.end() && !is_here) break;
      if (!is_here || (row != below.end() && row->key < here->first)) {
        merged.push_back(std::move(*row++));
        continue;
      }
      if (row != below.end() && row->key == here->first) ++row;
      if (here->second.has_value()) merged.push_back({here->first, *here->second});
      ++here;
    }
    next = std::move(end);
  }
  return merged;
}

void JournalOverlay::Put(Writes::Write write) {
  tables_[static_cast<int>(write.table)].insert_or_assign(std::move(write.key),
                                                          std::move(write.value));
}

bool JournalOverlay::Wrote(Table table, absl::string_view key) const {
  return tables_[static_cast<int>(table)].contains(key);
}

bool JournalOverlay::OnlyDeletes() const {
  return std::all_of(tables_.begin(), tables_.end(), [](const Rows& rows) {
    return std::none_of(rows.begin(), rows.end(),
                        [](const auto& row) { return row.second.has_value(); });
  });
}

void JournalOverlay::MoveTo(JournalOverlay& target) {
  for (Writes::Write& write : Take()) target.Put(std::move(write));
}

std::vector<Writes::Write> JournalOverlay::Take() {
  std::vector<Writes::Write> writes;
  for (int table = 0; table < kTables; ++table) {
    for (auto& [key, value] : tables_[table]) {
      writes.push_back({static_cast<Table>(table), key, std::move(value)});
    }
    tables_[table].clear();
  }
  return writes;
}

}  // namespace naru
