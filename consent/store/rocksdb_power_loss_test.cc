#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/random.h"
#include "broker/base/status_macros.h"
#include "broker/base/status_matchers.h"
#include "consent/store/rocksdb_image.h"
#include "consent/store/rocksdb_store.h"
#include "consent/store/test_groups.h"
#include "glog/logging.h"

// Goal: what was acknowledged survives power loss (P4). Method: this program has its own fsync and
// fdatasync, which RocksDB and HEAD call; they note each file's bytes as they were when it was
// synced. At such a call, before or after it, the power "fails": the disk then has of each file
// what was noted, and of later writes at most a first part. The store must open from that with
// every group that was acknowledged by then. Two controls show that the method sees a missing sync
// of the log and of HEAD.
//
// Names of files count as durable at once; RocksDB's own tests have the syncing of directories.
namespace naru {
namespace {

namespace fs = std::filesystem;

// The disk under one store, as far as it was synced. Thread-safe: RocksDB syncs on threads of its
// own.
class Disk {
 public:
  // `at_sync` is called before and after each sync of a file below `root`.
  Disk(fs::path root, std::function<void()> at_sync)
      : root_(std::move(root)), at_sync_(std::move(at_sync)) {}

  // Syncs of files whose path ends so do nothing from now on.
  void IgnoreSyncsOf(std::string suffix) { ignored_ = std::move(suffix); }

  void Sync(int fd) {
    std::error_code error;
    const fs::path path = fs::read_symlink(absl::StrCat("/proc/self/fd/", fd), error);
    if (error || !absl::StartsWith(path.string(), root_.string())) return;
    at_sync_();
    {
      // A directory too waits until a power failure is over, so that no file is deleted during it.
      std::lock_guard<std::mutex> lock(mu_);
      if (fs::is_regular_file(path) &&
          (ignored_.empty() || !absl::EndsWith(path.string(), ignored_))) {
        synced_[IdentityOf(path)] = ReadBytes(path);
        ++syncs_;
      }
    }
    at_sync_();
  }

  // Makes `image` what is found after the power failed now. Of what was not synced a first part is
  // kept, whose length `random` gives.
  void FailPower(const fs::path& image, Random& random) {
    std::lock_guard<std::mutex> lock(mu_);
    fs::remove_all(image);
    std::error_code error;
    for (auto file = fs::recursive_directory_iterator(root_, error);
         !error && file != fs::recursive_directory_iterator(); file.increment(error)) {
      const fs::path to = image / fs::relative(file->path(), root_);
      if (file->is_directory()) {
        fs::create_directories(to);
        continue;
      }
      const std::string written = ReadBytes(file->path());
      std::string bytes = synced_[IdentityOf(file->path())];
      if (random.Below(2) == 0) {
        const size_t kept = random.Below(written.size() + 1);
        if (bytes.size() < kept) bytes.resize(kept);
        bytes.replace(0, kept, written, 0, kept);
      }
      WriteBytes(to, bytes);
    }
  }

  int syncs() {
    std::lock_guard<std::mutex> lock(mu_);
    return syncs_;
  }

 private:
  // A file keeps it when it is renamed; a new file that gets a deleted one's inode has another.
  using Identity = std::tuple<uint64_t, int64_t, uint32_t>;
  static Identity IdentityOf(const fs::path& path) {
    struct statx info;
    CHECK_EQ(statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &info), 0) << path;
    return {info.stx_ino, info.stx_btime.tv_sec, info.stx_btime.tv_nsec};
  }

  const fs::path root_;
  const std::function<void()> at_sync_;
  std::string ignored_;
  std::mutex mu_;
  std::map<Identity, std::string> synced_;
  int syncs_ = 0;
};

std::atomic<Disk*> disk_under_test{nullptr};

}  // namespace
}  // namespace naru

// Take the place of the C library's in this program and in the shared libraries it loads.
extern "C" int fdatasync(int fd) {
  if (naru::Disk* const disk = naru::disk_under_test) disk->Sync(fd);
  return 0;
}
extern "C" int fsync(int fd) { return fdatasync(fd); }

namespace naru {
namespace {

class RocksDbPowerLossTest : public testing::Test {
 protected:
  RocksDbPowerLossTest()
      : root_(absl::StrCat(testing::TempDir(), "/power-",
                           testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::create_directories(root_ / "live");
  }

  ~RocksDbPowerLossTest() override { disk_under_test = nullptr; }

  // Writes groups and lets the power fail `failures` times; gives what was wrong first, or OK.
  absl::Status Run(int failures, const std::string& ignored) {
    Disk disk(fs::canonical(root_ / "live"), [this] { MaybeFail(); });
    disk.IgnoreSyncsOf(ignored);
    disk_under_test = &disk;
    disk_ = &disk;
    absl::Status status;
    while (failures_ < failures && status.ok()) {
      status = RunStore(failures);
      // A new store from time to time keeps checking it all quick.
      if (acknowledged_ > 300) {
        fs::remove_all(root_ / "live");
        acknowledged_ = 0;
      }
    }
    disk_under_test = nullptr;
    std::cout << failures_ << " power failures, " << acknowledged_ << " groups, " << disk.syncs()
              << " syncs, " << one_more_ << " times one more group was found\n";
    return status;
  }

 private:
  // Opens the store, writes some groups and closes it. Small buffers: flushes and new logs are part
  // of it.
  absl::Status RunStore(int failures) {
    RocksDbStore::Options options = RocksDbImage::OptionsIn(root_ / "live");
    options.settings.write_buffer_bytes = 64 << 10;
    ABSL_ASSIGN_OR_RETURN(const auto store, RocksDbStore::Open(options));
    for (int i = 0; i < 60 && failures_ < failures; ++i) {
      ABSL_ASSIGN_OR_RETURN(const uint64_t group, test_groups::WriteNextGroup(*store));
      acknowledged_ = group;
      ABSL_RETURN_IF_ERROR(CheckImage());
    }
    return CheckImage();
  }

  // At a sync: one time in three, unless an image waits to be checked.
  void MaybeFail() {
    std::lock_guard<std::mutex> lock(mu_);
    if (image_has_.has_value() || random_.Below(3) != 0) return;
    image_has_ = acknowledged_;
    disk_->FailPower(root_ / "image", random_);
  }

  // Opens what a power failure left, if there was one.
  absl::Status CheckImage() {
    uint64_t acknowledged;
    {
      std::lock_guard<std::mutex> lock(mu_);
      if (!image_has_.has_value()) return absl::OkStatus();
      acknowledged = *image_has_;
    }
    // Without the lock: the live store goes on in the background meanwhile.
    ++failures_;
    const absl::Status status = OpenImage(acknowledged);
    std::lock_guard<std::mutex> lock(mu_);
    image_has_.reset();
    return status;
  }

  absl::Status OpenImage(uint64_t acknowledged) {
    ABSL_ASSIGN_OR_RETURN(const auto store,
                          RocksDbStore::Open(RocksDbImage::OptionsIn(root_ / "image")));
    ABSL_ASSIGN_OR_RETURN(const uint64_t groups, test_groups::CountGroups(*store));
    if (groups < acknowledged || groups > acknowledged + 1) {
      return absl::DataLossError(absl::StrCat(groups, " groups, ", acknowledged, " acknowledged"));
    }
    if (groups > acknowledged) ++one_more_;
    ABSL_RETURN_IF_ERROR(test_groups::CheckGroups(*store, groups));
    uint64_t confirmed = 0;
    if (store->HeadAtOpen().has_value()) {
      ABSL_ASSIGN_OR_RETURN(confirmed, test_groups::GroupOfHead(*store->HeadAtOpen(), groups));
    }
    if (confirmed < acknowledged) {
      return absl::DataLossError(
          absl::StrCat("HEAD confirms ", confirmed, " groups, ", acknowledged, " acknowledged"));
    }
    return absl::OkStatus();
  }

  const fs::path root_;
  Disk* disk_ = nullptr;
  std::atomic<uint64_t> acknowledged_{0};
  std::atomic<int> failures_{0};
  int one_more_ = 0;
  std::mutex mu_;
  FakeRandom random_{5};
  // Groups acknowledged when the power failed.
  std::optional<uint64_t> image_has_;
};

TEST_F(RocksDbPowerLossTest, P4_AcknowledgedGroupsSurvivePowerLoss) {
  ABSL_EXPECT_OK(Run(std::getenv("NARU_FULL") != nullptr ? 5000 : 100, ""));
}

TEST_F(RocksDbPowerLossTest, ControlLogThatIsNotSyncedIsSeen) {
  EXPECT_THAT(Run(100, ".log"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RocksDbPowerLossTest, ControlHeadThatIsNotSyncedIsSeen) {
  EXPECT_THAT(Run(100, "/HEAD"), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace naru
