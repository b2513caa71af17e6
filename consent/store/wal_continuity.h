#ifndef NARU_CONSENT_STORE_WAL_CONTINUITY_H_
#define NARU_CONSENT_STORE_WAL_CONTINUITY_H_

#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace naru {

// Watches RocksDB replay its log (WAL) at open, and makes the open fail, before anything on disk
// has changed, when updates are missing in the middle. RocksDB 7.8 takes some damaged bytes for the
// end of a log file and goes on with the next file: the newest updates are then there, HEAD agrees,
// and older ones are gone. Every record says which sequence number it begins with and how many
// numbers it takes, so a gap shows.
//
// What is missing at the end shows no gap; HEAD shows that. For one open; not thread-safe, as
// RocksDB replays in one thread.
class WalContinuity : public rocksdb::WalFilter {
 public:
  // `logs` are the numbers of the log files that are not empty.
  explicit WalContinuity(std::set<uint64_t> logs) : logs_(std::move(logs)) {}

  // What is missing, for the log; empty when nothing is.
  const std::string& gap() const { return gap_; }

  void ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                const std::map<std::string, uint32_t>& ids) override;
  WalProcessingOption LogRecordFound(unsigned long long log_number, const std::string& file_name,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch* new_batch, bool* batch_changed) override;
  const char* Name() const override { return "naru.WalContinuity"; }

 private:
  std::set<uint64_t> logs_;
  // Log files from this one on hold rows that no table file has.
  uint64_t first_needed_log_ = 0;
  std::optional<uint64_t> next_sequence_;
  std::string gap_;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_WAL_CONTINUITY_H_
