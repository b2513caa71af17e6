#include "consent/store/wal_continuity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

// The filter is fed records as RocksDB would. The test of RocksDbStore with a damaged log shows
// that RocksDB does feed it and heeds it.
namespace naru {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WalContinuityTest : public testing::Test {
 protected:
  // Gives the filter a record of `count` rows; true when the filter lets the open go on.
  bool Feed(uint64_t log, uint64_t sequence, int count) {
    rocksdb::WriteBatch rows;
    for (int i = 0; i < count; ++i) rows.Put("key", "value");
    std::string bytes = rows.Data();
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(sequence >> 8 * i & 0xff);
    rocksdb::WriteBatch new_batch;
    bool changed = false;
    EXPECT_EQ(filter_.LogRecordFound(log, "", rocksdb::WriteBatch(bytes), &new_batch, &changed),
              rocksdb::WalFilter::WalProcessingOption::kContinueProcessing);
    EXPECT_EQ(changed, new_batch.Count() > static_cast<uint32_t>(count));
    EXPECT_EQ(changed, !filter_.gap().empty());
    return !changed;
  }

  WalContinuity filter_{{5, 8, 9}};
};

TEST_F(WalContinuityTest, RecordsWithoutGapPass) {
  filter_.ColumnFamilyLogNumberMap({{0, 2}, {1, 5}}, {});
  EXPECT_TRUE(Feed(5, 1'000'000'000'000, 3));
  EXPECT_TRUE(Feed(5, 1'000'000'000'003, 1));
  EXPECT_TRUE(Feed(8, 1'000'000'000'004, 0)) << "RocksDB writes an empty record after recovery";
  EXPECT_TRUE(Feed(8, 1'000'000'000'004, 300));
  EXPECT_TRUE(Feed(9, 1'000'000'000'304, 1));
  EXPECT_THAT(filter_.gap(), IsEmpty());
}

TEST_F(WalContinuityTest, GapWithinAFileStopsTheOpen) {
  EXPECT_TRUE(Feed(5, 1, 3));
  EXPECT_FALSE(Feed(5, 5, 1));
  EXPECT_THAT(filter_.gap(), HasSubstr("sequence number 5 stands where 4 must"));
}

TEST_F(WalContinuityTest, GapBetweenFilesStopsTheOpen) {
  EXPECT_TRUE(Feed(5, 1, 3));
  EXPECT_FALSE(Feed(8, 6, 2));
}

TEST_F(WalContinuityTest, RepeatedRecordStopsTheOpen) {
  EXPECT_TRUE(Feed(5, 1, 3));
  EXPECT_FALSE(Feed(8, 1, 3));
}

TEST_F(WalContinuityTest, StoppedStaysStopped) {
  EXPECT_TRUE(Feed(5, 1, 3));
  EXPECT_FALSE(Feed(5, 5, 1));
  EXPECT_FALSE(Feed(5, 4, 1));
}

TEST_F(WalContinuityTest, FileWithoutRecordBeforeOthersStopsTheOpen) {
  filter_.ColumnFamilyLogNumberMap({{0, 2}, {1, 5}}, {});
  EXPECT_FALSE(Feed(8, 4, 1));
  EXPECT_THAT(filter_.gap(), HasSubstr("log file 5"));
}

TEST_F(WalContinuityTest, FileWithoutRecordInBetweenStopsTheOpen) {
  EXPECT_TRUE(Feed(5, 1, 3));
  EXPECT_FALSE(Feed(9, 4, 1));
  EXPECT_THAT(filter_.gap(), HasSubstr("log file 8"));
}

TEST_F(WalContinuityTest, FileThatIsNoLongerNeededMayBeSilent) {
  filter_.ColumnFamilyLogNumberMap({{0, 2}, {1, 8}}, {});
  EXPECT_TRUE(Feed(8, 4, 1));
}

}  // namespace
}  // namespace naru
