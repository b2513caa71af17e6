#ifndef NARU_CONSENT_STORE_MEMORY_STORE_H_
#define NARU_CONSENT_STORE_MEMORY_STORE_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "consent/store/store.h"

namespace naru {

// A store in memory, for tests and simulations: ordered maps, one writer, nothing durable. Behaves
// as store_conformance.h says, and on top of that does what a test wants to see survived: it fails,
// stalls, crashes and decays when told. Thread-safe.
class MemoryStore : public Store {
 public:
  struct Options {
    // Calls every judge twice and takes the second answer, as an engine that retries would: finds
    // judges that are not pure.
    bool judge_twice = false;
  };

  MemoryStore() : MemoryStore(Options{}) {}
  explicit MemoryStore(Options options) : options_(options) {}
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(Table table, absl::string_view key) const override;
  absl::StatusOr<std::vector<Row>> Scan(Table table, absl::string_view from, absl::string_view to,
                                        int limit) const override;
  absl::Status Update(std::vector<std::string> locks, const Judge& judge) override;
  std::optional<LedgerHead> HeadAtOpen() const override { return head_at_open_; }

  // What a restart would find at this moment: a store of its own with the same rows, whose
  // HeadAtOpen is the newest head. Faults and damage are not copied.
  std::unique_ptr<MemoryStore> Clone() const;

  // --- Faults ---
  // Updates are counted from 1 in the order in which they take the lock; those that the judge ends
  // count too.
  uint64_t updates() const;
  // The update with this number returns `error` after its judge agreed, without effect (as for a
  // full disk).
  void FailUpdate(uint64_t number, absl::Status error);
  // The update with this number waits after its judge agreed, as if the disk were slow, until
  // Resume. Reads go on.
  void StallUpdate(uint64_t number);
  // Waits until an update stalls.
  void AwaitStalled() const;
  // Lets the stalled update go on, or takes StallUpdate back if none has stalled yet.
  void Resume();
  // Replaces a row (nullopt deletes it) behind the back of everybody, as bad storage or an intruder
  // would.
  void Tamper(Table table, const std::string& key, std::optional<std::string> value);
  // Every read of the row gives DATA_LOSS from now on.
  void Damage(Table table, const std::string& key);
  // What HeadAtOpen of a Clone will say.
  void TamperHead(std::optional<LedgerHead> head);

 private:
  using Rows = std::array<std::map<std::string, std::string, std::less<>>, kTables>;

  // What the faults say of the update with this number; waits if it is to stall.
  absl::Status Suffer(uint64_t number);

  const Options options_;
  std::optional<LedgerHead> head_at_open_;
  // Held through an update; before mu_.
  absl::Mutex writer_mu_ ABSL_ACQUIRED_BEFORE(mu_);
  mutable absl::Mutex mu_;
  Rows rows_ ABSL_GUARDED_BY(mu_);
  std::set<std::pair<Table, std::string>> damaged_ ABSL_GUARDED_BY(mu_);
  std::optional<LedgerHead> head_ ABSL_GUARDED_BY(mu_);
  uint64_t updates_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<uint64_t, absl::Status> failures_ ABSL_GUARDED_BY(mu_);
  std::optional<uint64_t> stall_ ABSL_GUARDED_BY(mu_);
  bool stalled_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_MEMORY_STORE_H_
