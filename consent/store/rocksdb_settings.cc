#include "consent/store/rocksdb_settings.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <memory>

#include "glog/logging.h"

// RocksDB 7.8.3 of Debian 12. A setting that equals the library's default stands here when the
// store rests on it.
//
//   Log (WAL)
//   wal_recovery_mode        PointInTime   No mode is right alone: the others refuse after an
//   ordinary power cut, or
//                                          open with rows gone after some flipped bits. This one
//                                          opens after every crash; what it loses is noticed by
//                                          HEAD and WalContinuity.
//   atomic_flush             true          All tables go to disk together, so a log that ends early
//   ends early for
//                                          all of them, and the ledger's head row cannot survive
//                                          the rows it covers.
//   track_and_verify_wals    true          A closed log file that is missing or too short fails the
//   open. (SyncWAL
//                                          must never be called with it; nothing does.)
//   recycle_log_file_num     0             Old records in a recycled file can be taken for new
//   ones. manual_wal_flush         false         With sync it has corrupted logs. pipelined,
//   unordered,    false         One writer gains nothing; unordered weakens what readers see.
//     two_write_queues
//   wal_compression          none          Opening from a compressed log has a fault fixed only
//   in 8.0. WriteOptions.sync        true          An update is on the disk before it returns.
//
//   Checks
//   paranoid_checks          true
//   paranoid_file_checks     true          Each new table file is read again and compared; not for
//   the ledger, whose
//                                          hashes check it on every read.
//   protection_bytes         8             Rows carry a checksum from the batch through the
//   memtable. checksum                 XXH3 verify_sst_unique_id     true          A table file of
//   another store fails the open.
//
//   Reading
//   filter                   Bloom, 10 bits, whole key; in the memtable too: most look-ups of a
//   check find or miss
//                                          one exact key.
//   index and filter blocks  in the cache, first to stay: memory is bounded by the cache.
//   cache                    LRU; the newer HyperClockCache is experimental in 7.8.
//   row_cache                none          A second place that could be stale.
//
//   Bounds
//   write_buffer_bytes       in all        When reached, everything is flushed and the log begins
//   anew, so a restart
//                                          replays about as much at most.
//   max_open_files           4096          Opening must not take longer the more files there are.
//   LOG files                4 of 16 MiB
namespace naru {
namespace {

rocksdb::BlockBasedTableOptions MakeTableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  return table;
}

rocksdb::ColumnFamilyOptions MakeColumnFamilyOptions(const RocksDbSettings& settings,
                                                     const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = settings.write_buffer_bytes;
  options.max_write_buffer_number = 3;
  options.level_compaction_dynamic_level_bytes = true;
  options.memtable_prefix_bloom_size_ratio = 0.01;
  options.memtable_whole_key_filtering = true;
  options.memtable_protection_bytes_per_key = kProtectionBytes;
  options.force_consistency_checks = true;
  options.paranoid_file_checks = true;
  options.compression = rocksdb::kLZ4Compression;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(MakeTableOptions(cache)));
  return options;
}

}  // namespace

rocksdb::DBOptions MakeDbOptions(const RocksDbSettings& settings) {
  rocksdb::DBOptions options;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.atomic_flush = true;
  options.track_and_verify_wals_in_manifest = true;
  options.recycle_log_file_num = 0;
  options.manual_wal_flush = false;
  options.enable_pipelined_write = false;
  options.unordered_write = false;
  options.two_write_queues = false;
  options.wal_compression = rocksdb::kNoCompression;

  options.paranoid_checks = true;
  options.verify_sst_unique_id_in_manifest = true;

  options.row_cache = nullptr;
  options.db_write_buffer_size = settings.write_buffer_bytes;
  options.max_total_wal_size = 2 * settings.write_buffer_bytes;
  options.max_open_files = 4096;
  options.skip_stats_update_on_db_open = true;
  options.max_background_jobs = 4;
  options.bytes_per_sync = 1 << 20;

  options.info_log_level = rocksdb::INFO_LEVEL;
  options.max_log_file_size = 16 << 20;
  options.keep_log_file_num = 4;
  options.stats_persist_period_sec = 0;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> MakeColumnFamilies(const RocksDbSettings& settings) {
  const std::shared_ptr<rocksdb::Cache> cache =
      rocksdb::NewLRUCache(settings.block_cache_bytes, /*num_shard_bits=*/-1,
                           /*strict_capacity_limit=*/false, /*high_pri_pool_ratio=*/0.5);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const rocksdb::ColumnFamilyOptions common = MakeColumnFamilyOptions(settings, cache);
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, common);
  for (int i = 0; i < kTables; ++i) {
    const auto table = static_cast<Table>(i);
    rocksdb::ColumnFamilyOptions options = common;
    if (table == Table::kLedger) options.paranoid_file_checks = false;
    // What a check reads is not unpacked for it, and keys and hashes do not shrink.
    if (table == Table::kChecks || table == Table::kKeys) {
      options.compression = rocksdb::kNoCompression;
    }
    families.emplace_back(ColumnFamilyName(table), options);
  }
  return families;
}

const char* ColumnFamilyName(Table table) {
  switch (table) {
    case Table::kRows:
      return "rows";
    case Table::kChecks:
      return "checks";
    case Table::kKeys:
      return "keys";
    case Table::kLedger:
      return "ledger";
    case Table::kMeta:
      return "meta";
  }
  LOG(FATAL) << "no table " << static_cast<int>(table);
}

rocksdb::WriteOptions MakeWriteOptions() {
  rocksdb::WriteOptions options;
  options.sync = true;
  options.disableWAL = false;
  options.protection_bytes_per_key = kProtectionBytes;
  return options;
}

}  // namespace naru
