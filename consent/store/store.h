#ifndef NARU_CONSENT_STORE_STORE_H_
#define NARU_CONSENT_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Where everything rests. Rows are byte strings under byte-string keys (built in keys.h alone) in
// five tables; each table is a column family or an SQL table of its own. Engines: MemoryStore,
// RocksDbStore (one writer); all pass store_conformance.h.
namespace naru {

// Part of the format on disk: never renumber.
enum class Table : uint8_t {
  kRows = 0,    // Consents, fetches, requests, indices. Keys begin with the shard.
  kChecks = 1,  // The small rows a check reads. Keys begin with the shard.
  kKeys =
      2,  // Look-up rows and wrapped data keys: what leads to a person. Keys begin with the shard.
  kLedger = 3,  // Records, leaf and node hashes. Keys begin with the ledger.
  kMeta = 4,    // Policy row, catalogue, approvals, ledger heads.
};
inline constexpr int kTables = 5;

// Rows of one Scan at most: more are read in pages, so that no reader holds much memory or a lock
// for long.
inline constexpr int kScanRows = 10000;

struct Row {
  std::string key;
  std::string value;
};

// Reads of one consistent state. Thread-safe unless an implementation says otherwise.
class Reader {
 public:
  virtual ~Reader() = default;
  // nullopt when there is no such row. DATA_LOSS when it does not match its checksum.
  virtual absl::StatusOr<std::optional<std::string>> Get(Table table,
                                                         absl::string_view key) const = 0;
  // Rows with from <= key < to in ascending order of key bytes, at most `limit` (1 to kScanRows),
  // all of one moment.
  virtual absl::StatusOr<std::vector<Row>> Scan(Table table, absl::string_view from,
                                                absl::string_view to, int limit) const = 0;
};

// Size and root of a ledger, as the durable HEAD says.
struct LedgerHead {
  uint64_t size = 0;
  std::string root;  // 32 bytes.
};

// What one Update writes: all or nothing. Keys are not empty; of two writes to one row the later
// counts.
struct Writes {
  struct Write {
    Table table;
    std::string key;
    std::optional<std::string> value;  // nullopt deletes.
  };
  std::vector<Write> rows;
  // Head of the ledger after this update; engines with a HEAD file make it durable before Update
  // returns.
  std::optional<LedgerHead> head;
};

// Decides what to write from what is there. Pure: may be called again with another state. A status
// other than OK ends the update without effect and is what Update returns.
using Judge = std::function<absl::StatusOr<Writes>(const Reader& state)>;

// Thread-safe.
class Store : public Reader {
 public:
  // Locks the named subjects in order of their bytes (an engine with one writer locks everything),
  // calls `judge`, makes its writes durable (synced, HEAD included) all or none. `locks` may
  // repeat. Any failure after the first byte may have been written ends the process: the outcome
  // would be unknown, and restart finds out. UNAVAILABLE / STORAGE_FULL when free space is under
  // the guard; nothing changed, reads go on.
  virtual absl::Status Update(std::vector<std::string> locks, const Judge& judge) = 0;

  // What HEAD said when the store was opened; nullopt for an engine without HEAD or a new store.
  virtual std::optional<LedgerHead> HeadAtOpen() const = 0;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_STORE_H_
