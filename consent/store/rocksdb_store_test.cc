#include "consent/store/rocksdb_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/status_matchers.h"
#include "consent/store/store_conformance.h"
#include "consent/store/test_groups.h"

// RocksDbStore on a sound disk: the suite, what Open refuses, the guard of free space, and that an
// error while writing ends the process. Crashes, damage and full disks have tests of their own.
namespace naru {
namespace {

using ::testing::HasSubstr;

// A directory of its own for each call.
std::string NewDirectory() {
  static int count = 0;
  return absl::StrCat(testing::TempDir(), "/rocksdb-", getpid(), "-", ++count);
}

RocksDbStore::Options OptionsIn(const std::string& directory) {
  RocksDbStore::Options options;
  options.data_directory = directory + "/data";
  options.head_directory = directory + "/head";
  options.clock = Clock::Real();
  options.min_free_bytes = 1 << 20;
  options.ballast_bytes = 0;
  options.settings.block_cache_bytes = 8 << 20;
  return options;
}

class RocksDbPlace : public StorePlace {
 public:
  explicit RocksDbPlace(size_t write_buffer_bytes) : options_(OptionsIn(NewDirectory())) {
    options_.settings.write_buffer_bytes = write_buffer_bytes;
  }
  absl::StatusOr<std::unique_ptr<Store>> Open() override { return RocksDbStore::Open(options_); }

 private:
  RocksDbStore::Options options_;
};

StoreEngine Engine(std::string name, size_t write_buffer_bytes) {
  return {std::move(name), [=] { return std::make_unique<RocksDbPlace>(write_buffer_bytes); },
          /*keeps_head=*/true};
}

// With small buffers rows move to table files, and the log to the next file, while the suite runs.
INSTANTIATE_TEST_SUITE_P(RocksDb, StoreConformance,
                         testing::Values(Engine("UsualBuffers", 64 << 20),
                                         Engine("SmallBuffers", 128 << 10)),
                         StoreEngineName);

class RocksDbStoreTest : public testing::Test {
 protected:
  // A store with `groups` groups, closed again.
  void Fill(int groups) {
    auto store = RocksDbStore::Open(options_);
    ABSL_ASSERT_OK(store);
    for (int i = 0; i < groups; ++i) ABSL_ASSERT_OK(test_groups::WriteNextGroup(**store));
  }

  std::string head_path() const { return options_.head_directory + "/HEAD"; }

  const std::string directory_ = NewDirectory();
  RocksDbStore::Options options_ = OptionsIn(directory_);
};

TEST_F(RocksDbStoreTest, HeadMayNotLieWithTheData) {
  for (const char* inside : {"/data", "/data/", "/data/head", "/data/../data/x/y", "/./data/h"}) {
    options_.head_directory = directory_ + inside;
    EXPECT_THAT(RocksDbStore::Open(options_),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("lies in")))
        << inside;
  }
  std::filesystem::create_directories(directory_ + "/data/real");
  std::filesystem::create_directory_symlink(directory_ + "/data/real", directory_ + "/link");
  options_.head_directory = directory_ + "/link";
  EXPECT_THAT(RocksDbStore::Open(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("lies in")));
  options_.head_directory = directory_ + "/data-head";
  ABSL_EXPECT_OK(RocksDbStore::Open(options_)) << "a name that begins alike";
}

TEST_F(RocksDbStoreTest, DirectoriesMustBeSet) {
  options_.head_directory = "";
  EXPECT_THAT(RocksDbStore::Open(options_), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(RocksDbStoreTest, StoreHasOneUserAtATime) {
  auto first = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(first);
  EXPECT_THAT(RocksDbStore::Open(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in use")));
  RocksDbStore::Options other_data = options_;
  other_data.data_directory = directory_ + "/other";
  EXPECT_THAT(RocksDbStore::Open(other_data),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/head is in use")));
  first->reset();
  ABSL_EXPECT_OK(RocksDbStore::Open(options_));
}

TEST_F(RocksDbStoreTest, LockOfRocksDbItselfIsHeeded) {
  Fill(1);
  auto tool = RocksDbDatabase::Open(options_.data_directory + "/store", options_.settings,
                                    HeadFile::Empty());
  ABSL_ASSERT_OK(tool);
  EXPECT_THAT(RocksDbStore::Open(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in use")));
}

TEST_F(RocksDbStoreTest, HeadIsDurableWhenUpdateReturns) {
  auto store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  EXPECT_EQ((*store)->HeadAtOpen(), std::nullopt);
  for (uint64_t group = 1; group <= 10; ++group) {
    ABSL_ASSERT_OK(test_groups::WriteNextGroup(**store));
    auto head = HeadFile::Open(options_.head_directory);
    ABSL_ASSERT_OK(head);
    EXPECT_EQ((*head)->content().ledger.size, test_groups::HeadAfter(group).size);
    EXPECT_EQ((*head)->content().ledger.root, test_groups::HeadAfter(group).root);
    EXPECT_EQ((*head)->content().update, group);
  }
  EXPECT_EQ((*store)->HeadAtOpen(), std::nullopt) << "what it said at open";
  store->reset();
  store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  ASSERT_TRUE((*store)->HeadAtOpen().has_value());
  EXPECT_EQ((*store)->HeadAtOpen()->size, test_groups::HeadAfter(10).size);
  ABSL_EXPECT_OK(test_groups::CheckGroups(**store, 10));
}

TEST_F(RocksDbStoreTest, P4_MissingHeadBesideDataIsRefusedAndSaysWhatToDo) {
  Fill(3);
  std::filesystem::remove(head_path());
  EXPECT_THAT(RocksDbStore::Open(options_),
              StatusIs(absl::StatusCode::kDataLoss,
                       ::testing::AllOf(HasSubstr("HEAD is missing"), HasSubstr("3 updates"),
                                        HasSubstr("checkpoint"))));
  EXPECT_FALSE(std::filesystem::exists(head_path()));

  options_.adopt_without_head = true;
  auto store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  ABSL_EXPECT_OK(test_groups::CheckGroups(**store, 3));
  ABSL_EXPECT_OK(test_groups::WriteNextGroup(**store));
  store->reset();
  options_.adopt_without_head = false;
  store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  EXPECT_EQ((*store)->HeadAtOpen()->size, test_groups::HeadAfter(4).size);
}

TEST_F(RocksDbStoreTest, P4_MissingStoreBesideHeadIsRefused) {
  Fill(3);
  std::filesystem::remove_all(options_.data_directory);
  EXPECT_THAT(RocksDbStore::Open(options_),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("HEAD confirms 3 updates")));
}

TEST_F(RocksDbStoreTest, P4_EarlierCopyOfTheStoreIsRefused) {
  Fill(3);
  std::filesystem::copy(options_.data_directory, directory_ + "/backup",
                        std::filesystem::copy_options::recursive);
  Fill(2);
  std::filesystem::remove_all(options_.data_directory);
  std::filesystem::rename(directory_ + "/backup", options_.data_directory);
  EXPECT_THAT(RocksDbStore::Open(options_),
              StatusIs(absl::StatusCode::kDataLoss,
                       ::testing::AllOf(HasSubstr("ends with update 3 "),
                                        HasSubstr("HEAD confirms update 5 "))));
}

TEST_F(RocksDbStoreTest, P4_HeadOfAnotherStoreIsRefused) {
  Fill(3);
  const std::string own_data = options_.data_directory;
  options_.data_directory = directory_ + "/other";
  std::filesystem::rename(head_path(), directory_ + "/HEAD");
  {
    auto store = RocksDbStore::Open(options_);
    ABSL_ASSERT_OK(store);
    for (uint64_t i = 1; i <= 3; ++i) {
      ABSL_ASSERT_OK((*store)->Update({}, [&](const Reader&) -> absl::StatusOr<Writes> {
        return test_groups::GroupWrites(i == 3 ? 8 : i);
      }));
    }
  }
  options_.data_directory = own_data;
  EXPECT_THAT(RocksDbStore::Open(options_),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("do not belong together")));
  std::filesystem::rename(directory_ + "/HEAD", head_path());
  ABSL_EXPECT_OK(RocksDbStore::Open(options_));
}

TEST_F(RocksDbStoreTest, P4_UpdateBetweenTheTwoSyncsIsConfirmedAtOpen) {
  Fill(3);
  std::filesystem::copy_file(head_path(), directory_ + "/HEAD");
  Fill(1);
  std::filesystem::rename(directory_ + "/HEAD", head_path());
  {
    auto store = RocksDbStore::Open(options_);
    ABSL_ASSERT_OK(store);
    ABSL_EXPECT_OK(test_groups::CheckGroups(**store, 4));
    EXPECT_EQ((*store)->HeadAtOpen()->size, test_groups::HeadAfter(3).size);
  }
  auto head = HeadFile::Open(options_.head_directory);
  ABSL_ASSERT_OK(head);
  EXPECT_EQ((*head)->content().update, 4u) << "its loss would be noticed";
  EXPECT_EQ((*head)->content().ledger.root, test_groups::HeadAfter(4).root);
}

TEST_F(RocksDbStoreTest, UpdateWithoutHeadLeavesTheLedgerWhereItIs) {
  Fill(3);
  {
    auto store = RocksDbStore::Open(options_);
    ABSL_ASSERT_OK(store);
    ABSL_ASSERT_OK((*store)->Update({}, [](const Reader&) -> absl::StatusOr<Writes> {
      Writes writes;
      writes.rows.push_back({Table::kRows, "a", "1"});
      return writes;
    }));
  }
  auto store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  EXPECT_EQ((*store)->HeadAtOpen()->size, test_groups::HeadAfter(3).size);
  EXPECT_EQ((*store)->HeadAtOpen()->root, test_groups::HeadAfter(3).root);
}

TEST_F(RocksDbStoreTest, EmptyStoreNeedsNoHead) {
  Fill(0);
  std::filesystem::remove(head_path());
  ABSL_EXPECT_OK(RocksDbStore::Open(options_)) << "as after a crash while it was made";
  std::filesystem::remove_all(options_.data_directory);
  ABSL_EXPECT_OK(RocksDbStore::Open(options_)) << "HEAD confirms nothing yet";
}

TEST_F(RocksDbStoreTest, FullStorageRefusesWritesAndReadsGoOn) {
  Fill(2);
  options_.min_free_bytes = uint64_t{1} << 60;
  auto store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  bool asked = false;
  EXPECT_THAT((*store)->Update({},
                               [&](const Reader&) -> absl::StatusOr<Writes> {
                                 asked = true;
                                 return Writes();
                               }),
              HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  EXPECT_FALSE(asked);
  EXPECT_THAT(test_groups::WriteNextGroup(**store), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  ABSL_EXPECT_OK(test_groups::CheckGroups(**store, 2));
}

TEST_F(RocksDbStoreTest, BallastIsMadeAtOpen) {
  options_.ballast_bytes = 2 << 20;
  Fill(1);
  EXPECT_EQ(std::filesystem::file_size(options_.data_directory + "/BALLAST"), 2u << 20);
  std::filesystem::remove(options_.data_directory + "/BALLAST");
  Fill(1);
  EXPECT_EQ(std::filesystem::file_size(options_.data_directory + "/BALLAST"), 2u << 20);
}

// Makes every write to the open file whose path ends so fail, as a disk that went away would.
void BreakOpenFiles(const std::string& suffix) {
  const int read_only = open("/dev/null", O_RDONLY);
  int broken = 0;
  for (const auto& link : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const std::string target = std::filesystem::read_symlink(link.path(), ignored);
    if (!absl::EndsWith(target, suffix)) continue;
    dup2(read_only, std::stoi(link.path().filename()));
    ++broken;
  }
  if (broken == 0) std::exit(0);  // Seen as a death test that did not die.
}

using RocksDbStoreDeathTest = RocksDbStoreTest;

TEST_F(RocksDbStoreDeathTest, P4_ErrorWhileWritingHeadEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        auto store = RocksDbStore::Open(options_);
        BreakOpenFiles("/HEAD");
        (void)test_groups::WriteNextGroup(**store);
        std::exit(0);
      },
      "could not be confirmed");
}

TEST_F(RocksDbStoreDeathTest, P4_ErrorWhileWritingTheLogEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  // Debian's RocksDB is built with assertions and may end the process itself.
  EXPECT_DEATH(
      {
        auto store = RocksDbStore::Open(options_);
        BreakOpenFiles(".log");
        (void)test_groups::WriteNextGroup(**store);
        std::exit(0);
      },
      "an update failed|Assertion");
}

}  // namespace
}  // namespace naru
