#ifndef NARU_CONSENT_ENTRY_WINDOW_H_
#define NARU_CONSENT_ENTRY_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "consent/ledger/ledger.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {

// True when the entry may be shown to the agency: it is its requester, its holder or the caller.
bool Names(const v1::OuterEntry& entry, absl::string_view agency);

// Finds the entries that name an agency, in ledger order. Each of the newest entries is read from
// the ledger once, however many agencies follow; a reader far behind reads for itself. Thread-safe;
// reads the ledger: not on a gRPC thread.
class EntryWindow {
 public:
  // Remembers the parties of at most `size` entries. `ledger` must outlive the window.
  EntryWindow(const Ledger* ledger, size_t size) : ledger_(ledger), size_(size) {}

  struct Found {
    std::vector<uint64_t> indexes;
    // Where the next look begins; the ledger's size when there is nothing more.
    uint64_t next = 0;
  };
  // Looks at entries from `from` on, at most limits::kWatchEntriesRead of them. An entry whose term
  // ended names nobody any more and is passed over.
  absl::StatusOr<Found> Find(absl::string_view agency, uint64_t from) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Parties {
    std::string requester;
    std::string holder;
    std::string caller;
  };

  absl::StatusOr<v1::OuterEntry> ReadOuter(uint64_t index) const;
  absl::StatusOr<Found> FindInLedger(absl::string_view agency, uint64_t from, uint64_t end) const;
  absl::Status FillTo(uint64_t size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Ledger* const ledger_;
  const size_t size_;
  absl::Mutex mu_;
  uint64_t begin_ ABSL_GUARDED_BY(mu_) = 0;  // Index of the first that is remembered.
  std::deque<Parties> parties_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_CONSENT_ENTRY_WINDOW_H_
