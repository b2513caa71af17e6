#ifndef NARU_CONSENT_JOURNAL_OVERLAY_H_
#define NARU_CONSENT_JOURNAL_OVERLAY_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consent/store/store.h"

namespace naru {

// Rows that are decided but not written yet, over the rows below them: what the later changes of a
// group see of the earlier ones. Overlays stack, so that a change whose entries cannot be made
// leaves nothing behind. Not thread-safe.
class JournalOverlay : public Reader {
 public:
  // `below` must outlive the overlay.
  explicit JournalOverlay(const Reader* below) : below_(below) {}

  absl::StatusOr<std::optional<std::string>> Get(Table table, absl::string_view key) const override;
  absl::StatusOr<std::vector<Row>> Scan(Table table, absl::string_view from, absl::string_view to,
                                        int limit) const override;

  // The last write of a key counts.
  void Put(Writes::Write write);

  // True when the key was written here.
  bool Wrote(Table table, absl::string_view key) const;
  // True when nothing, or nothing but deletions, was written here.
  bool OnlyDeletes() const;

  // Moves everything that was written here into `target`.
  void MoveTo(JournalOverlay& target);
  // Everything that was written here, each key once; the overlay is then empty.
  std::vector<Writes::Write> Take();

 private:
  using Rows = absl::btree_map<std::string, std::optional<std::string>>;

  const Reader* const below_;
  std::array<Rows, kTables> tables_;
};

}  // namespace naru

#endif  // NARU_CONSENT_JOURNAL_OVERLAY_H_
