#ifndef NARU_CONSENT_STORE_ROCKSDB_IMAGE_H_
#define NARU_CONSENT_STORE_ROCKSDB_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "consent/store/rocksdb_store.h"

namespace naru {

// For tests: the files of a RocksDbStore with acknowledged groups (test_groups.h), as a crash
// leaves them, for damaging copies of. Each Make begins anew; it ends the process when it fails.
class RocksDbImage {
 public:
  // A store whose data and head directories lie in `directory`.
  static RocksDbStore::Options OptionsIn(const std::filesystem::path& directory);

  RocksDbImage(std::filesystem::path path, uint64_t groups)
      : path_(std::move(path)), groups_(groups) {}

  // Killed after the last group; every row is in the log alone.
  void MakeKilled();
  // Every row is in table files, the log is empty.
  void MakeFlushed();
  // Killed while the first half of the groups was being flushed: there are two log files, and both
  // are needed.
  void MakeWithTwoLogs();

  const std::filesystem::path& path() const { return path_; }
  // Where RocksDB's files are.
  std::filesystem::path store() const { return path_ / "data/store"; }
  // Names of RocksDB's files that are not empty and end so, in order.
  std::vector<std::string> Files(const std::string& suffix) const;

 private:
  const std::filesystem::path path_;
  const uint64_t groups_;
};

// Where the records of one of RocksDB's log files begin.
std::vector<size_t> LogRecords(const std::string& log);
// The byte of a record that says its type.
inline constexpr size_t kLogTypeAt = 6;

std::string ReadBytes(const std::filesystem::path& path);
// Not synced.
void WriteBytes(const std::filesystem::path& path, const std::string& bytes);

}  // namespace naru

#endif  // NARU_CONSENT_STORE_ROCKSDB_IMAGE_H_
