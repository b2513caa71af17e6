#include "consent/store/rocksdb_image.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "broker/base/clock.h"
#include "broker/base/file.h"
#include "consent/store/head_file.h"
#include "consent/store/rocksdb_database.h"
#include "consent/store/test_groups.h"
#include "glog/logging.h"

namespace naru {
namespace {

namespace fs = std::filesystem;

// Format of RocksDB's log: blocks of 32 KiB; in each, records of checksum (4), length (2, low byte
// first), type (1) and data; fewer than seven bytes at a block's end are zeros.
constexpr size_t kLogBlock = 32 << 10;
constexpr size_t kLogHeader = 7;
constexpr size_t kLogLengthAt = 4;

void CommitGroup(RocksDbDatabase& database, uint64_t group) {
  const Writes writes = test_groups::GroupWrites(group);
  rocksdb::WriteBatch batch;
  for (const Writes::Write& write : writes.rows) {
    rocksdb::ColumnFamilyHandle* const table = database.table(write.table);
    const rocksdb::Status status = write.value.has_value()
                                       ? batch.Put(table, write.key, *write.value)
                                       : batch.Delete(table, write.key);
    CHECK(status.ok()) << status.ToString();
  }
  const rocksdb::Status status = database.Commit(&batch, writes.head);
  CHECK(status.ok()) << status.ToString();
}

}  // namespace

RocksDbStore::Options RocksDbImage::OptionsIn(const fs::path& directory) {
  RocksDbStore::Options options;
  options.data_directory = directory / "data";
  options.head_directory = directory / "head";
  options.clock = Clock::Real();
  options.min_free_bytes = 1 << 20;
  options.ballast_bytes = 0;
  options.settings.block_cache_bytes = 1 << 20;
  // Larger than everything written, and quick to make room for.
  options.settings.write_buffer_bytes = 2 << 20;
  return options;
}

void RocksDbImage::MakeKilled() {
  const fs::path made = path_.string() + "-made";
  fs::remove_all(made);
  fs::remove_all(path_);
  auto store = RocksDbStore::Open(OptionsIn(made));
  CHECK(store.ok()) << store.status();
  for (uint64_t i = 0; i < groups_; ++i) {
    const absl::StatusOr<uint64_t> group = test_groups::WriteNextGroup(**store);
    CHECK(group.ok()) << group.status();
  }
  // Copied from under the open store.
  fs::copy(made, path_, fs::copy_options::recursive);
}

void RocksDbImage::MakeFlushed() {
  MakeKilled();
  const auto store = RocksDbStore::Open(OptionsIn(path_));  // Recovery flushes.
  CHECK(store.ok()) << store.status();
}

void RocksDbImage::MakeWithTwoLogs() {
  const fs::path made = path_.string() + "-made";
  fs::remove_all(made);
  fs::remove_all(path_);
  RocksDbStore::Options options = OptionsIn(made);
  // So large that nothing waits for a flush, which cannot come.
  options.settings.write_buffer_bytes = 64 << 20;
  fs::create_directories(options.data_directory);
  fs::create_directories(options.head_directory);
  auto database =
      RocksDbDatabase::Open(options.data_directory + "/store", options.settings, HeadFile::Empty());
  CHECK(database.ok()) << database.status();
  rocksdb::DB& db = (*database)->db();
  CHECK(db.PauseBackgroundWork().ok());
  for (uint64_t group = 1; group <= groups_; ++group) {
    CommitGroup(**database, group);
    if (group != groups_ / 2) continue;
    // Begins a new log and cannot go on.
    rocksdb::FlushOptions flush;
    flush.wait = false;
    std::vector<rocksdb::ColumnFamilyHandle*> tables;
    for (int i = 0; i < kTables; ++i) tables.push_back((*database)->table(static_cast<Table>(i)));
    CHECK(db.Flush(flush, tables).ok());
  }
  const auto head = HeadFile::Create(options.head_directory, (*database)->head());
  CHECK(head.ok()) << head.status();
  fs::copy(made, path_, fs::copy_options::recursive);
  CHECK(db.ContinueBackgroundWork().ok());
  CHECK_EQ(Files(".log").size(), 2u);
}

std::vector<std::string> RocksDbImage::Files(const std::string& suffix) const {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(store())) {
    const std::string name = file.path().filename();
    if (file.file_size() > 0 && absl::EndsWith(name, suffix)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<size_t> LogRecords(const std::string& log) {
  std::vector<size_t> records;
  size_t at = 0;
  while (at + kLogHeader <= log.size()) {
    const size_t left_in_block = kLogBlock - at % kLogBlock;
    if (left_in_block < kLogHeader) {
      at += left_in_block;
      continue;
    }
    if (log[at + kLogTypeAt] == 0) break;
    records.push_back(at);
    at += kLogHeader + static_cast<unsigned char>(log[at + kLogLengthAt]) +
          (static_cast<size_t>(static_cast<unsigned char>(log[at + kLogLengthAt + 1])) << 8);
  }
  return records;
}

std::string ReadBytes(const fs::path& path) {
  absl::StatusOr<std::string> bytes = ReadFile(path, 64 << 20);
  CHECK(bytes.ok()) << bytes.status();
  return *std::move(bytes);
}

void WriteBytes(const fs::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::trunc | std::ios::binary);
  CHECK(file << bytes << std::flush) << path;
}

}  // namespace naru
