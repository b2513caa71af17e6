#include "consent/store/rocksdb_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/convenience.h>

#include <string>
#include <vector>

// The settings that the promises rest on: who changes one must change this too, and the reason
// beside it.
namespace naru {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(RocksDbSettingsTest, P4_LogIsSyncedAndItsDamageCanBeNoticed) {
  const rocksdb::DBOptions options = MakeDbOptions({});
  EXPECT_EQ(options.wal_recovery_mode, rocksdb::WALRecoveryMode::kPointInTimeRecovery);
  EXPECT_TRUE(options.atomic_flush);
  EXPECT_TRUE(options.track_and_verify_wals_in_manifest);
  EXPECT_TRUE(options.paranoid_checks);
  EXPECT_EQ(options.recycle_log_file_num, 0u);
  EXPECT_FALSE(options.manual_wal_flush);
  EXPECT_FALSE(options.enable_pipelined_write);
  EXPECT_FALSE(options.unordered_write);
  EXPECT_FALSE(options.two_write_queues);
  EXPECT_FALSE(options.avoid_flush_during_recovery);
  EXPECT_EQ(options.wal_compression, rocksdb::kNoCompression);
  const rocksdb::WriteOptions write = MakeWriteOptions();
  EXPECT_TRUE(write.sync);
  EXPECT_FALSE(write.disableWAL);
  EXPECT_EQ(write.protection_bytes_per_key, 8u);
}

TEST(RocksDbSettingsTest, NamesOnDiskAreFixed) {
  std::vector<std::string> names;
  for (const auto& family : MakeColumnFamilies({})) names.push_back(family.name);
  EXPECT_THAT(names, ElementsAre("default", "rows", "checks", "keys", "ledger", "meta"));
}

TEST(RocksDbSettingsTest, RowsAndKeysAreCheckedAfterTheyAreWritten) {
  for (const auto& family : MakeColumnFamilies({})) {
    EXPECT_EQ(family.options.paranoid_file_checks, family.name != "ledger") << family.name;
    EXPECT_EQ(family.options.memtable_protection_bytes_per_key, 8u) << family.name;
    EXPECT_EQ(family.options.merge_operator, nullptr) << family.name;
  }
}

TEST(RocksDbSettingsTest, LibraryHasTheCompressionThatIsUsed) {
  for (const auto& family : MakeColumnFamilies({})) {
    EXPECT_THAT(rocksdb::GetSupportedCompressions(), Contains(family.options.compression));
  }
}

}  // namespace
}  // namespace naru
