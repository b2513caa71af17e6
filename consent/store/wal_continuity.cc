#include "consent/store/wal_continuity.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace naru {
namespace {

// A record of the log is a WriteBatch: sequence number (8 bytes) and count (4), both with the
// lowest byte first, then the rows.
constexpr size_t kSequenceBytes = 8;

uint64_t SequenceOf(const rocksdb::WriteBatch& batch) {
  const absl::string_view bytes(batch.Data());
  uint64_t sequence = 0;
  for (size_t i = kSequenceBytes; i > 0; --i) {
    sequence = sequence << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return sequence;
}

}  // namespace

void WalContinuity::ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                             const std::map<std::string, uint32_t>& /*ids*/) {
  // All column families are flushed together, so the newest number is that of the last flush: the
  // files from it on are needed. A family that was empty at the flush may still name an older file,
  // which is not.
  for (const auto& [family, log_number] : log_numbers) {
    first_needed_log_ = std::max(first_needed_log_, log_number);
  }
}

rocksdb::WalFilter::WalProcessingOption WalContinuity::LogRecordFound(
    unsigned long long log_number, const std::string& /*file_name*/,
    const rocksdb::WriteBatch& batch, rocksdb::WriteBatch* new_batch, bool* batch_changed) {
  const uint64_t sequence = SequenceOf(batch);
  const auto silent = logs_.lower_bound(first_needed_log_);
  if (silent != logs_.end() && *silent < log_number) {
    gap_ = absl::StrCat("log file ", *silent, " has bytes but no record, and file ", log_number,
                        " goes on");
  } else if (next_sequence_.has_value() && sequence != *next_sequence_) {
    gap_ = absl::StrCat("in log file ", log_number, " sequence number ", sequence, " stands where ",
                        *next_sequence_, " must");
  }
  if (!gap_.empty()) {
    // RocksDB ends the open, without having changed anything, when a filter returns more rows than
    // it got. To report a corruption would make it drop the rest of the log.
    for (uint32_t i = 0; i <= batch.Count(); ++i) new_batch->Put("", "");
    *batch_changed = true;
    return WalProcessingOption::kContinueProcessing;
  }
  logs_.erase(logs_.begin(), logs_.upper_bound(log_number));
  next_sequence_ = sequence + batch.Count();
  return WalProcessingOption::kContinueProcessing;
}

}  // namespace naru
