#include "consent/store/rocksdb_store.h"

#include <rocksdb/iterator.h>
#include <rocksdb/slice.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "consent/store/ballast.h"
#include "glog/logging.h"

namespace naru {
namespace {

// What an open writes beside the replayed log: manifest, new log, RocksDB's own log.
constexpr uint64_t kRoomToOpen = 4 << 20;

rocksdb::Slice ToSlice(absl::string_view bytes) { return {bytes.data(), bytes.size()}; }

absl::StatusOr<std::string> CanonicalPath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path canonical = std::filesystem::weakly_canonical(path, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot resolve ", path, ": ", error.message()));
  }
  return canonical.string();
}

absl::Status CheckDirectories(const RocksDbStore::Options& options) {
  if (options.data_directory.empty() || options.head_directory.empty()) {
    return absl::FailedPreconditionError("data_directory and head_directory must be set");
  }
  ABSL_ASSIGN_OR_RETURN(const std::string data, CanonicalPath(options.data_directory));
  ABSL_ASSIGN_OR_RETURN(const std::string head, CanonicalPath(options.head_directory));
  if (absl::StartsWith(absl::StrCat(head, "/"), absl::StrCat(data, "/"))) {
    return absl::FailedPreconditionError(
        absl::StrCat("head_directory ", head, " lies in data_directory ", data,
                     ": what happens to the store would happen to HEAD, which must tell of it"));
  }
  return absl::OkStatus();
}

// Bytes that replaying the log may write as table files.
uint64_t ReplayBytes(const std::string& path) {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator file(path, error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() != ".log") continue;
    const uintmax_t size = file->file_size(error);
    if (!error) bytes += size;
  }
  return bytes;
}

// Opens HEAD and the database beside it, or makes both. Afterwards HEAD confirms all that the
// database has. Gives what HEAD said before.
absl::StatusOr<HeadFile::Content> OpenBoth(const RocksDbStore::Options& options,
                                           const std::string& path, std::unique_ptr<HeadFile>& head,
                                           std::unique_ptr<RocksDbDatabase>& database) {
  ABSL_ASSIGN_OR_RETURN(head, HeadFile::Open(options.head_directory));
  const HeadFile::Content confirmed = head == nullptr ? HeadFile::Empty() : head->content();
  ABSL_ASSIGN_OR_RETURN(database, RocksDbDatabase::Open(path, options.settings, confirmed));
  const HeadFile::Content& found = database->head();
  if (head != nullptr) {
    // A crash between the store's sync and HEAD's left one update that nobody was told of. From now
    // on it is seen, so its loss must be noticed.
    if (found.update > confirmed.update) ABSL_RETURN_IF_ERROR(head->Write(found));
    return confirmed;
  }
  if (found.update > 0 && !options.adopt_without_head) {
    return DataDamaged(absl::StrCat(
        HeadFile::kName, " is missing in ", options.head_directory, ", and the store in ", path,
        " has ", found.update, " updates and ", found.ledger.size,
        " ledger entries. Bring the file back from its disk, or restore store and HEAD from one ",
        "backup. If HEAD is lost for good, compare the ledger with its last published checkpoint ",
        "and run naru-broker once with --adopt-without-head"));
  }
  LOG_IF(WARNING, found.update > 0)
      << "making a new HEAD for a store with " << found.update << " updates";
  // After the database: a crash in between leaves a store without updates and without HEAD, which
  // is a new one.
  ABSL_ASSIGN_OR_RETURN(head, HeadFile::Create(options.head_directory, found));
  return confirmed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(const Options& options) {
  CHECK(options.clock != nullptr);
  ABSL_RETURN_IF_ERROR(CheckDirectories(options));
  const std::string path = absl::StrCat(options.data_directory, "/store");
  ABSL_RETURN_IF_ERROR(MakeDirectories(path));
  ABSL_RETURN_IF_ERROR(MakeDirectories(options.head_directory));
  ABSL_ASSIGN_OR_RETURN(auto data_lock, DirectoryLock::Take(options.data_directory));
  ABSL_ASSIGN_OR_RETURN(auto head_lock, DirectoryLock::Take(options.head_directory));

  // On a full disk Debian's RocksDB ends the process, at every start again.
  ABSL_RETURN_IF_ERROR(MakeRoom(options.data_directory, ReplayBytes(path) + kRoomToOpen));
  std::unique_ptr<HeadFile> head;
  std::unique_ptr<RocksDbDatabase> database;
  ABSL_ASSIGN_OR_RETURN(const HeadFile::Content confirmed, OpenBoth(options, path, head, database));
  ABSL_RETURN_IF_ERROR(
      PrepareBallast(options.data_directory, options.ballast_bytes, options.min_free_bytes));
  std::optional<LedgerHead> head_at_open;
  if (confirmed.ledger.size > 0) head_at_open = confirmed.ledger;
  return absl::WrapUnique(new RocksDbStore(options, std::move(head_at_open), std::move(data_lock),
                                           std::move(head_lock), std::move(head),
                                           std::move(database)));
}

RocksDbStore::RocksDbStore(const Options& options, std::optional<LedgerHead> head_at_open,
                           std::unique_ptr<DirectoryLock> data_lock,
                           std::unique_ptr<DirectoryLock> head_lock, std::unique_ptr<HeadFile> head,
                           std::unique_ptr<RocksDbDatabase> database)
    : min_free_bytes_(options.min_free_bytes),
      data_lock_(std::move(data_lock)),
      head_lock_(std::move(head_lock)),
      head_at_open_(std::move(head_at_open)),
      head_(std::move(head)),
      database_(std::move(database)),
      guard_(options.clock, options.min_free_bytes,
             [directory = options.data_directory] { return FreeBytes(directory); }) {}

absl::StatusOr<std::optional<std::string>> RocksDbStore::Get(Table table,
                                                             absl::string_view key) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      database_->db().Get(rocksdb::ReadOptions(), database_->table(table), ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return FromRocksDb(status, "a row");
  return std::string(value.data(), value.size());
}

absl::StatusOr<std::vector<Row>> RocksDbStore::Scan(Table table, absl::string_view from,
                                                    absl::string_view to, int limit) const {
  CHECK(limit >= 1 && limit <= kScanRows) << "limit " << limit;
  std::vector<Row> rows;
  if (from >= to) return rows;
  const rocksdb::Slice upper_bound = ToSlice(to);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const std::unique_ptr<rocksdb::Iterator> row(
      database_->db().NewIterator(options, database_->table(table)));
  for (row->Seek(ToSlice(from)); row->Valid() && rows.size() < static_cast<size_t>(limit);
       row->Next()) {
    rows.push_back({row->key().ToString(), row->value().ToString()});
  }
  if (!row->status().ok()) return FromRocksDb(row->status(), "rows");
  return rows;
}

rocksdb::WriteBatch RocksDbStore::MakeBatch(const Writes& writes) const {
  rocksdb::WriteBatch batch(/*reserved_bytes=*/0, /*max_bytes=*/0, kProtectionBytes,
                            /*default_cf_ts_sz=*/0);
  for (const Writes::Write& write : writes.rows) {
    CHECK(!write.key.empty());
    rocksdb::ColumnFamilyHandle* const table = database_->table(write.table);
    const rocksdb::Status status = write.value.has_value()
                                       ? batch.Put(table, write.key, *write.value)
                                       : batch.Delete(table, write.key);
    // Only a row too large for the format; nothing has been written.
    CHECK(status.ok()) << status.ToString();
  }
  return batch;
}

absl::Status RocksDbStore::Update(std::vector<std::string> /*locks*/, const Judge& judge) {
  absl::MutexLock writer(&writer_mu_);
  if (!guard_.HasRoom(0)) return StorageFull(static_cast<int64_t>(min_free_bytes_));
  ABSL_ASSIGN_OR_RETURN(const Writes writes, judge(*this));
  if (writes.rows.empty() && !writes.head.has_value()) return absl::OkStatus();
  rocksdb::WriteBatch batch = MakeBatch(writes);
  const uint64_t bytes = batch.GetDataSize();
  if (!guard_.HasRoom(bytes)) return StorageFull(static_cast<int64_t>(min_free_bytes_));

  const rocksdb::Status committed = database_->Commit(&batch, writes.head);
  // The bytes may be on the disk or not: to go on could answer from, or build on, what a restart
  // does not find.
  if (!committed.ok()) LOG(FATAL) << "an update failed: RocksDB: " << committed.ToString();
  guard_.Wrote(bytes);
  if (writes.head.has_value()) {
    const absl::Status confirmed = head_->Write(database_->head());
    if (!confirmed.ok()) LOG(FATAL) << "an update could not be confirmed: " << confirmed;
  }
  return absl::OkStatus();
}

}  // namespace naru
