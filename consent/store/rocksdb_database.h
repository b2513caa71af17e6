#ifndef NARU_CONSENT_STORE_ROCKSDB_DATABASE_H_
#define NARU_CONSENT_STORE_ROCKSDB_DATABASE_H_

#include <rocksdb/db.h>
#include <rocksdb/status.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consent/store/rocksdb_settings.h"
#include "consent/store/store.h"

namespace naru {

// Logs what RocksDB says and gives what callers may see: DATA_LOSS for damage, INTERNAL for the
// rest. `what` names the thing, never its content. `status` is not OK.
absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view what);

// RocksDB's files in one directory, with a column family for each table and the number of updates
// made so far, which travels in every batch. Thread-safe but for the counting of updates, which is
// the one writer's.
class RocksDbDatabase {
 public:
  // Whether RocksDB was ever opened in `path`.
  static bool Exists(const std::string& path);

  // Opens the database, or makes it if there is none. Looks through the log first without changing
  // anything: DATA_LOSS when updates are missing in the middle, when it ends before update
  // `at_least`, or when RocksDB finds damage. FAILED_PRECONDITION when another process has it open.
  static absl::StatusOr<std::unique_ptr<RocksDbDatabase>> Open(const std::string& path,
                                                               const RocksDbSettings& settings,
                                                               uint64_t at_least);
  // Closes the database. Iterators must be gone.
  ~RocksDbDatabase();
  RocksDbDatabase(const RocksDbDatabase&) = delete;
  RocksDbDatabase& operator=(const RocksDbDatabase&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* table(Table table) const;

  // Updates so far; 0 for a new database.
  uint64_t updates() const { return updates_; }

  // Writes the batch and the new number of updates, synced.
  rocksdb::Status Commit(rocksdb::WriteBatch* batch);

 private:
  using Handles = std::array<std::unique_ptr<rocksdb::ColumnFamilyHandle>, 1 + kTables>;
  class ErrorLog;

  RocksDbDatabase() = default;
  static absl::Status CheckLog(const std::string& path, const RocksDbSettings& settings,
                               uint64_t at_least);
  static absl::StatusOr<uint64_t> ReadUpdates(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* own);

  // Outlives its handles.
  std::unique_ptr<rocksdb::DB> db_;
  // RocksDB's "default" first, then the tables.
  Handles handles_;
  uint64_t updates_ = 0;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_ROCKSDB_DATABASE_H_
