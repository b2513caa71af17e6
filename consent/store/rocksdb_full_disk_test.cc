#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "consent/store/ballast.h"
#include "consent/store/free_space_guard.h"
#include "consent/store/rocksdb_store.h"
#include "consent/store/test_groups.h"

// Goal: a full disk loses nothing and stops nothing but writes (P4). Method: a small file system in
// memory, mounted in a namespace of the test's own. Where the machine does not allow that, the
// tests are skipped and say so.
namespace naru {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kDisk = 96 * kMiB;
constexpr uint64_t kMinFree = 24 * kMiB;
constexpr uint64_t kBallast = 8 * kMiB;

void WriteText(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// Gives this process mounts of its own. Why not, or empty.
std::string EnterNamespace() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
    return absl::StrCat("no namespace of its own: ", std::strerror(errno));
  }
  WriteText("/proc/self/setgroups", "deny");
  WriteText("/proc/self/uid_map", absl::StrCat("0 ", user, " 1"));
  WriteText("/proc/self/gid_map", absl::StrCat("0 ", group, " 1"));
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return absl::StrCat("no mounts of its own: ", std::strerror(errno));
  }
  return "";
}

class RocksDbFullDiskTest : public testing::Test {
 protected:
  // Before any thread is started: a process with threads cannot enter a namespace.
  static void SetUpTestSuite() { why_not_ = new std::string(EnterNamespace()); }

  void SetUp() override {
    if (!why_not_->empty()) GTEST_SKIP() << *why_not_;
    directory_ = absl::StrCat(testing::TempDir(), "/full-",
                              testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(directory_ + "/disk");
    if (mount("tmpfs", (directory_ + "/disk").c_str(), "tmpfs", 0,
              absl::StrCat("size=", kDisk).c_str()) != 0) {
      GTEST_SKIP() << "no file system in memory: " << std::strerror(errno);
    }
    options_.data_directory = directory_ + "/disk/data";
    options_.head_directory = directory_ + "/head";
    options_.clock = &clock_;
    options_.min_free_bytes = kMinFree;
    options_.ballast_bytes = kBallast;
    options_.settings.block_cache_bytes = kMiB;
    options_.settings.write_buffer_bytes = 4 * kMiB;
  }

  void TearDown() override { umount2((directory_ + "/disk").c_str(), MNT_DETACH); }

  uint64_t Free() { return *FreeBytes(directory_ + "/disk"); }

  // Somebody else's file that leaves only so much free.
  void FillUntil(uint64_t free) {
    fs::remove(filler());
    std::ofstream file(filler(), std::ios::binary);
    const std::string block(4096, 'x');
    while (Free() >= free + block.size() && file << block << std::flush) {
    }
    std::cout << Free() << " bytes are left free\n";
  }
  std::string filler() const { return directory_ + "/disk/filler"; }
  std::string ballast() const { return options_.data_directory + "/BALLAST"; }

  // Time passes, so that the guard asks again.
  void LetGuardLook() { clock_.Advance(FreeSpaceGuard::kAge); }

  static const std::string* why_not_;
  std::string directory_;
  SimulatedClock clock_;
  RocksDbStore::Options options_;
};

const std::string* RocksDbFullDiskTest::why_not_ = nullptr;

TEST_F(RocksDbFullDiskTest, P4_StoreThatFillsTheDiskItselfStopsAtTheGuard) {
  auto store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  // Rows that do not shrink, until the guard refuses.
  FakeRandom random(1);
  uint64_t rows = 0;
  absl::Status status;
  while (rows < 10 * kDisk / kMiB && status.ok()) {
    status = (*store)->Update({}, [&](const Reader&) -> absl::StatusOr<Writes> {
      Writes writes;
      writes.rows.push_back({Table::kRows, absl::StrCat("row ", rows), random.Bytes(kMiB)});
      return writes;
    });
    if (status.ok()) ++rows;
    LetGuardLook();
  }
  EXPECT_THAT(status, HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  std::cout << rows << " rows of 1 MiB, " << Free() << " bytes are left free\n";
  EXPECT_GT(rows, 20u);
  for (uint64_t row = 0; row < rows; ++row) {
    auto value = (*store)->Get(Table::kRows, absl::StrCat("row ", row));
    ABSL_ASSERT_OK(value);
    ASSERT_TRUE(value->has_value() && (*value)->size() == kMiB) << row;
  }
}

TEST_F(RocksDbFullDiskTest, P4_WritesStopReadsGoOnAndSpaceBringsWritesBack) {
  auto store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  for (int i = 0; i < 10; ++i) ABSL_ASSERT_OK(test_groups::WriteNextGroup(**store));
  for (const uint64_t left : {kMinFree - 2 * kMiB, 4 * kMiB, uint64_t{0}}) {
    const absl::StatusOr<uint64_t> before = test_groups::CountGroups(**store);
    FillUntil(left);
    LetGuardLook();
    for (int i = 0; i < 50; ++i) {
      ASSERT_THAT(test_groups::WriteNextGroup(**store),
                  HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
    }
    ABSL_EXPECT_OK(test_groups::CheckGroups(**store, *before)) << "reads go on";
    fs::remove(filler());
    LetGuardLook();
    EXPECT_THAT(test_groups::WriteNextGroup(**store), IsOkAndHolds(*before + 1));
  }
  store->reset();
  store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  ABSL_EXPECT_OK(test_groups::CheckGroups(**store, 13));
}

TEST_F(RocksDbFullDiskTest, DeletingTheBallastGivesRoomAtOnce) {
  auto store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  FillUntil(kMinFree - 2 * kMiB);
  LetGuardLook();
  EXPECT_THAT(test_groups::WriteNextGroup(**store), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  ASSERT_TRUE(fs::remove(ballast()));
  LetGuardLook();
  ABSL_EXPECT_OK(test_groups::WriteNextGroup(**store));
  store->reset();
  ABSL_ASSERT_OK(RocksDbStore::Open(options_));
  EXPECT_FALSE(fs::exists(ballast())) << "there is no room for it yet";
  fs::remove(filler());
  ABSL_ASSERT_OK(RocksDbStore::Open(options_));
  EXPECT_EQ(fs::file_size(ballast()), kBallast);
}

TEST_F(RocksDbFullDiskTest, P4_OpensOnAFullDiskByGivingUpTheBallast) {
  {
    auto store = RocksDbStore::Open(options_);
    ABSL_ASSERT_OK(store);
    for (int i = 0; i < 300; ++i) ABSL_ASSERT_OK(test_groups::WriteNextGroup(**store));
  }
  FillUntil(0);
  {
    auto store = RocksDbStore::Open(options_);
    ABSL_ASSERT_OK(store);
    EXPECT_FALSE(fs::exists(ballast()));
    ABSL_EXPECT_OK(test_groups::CheckGroups(**store, 300));
    EXPECT_THAT(test_groups::WriteNextGroup(**store),
                HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  }
  // Without ballast it is refused, again and again, and the process lives.
  FillUntil(0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(RocksDbStore::Open(options_),
                StatusIs(absl::StatusCode::kResourceExhausted, testing::HasSubstr("make room")));
  }
  fs::remove(filler());
  auto store = RocksDbStore::Open(options_);
  ABSL_ASSERT_OK(store);
  EXPECT_THAT(test_groups::WriteNextGroup(**store), IsOkAndHolds(301u));
}

}  // namespace
}  // namespace naru
