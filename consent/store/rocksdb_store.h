#ifndef NARU_CONSENT_STORE_ROCKSDB_STORE_H_
#define NARU_CONSENT_STORE_ROCKSDB_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/clock.h"
#include "consent/store/directory_lock.h"
#include "consent/store/free_space_guard.h"
#include "consent/store/head_file.h"
#include "consent/store/rocksdb_database.h"
#include "consent/store/rocksdb_settings.h"
#include "consent/store/store.h"

namespace naru {

// The embedded engine: RocksDB, one process, one writer. An update that returned OK is on the disk,
// and HEAD, in another directory, says so. An error while writing leaves nobody knowing what is on
// the disk, so it ends the process (FATAL); the next start finds out. Thread-safe.
//
//   <data_directory>/store/    RocksDB's files
//   <data_directory>/BALLAST   space that an operator can have at once by deleting the file; made
//   again at the next open
//                              that finds room
//   <head_directory>/HEAD      see head_file.cc
class RocksDbStore : public Store {
 public:
  struct Options {
    // Made when missing.
    std::string data_directory;
    // Made when missing; not in data_directory, best on another disk.
    std::string head_directory;
    // Must outlive the store.
    Clock* clock = nullptr;
    // Updates are refused when less would stay free in data_directory. At least three times
    // settings.write_buffer_bytes is sensible: RocksDB takes a log's space in advance and writes
    // table files in the background.
    uint64_t min_free_bytes = uint64_t{256} << 20;
    // Size of the ballast; 0 for none.
    uint64_t ballast_bytes = uint64_t{64} << 20;
    RocksDbSettings settings;
    // Opens a store whose HEAD is lost and makes a new one that confirms what is found. For an
    // operator who has compared the ledger with its last published checkpoint.
    bool adopt_without_head = false;
  };

  // Opens the store, or makes a new one when neither store nor HEAD is there.
  // FAILED_PRECONDITION for directories that do not do or are in use. RESOURCE_EXHAUSTED when the
  // disk is too full to replay the log, even without ballast. DATA_LOSS when HEAD is missing or
  // damaged, or when the store does not reach as far as HEAD confirms; nothing is changed then.
  // INTERNAL for anything else; the log has the details.
  static absl::StatusOr<std::unique_ptr<RocksDbStore>> Open(const Options& options);

  // Reads see the newest committed rows. A Scan sees one moment; two calls may see two.
  absl::StatusOr<std::optional<std::string>> Get(Table table, absl::string_view key) const override;
  absl::StatusOr<std::vector<Row>> Scan(Table table, absl::string_view from, absl::string_view to,
                                        int limit) const override;
  // `locks` is not looked at: one writer at a time is allowed in, and it stays through the sync.
  absl::Status Update(std::vector<std::string> locks, const Judge& judge) override;
  std::optional<LedgerHead> HeadAtOpen() const override { return head_at_open_; }

 private:
  RocksDbStore(const Options& options, std::optional<LedgerHead> head_at_open,
               std::unique_ptr<DirectoryLock> data_lock, std::unique_ptr<DirectoryLock> head_lock,
               std::unique_ptr<HeadFile> head, std::unique_ptr<RocksDbDatabase> database);

  rocksdb::WriteBatch MakeBatch(const Writes& writes) const;

  const uint64_t min_free_bytes_;
  const std::unique_ptr<DirectoryLock> data_lock_;
  const std::unique_ptr<DirectoryLock> head_lock_;
  const std::optional<LedgerHead> head_at_open_;
  // The one writer's.
  absl::Mutex writer_mu_;
  const std::unique_ptr<HeadFile> head_ ABSL_PT_GUARDED_BY(writer_mu_);
  // Read by everybody, committed to by the writer.
  const std::unique_ptr<RocksDbDatabase> database_;
  FreeSpaceGuard guard_ ABSL_GUARDED_BY(writer_mu_);
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_ROCKSDB_STORE_H_
