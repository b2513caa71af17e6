#ifndef NARU_CONSENT_STORE_ROCKSDB_SETTINGS_H_
#define NARU_CONSENT_STORE_ROCKSDB_SETTINGS_H_

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <vector>

#include "consent/store/store.h"

namespace naru {

// How RocksDB is set: every setting with its reason stands in rocksdb_settings.cc.
struct RocksDbSettings {
  // Memory for blocks of table files that were read.
  size_t block_cache_bytes = size_t{256} << 20;
  // Memory for rows not yet in table files; also about the size of the log that a restart replays.
  size_t write_buffer_bytes = size_t{64} << 20;
};

rocksdb::DBOptions MakeDbOptions(const RocksDbSettings& settings);

// RocksDB's own "default", which holds what the engine itself notes, then a column family for each
// Table, in order.
std::vector<rocksdb::ColumnFamilyDescriptor> MakeColumnFamilies(const RocksDbSettings& settings);

// The column family's name; part of the format on disk.
const char* ColumnFamilyName(Table table);

// For updates: durable before the write returns.
rocksdb::WriteOptions MakeWriteOptions();

// Checks that RocksDB makes of rows in memory, in bytes a row.
inline constexpr size_t kProtectionBytes = 8;

}  // namespace naru

#endif  // NARU_CONSENT_STORE_ROCKSDB_SETTINGS_H_
