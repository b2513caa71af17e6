#include "consent/store/rocksdb_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/status_matchers.h"
#include "consent/store/head_file.h"
#include "consent/store/rocksdb_settings.h"

// The engine's own row, and what callers get to see of RocksDB's errors. What Open refuses is in
// rocksdb_store_test and rocksdb_damage_test.
namespace naru {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string NewPath() {
  return absl::StrCat(testing::TempDir(), "/database-",
                      testing::UnitTest::GetInstance()->current_test_info()->name());
}

TEST(RocksDbDatabaseTest, HeadCountsUpdatesAndFollowsTheLedger) {
  const std::string path = NewPath();
  const LedgerHead ledger{5, std::string(32, 'r')};
  EXPECT_FALSE(RocksDbDatabase::Exists(path));
  {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto database,
                              RocksDbDatabase::Open(path, {}, HeadFile::Empty()));
    EXPECT_EQ(database->head().update, 0u);
    rocksdb::WriteBatch first;
    ASSERT_TRUE(database->Commit(&first, ledger).ok());
    EXPECT_EQ(database->head().update, 1u);
    EXPECT_EQ(database->head().ledger.size, 5u);
    rocksdb::WriteBatch second;
    ASSERT_TRUE(second.Put(database->table(Table::kRows), "a", "1").ok());
    ASSERT_TRUE(database->Commit(&second, std::nullopt).ok());
  }
  EXPECT_TRUE(RocksDbDatabase::Exists(path));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto database, RocksDbDatabase::Open(path, {}, {ledger, 1}));
  EXPECT_EQ(database->head().update, 2u);
  EXPECT_EQ(database->head().ledger.size, 5u) << "an update without head leaves it";
  EXPECT_EQ(database->head().ledger.root, ledger.root);
}

TEST(RocksDbDatabaseTest, ErrorsAreSortedAndSayNothingOfWhatRocksDbSaid) {
  EXPECT_THAT(
      FromRocksDb(rocksdb::Status::Corruption("block 7 of /raw/path"), "a row"),
      ::testing::AllOf(HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED),
                       StatusIs(absl::StatusCode::kDataLoss,
                                ::testing::AllOf(HasSubstr("a row"), Not(HasSubstr("raw"))))));
  EXPECT_THAT(
      FromRocksDb(rocksdb::Status::IOError("/raw/path: no such device"), "a row"),
      ::testing::AllOf(HasErrorReason(v1::ERROR_REASON_INTERNAL),
                       StatusIs(absl::StatusCode::kInternal,
                                ::testing::AllOf(HasSubstr("a row"), Not(HasSubstr("raw"))))));
}

}  // namespace
}  // namespace naru
