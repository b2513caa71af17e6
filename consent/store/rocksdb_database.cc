#include "consent/store/rocksdb_database.h"

#include <rocksdb/listener.h>

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/store/big_endian.h"
#include "consent/store/wal_continuity.h"
#include "glog/logging.h"

// Part of the format on disk: the column family "default" holds one row,
//
//   "head" -> update(8) ledger size(8) ledger root(32)
//
// big-endian: the number of the update that wrote it, counted from 1, and where the ledger stands
// after it.
namespace naru {
namespace {

constexpr char kHeadKey[] = "head";

std::string EncodeHead(const HeadFile::Content& head) {
  std::string row;
  AppendBigEndian(row, head.update);
  AppendBigEndian(row, head.ledger.size);
  row += head.ledger.root;
  return row;
}

absl::StatusOr<HeadFile::Content> ReadHead(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* own) {
  std::string row;
  const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), own, kHeadKey, &row);
  if (status.IsNotFound()) return HeadFile::Empty();
  if (!status.ok()) return FromRocksDb(status, "the store's head");
  constexpr size_t kRootAt = 16;
  if (row.size() != kRootAt + crypto::kHashBytes) return DataDamaged("the store's head");
  return HeadFile::Content{{ReadBigEndian<uint64_t>(row, 8), row.substr(kRootAt)},
                           ReadBigEndian<uint64_t>(row, 0)};
}

// Whether a store that ends with `head` reaches what HEAD confirms.
absl::Status CheckReach(const HeadFile::Content& head, const HeadFile::Content& confirmed) {
  if (head.update < confirmed.update) {
    return DataDamaged(absl::StrCat(
        "the store ends with update ", head.update, " and ", head.ledger.size,
        " ledger entries, HEAD confirms update ", confirmed.update, " and ", confirmed.ledger.size,
        " entries. Keep a copy of the directory before anything is tried"));
  }
  if (head.update == confirmed.update &&
      (head.ledger.size != confirmed.ledger.size || head.ledger.root != confirmed.ledger.root)) {
    return DataDamaged(absl::StrCat("store and HEAD do not belong together: after update ",
                                    head.update, " the ledger has ", head.ledger.size,
                                    " entries in the store, ", confirmed.ledger.size,
                                    " in HEAD, and another root"));
  }
  return absl::OkStatus();
}

// Numbers of the log files that are not empty.
absl::StatusOr<std::set<uint64_t>> LogFiles(const std::string& path) {
  std::set<uint64_t> logs;
  std::error_code error;
  for (std::filesystem::directory_iterator file(path, error), end; !error && file != end;
       file.increment(error)) {
    const std::string name = file->path().filename().string();
    absl::string_view digits = name;
    uint64_t number;
    if (!absl::ConsumeSuffix(&digits, ".log") || !absl::SimpleAtoi(digits, &number)) continue;
    const uintmax_t size = file->file_size(error);
    if (!error && size > 0) logs.insert(number);
  }
  if (error) {
    LOG(ERROR) << "cannot list " << path << ": " << error.message();
    return InternalFault("the store's directory cannot be read");
  }
  return logs;
}

absl::Status OpenError(const rocksdb::Status& status, const std::string& path) {
  if (status.IsIOError() && absl::StrContains(status.ToString(), "/LOCK")) {
    LOG(ERROR) << "RocksDB: " << status.ToString();
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is in use by another process: a store has one user at a time"));
  }
  // A file or a table that the database names and that is not there, or a manifest that makes no
  // sense.
  if (status.IsPathNotFound() || status.IsNotFound() || status.IsInvalidArgument() ||
      absl::StrContains(status.ToString(), "No such file")) {
    LOG(ERROR) << "RocksDB: " << status.ToString();
    return DataDamaged("a part of the store is missing; the log has the details");
  }
  return FromRocksDb(status, "the store cannot be opened; the log has the details");
}

}  // namespace

// Errors that no caller gets, because they happen behind flushes and compactions.
class RocksDbDatabase::ErrorLog : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override {
    LOG(ERROR) << "RocksDB in the background, reason " << static_cast<int>(reason) << ": "
               << status->ToString();
  }
};

absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view what) {
  LOG(ERROR) << what << ": RocksDB: " << status.ToString();
  return status.IsCorruption() ? DataDamaged(what) : InternalFault(what);
}

bool RocksDbDatabase::Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path + "/CURRENT", ignored);
}

absl::StatusOr<std::unique_ptr<RocksDbDatabase>> RocksDbDatabase::Open(
    const std::string& path, const RocksDbSettings& settings, const HeadFile::Content& confirmed) {
  // A database of which HEAD knows nothing is new, or its making was interrupted.
  const bool make = confirmed.update == 0;
  if (!make) {
    if (!Exists(path)) {
      return DataDamaged(absl::StrCat("there is no store in ", path, ", and HEAD confirms ",
                                      confirmed.update, " updates. Bring the directory back from ",
                                      "its disk, or restore store and HEAD from one backup"));
    }
    ABSL_RETURN_IF_ERROR(CheckLog(path, settings, confirmed));
  }
  rocksdb::DBOptions options = MakeDbOptions(settings);
  options.create_if_missing = make;
  options.create_missing_column_families = make;
  options.listeners.push_back(std::make_shared<ErrorLog>());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(options, path, MakeColumnFamilies(settings), &handles, &db);
  if (!status.ok()) return OpenError(status, path);

  auto database = absl::WrapUnique(new RocksDbDatabase);
  database->db_.reset(db);
  CHECK_EQ(handles.size(), database->handles_.size());
  for (size_t i = 0; i < handles.size(); ++i) database->handles_[i].reset(handles[i]);
  ABSL_ASSIGN_OR_RETURN(database->head_, ReadHead(*db, handles.front()));
  ABSL_RETURN_IF_ERROR(CheckReach(database->head_, confirmed));
  return database;
}

// To open for writing would drop what RocksDB cannot read and with it every chance to mend the log.
// So the log is replayed in memory first.
absl::Status RocksDbDatabase::CheckLog(const std::string& path, const RocksDbSettings& settings,
                                       const HeadFile::Content& confirmed) {
  ABSL_ASSIGN_OR_RETURN(std::set<uint64_t> logs, LogFiles(path));
  WalContinuity continuity(std::move(logs));
  rocksdb::DBOptions options = MakeDbOptions(settings);
  options.wal_filter = &continuity;
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* opened_db = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(
      options, path, MakeColumnFamilies(settings), &opened, &opened_db);
  const std::unique_ptr<rocksdb::DB> db(opened_db);
  std::vector<std::unique_ptr<rocksdb::ColumnFamilyHandle>> handles;
  for (rocksdb::ColumnFamilyHandle* handle : opened) handles.emplace_back(handle);
  if (!continuity.gap().empty()) {
    LOG(ERROR) << "the store's log has a gap: " << continuity.gap();
    return DataDamaged(
        absl::StrCat("updates are missing in the middle of the store's log: ", continuity.gap(),
                     ". Keep a copy of the directory before anything is tried"));
  }
  if (!status.ok()) return OpenError(status, path);
  ABSL_ASSIGN_OR_RETURN(const HeadFile::Content head, ReadHead(*db, handles.front().get()));
  return CheckReach(head, confirmed);
}

RocksDbDatabase::~RocksDbDatabase() {
  for (auto& handle : handles_) handle.reset();
  const rocksdb::Status status = db_->Close();
  LOG_IF(ERROR, !status.ok()) << "RocksDB at close: " << status.ToString();
}

rocksdb::ColumnFamilyHandle* RocksDbDatabase::table(Table table) const {
  const size_t index = 1 + static_cast<size_t>(table);
  CHECK_LT(index, handles_.size());
  return handles_[index].get();
}

rocksdb::Status RocksDbDatabase::Commit(rocksdb::WriteBatch* batch,
                                        const std::optional<LedgerHead>& ledger) {
  HeadFile::Content head{ledger.value_or(head_.ledger), head_.update + 1};
  rocksdb::Status status = batch->Put(handles_.front().get(), kHeadKey, EncodeHead(head));
  if (status.ok()) status = db_->Write(MakeWriteOptions(), batch);
  if (status.ok()) head_ = std::move(head);
  return status;
}

}  // namespace naru
