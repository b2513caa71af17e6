#ifndef NARU_CONSENT_STORE_ROCKSDB_DATABASE_H_
#define NARU_CONSENT_STORE_ROCKSDB_DATABASE_H_

#include <rocksdb/db.h>
#include <rocksdb/status.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consent/store/head_file.h"
#include "consent/store/rocksdb_settings.h"
#include "consent/store/store.h"

namespace naru {

// Logs what RocksDB says and gives what callers may see: DATA_LOSS for damage, INTERNAL for the
// rest. `what` names the thing, never its content. `status` is not OK.
absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view what);

// RocksDB's files in one directory, with a column family for each table and a row of the engine's
// own that travels in every batch and says what HEAD is to say after it. Thread-safe but for Commit
// and head, which are the one writer's.
class RocksDbDatabase {
 public:
  // Whether RocksDB was ever opened in `path`.
  static bool Exists(const std::string& path);

  // Opens the database, or makes it if there is none. Looks through the log first without changing
  // anything: DATA_LOSS when updates are missing in the middle, when it ends before what HEAD
  // confirms or is another store's than HEAD, or when RocksDB finds damage. FAILED_PRECONDITION
  // when another process has it open.
  static absl::StatusOr<std::unique_ptr<RocksDbDatabase>> Open(const std::string& path,
                                                               const RocksDbSettings& settings,
                                                               const HeadFile::Content& confirmed);
  // Closes the database. Iterators must be gone.
  ~RocksDbDatabase();
  RocksDbDatabase(const RocksDbDatabase&) = delete;
  RocksDbDatabase& operator=(const RocksDbDatabase&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* table(Table table) const;

  // The last update and where it left the ledger; update 0 for a new database.
  const HeadFile::Content& head() const { return head_; }

  // Writes the batch as one more update, synced; `ledger` is where it leaves the ledger, nullopt
  // when that does not change.
  rocksdb::Status Commit(rocksdb::WriteBatch* batch, const std::optional<LedgerHead>& ledger);

 private:
  using Handles = std::array<std::unique_ptr<rocksdb::ColumnFamilyHandle>, 1 + kTables>;
  class ErrorLog;

  RocksDbDatabase() = default;
  static absl::Status CheckLog(const std::string& path, const RocksDbSettings& settings,
                               const HeadFile::Content& confirmed);

  // Outlives its handles.
  std::unique_ptr<rocksdb::DB> db_;
  // RocksDB's "default" first, then the tables.
  Handles handles_;
  HeadFile::Content head_;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_ROCKSDB_DATABASE_H_
