#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "consent/store/head_file.h"
#include "consent/store/rocksdb_database.h"
#include "consent/store/rocksdb_image.h"
#include "consent/store/rocksdb_store.h"
#include "consent/store/test_groups.h"

// Goal: what was lost or damaged is noticed at start or on read, never served (P4). Method: the
// files of a store with acknowledged groups, as power loss or kill -9 leaves them, are damaged one
// place at a time and opened. Each time the same files are also opened the way RocksDB alone would
// (no HEAD, no filter), to see that the damage did something and that the store's own head row
// against HEAD would have told.
namespace naru {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kGroups = 20;

bool Full() { return std::getenv("NARU_FULL") != nullptr; }

// What became of one damage.
struct Tally {
  int harmless = 0;       // Opened, everything is there.
  int refused = 0;        // Open gave DATA_LOSS.
  int unread = 0;         // Opened, and a read gave an error.
  int silent_alone = 0;   // RocksDB alone opened "OK" without all groups.
  int holes_alone = 0;    // Of these, the newest groups were there and older ones not.
  int refused_alone = 0;  // RocksDB alone refused, too.

  std::string Text() const {
    return absl::StrCat(harmless, " harmless, ", refused, " refused at open, ", unread,
                        " refused on read; RocksDB alone: ", silent_alone, " silent losses, ",
                        holes_alone, " of them in the middle, ", refused_alone, " refused\n");
  }
};

class RocksDbDamageTest : public testing::Test {
 protected:
  RocksDbDamageTest()
      : root_(absl::StrCat(testing::TempDir(), "/damage-",
                           testing::UnitTest::GetInstance()->current_test_info()->name())),
        image_(root_ / "image", kGroups) {}

  // Opens a copy of the image in which `damage` changed something, both ways. Fails the test when
  // anything is served that is not what the groups left.
  void Try(const std::function<void(const fs::path& store)>& damage, Tally* tally) {
    const fs::path copy = root_ / "copy";
    for (const bool alone : {true, false}) {
      fs::remove_all(copy);
      fs::copy(image_.path(), copy, fs::copy_options::recursive);
      damage(copy / "data/store");
      if (alone) {
        OpenAlone(copy, tally);
      } else {
        OpenChecked(copy, tally);
      }
      if (HasFatalFailure()) return;
    }
  }

  void OpenChecked(const fs::path& copy, Tally* tally) {
    const auto before = StoreFiles(copy);
    auto store = RocksDbStore::Open(RocksDbImage::OptionsIn(copy));
    if (!store.ok()) {
      ASSERT_THAT(store, StatusIs(absl::StatusCode::kDataLoss));
      ASSERT_TRUE(StoreFiles(copy) == before) << "what may still be mended was changed";
      ++tally->refused;
      return;
    }
    const absl::Status all = test_groups::CheckGroups(**store, kGroups);
    if (all.ok()) {
      ++tally->harmless;
      return;
    }
    // A row that RocksDB could not read; wrong or missing rows have a message that names a key.
    ASSERT_THAT(all, HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED)) << "it was served";
    ++tally->unread;
  }

  // RocksDB's files with their bytes, but for its own log.
  static std::map<std::string, std::string> StoreFiles(const fs::path& copy) {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::directory_iterator(copy / "data/store")) {
      const std::string name = file.path().filename();
      if (!absl::StartsWith(name, "LOG")) files[name] = ReadBytes(file.path());
    }
    return files;
  }

  // Whether a row of some group is not there, without any error.
  static bool MissesOlderGroup(const RocksDbDatabase& database) {
    for (uint64_t group = 1; group <= kGroups; ++group) {
      const Writes::Write row = test_groups::GroupWrites(group).rows.front();
      std::string value;
      if (database.db().Get({}, database.table(row.table), row.key, &value).IsNotFound()) {
        return true;
      }
    }
    return false;
  }

  void OpenAlone(const fs::path& copy, Tally* tally) {
    const RocksDbStore::Options options = RocksDbImage::OptionsIn(copy);
    auto database = RocksDbDatabase::Open(options.data_directory + "/store", options.settings,
                                          HeadFile::Empty());
    if (!database.ok()) {
      ++tally->refused_alone;
      return;
    }
    auto head = HeadFile::Open(options.head_directory);
    ABSL_ASSERT_OK(head);
    std::string value;
    const rocksdb::Status newest =
        (*database)->db().Get({}, (*database)->table(Table::kMeta), "groups", &value);
    if (!newest.ok() && !newest.IsNotFound()) return;  // Noticed on read.
    if (value == absl::StrCat(kGroups)) {
      if (MissesOlderGroup(**database)) {
        ++tally->holes_alone;
        ++tally->silent_alone;
      }
      return;
    }
    ++tally->silent_alone;
    // What Ledger compares: the store's head row and HEAD.
    const HeadFile::Content& own = (*database)->head();
    EXPECT_LT(own.ledger.size, (*head)->content().ledger.size);
    EXPECT_NE(own.ledger.root, (*head)->content().ledger.root);
  }

  const fs::path root_;
  RocksDbImage image_;
};

std::function<void(const fs::path&)> FlipBit(const std::string& name, size_t bit) {
  return [=](const fs::path& store) {
    std::string bytes = ReadBytes(store / name);
    bytes.at(bit / 8) ^= static_cast<char>(1 << bit % 8);
    WriteBytes(store / name, bytes);
  };
}

TEST_F(RocksDbDamageTest, UndamagedImagesOpen) {
  Tally tally;
  image_.MakeKilled();
  Try([](const fs::path&) {}, &tally);
  image_.MakeFlushed();
  ASSERT_GT(image_.Files(".sst").size(), 3u);
  Try([](const fs::path&) {}, &tally);
  image_.MakeWithTwoLogs();
  Try([](const fs::path&) {}, &tally);
  EXPECT_EQ(tally.harmless, 3);
  EXPECT_EQ(tally.silent_alone, 0);
}

TEST_F(RocksDbDamageTest, P4_FlippedTypeBitsInTheLogAreNoticed) {
  image_.MakeKilled();
  const std::string log = image_.Files(".log").front();
  const std::vector<size_t> records = LogRecords(ReadBytes(image_.store() / log));
  ASSERT_GE(records.size(), kGroups);
  Tally tally;
  for (const size_t record : records) {
    for (size_t bit = 0; bit < 8; ++bit) {
      // A few bits of each record every day, each of them in the full run.
      if (!Full() && (record + bit) % 3 != 0) continue;
      SCOPED_TRACE(absl::StrCat("record at ", record, ", bit ", bit));
      Try(FlipBit(log, 8 * (record + kLogTypeAt) + bit), &tally);
      if (HasFatalFailure()) return;
    }
  }
  std::cout << tally.Text();
  EXPECT_GT(tally.silent_alone, 0) << "HEAD would not be needed";
  EXPECT_EQ(tally.harmless, 0);
}

TEST_F(RocksDbDamageTest, P4_FlippedBitsAnywhereInTheLogAreNoticed) {
  image_.MakeKilled();
  const std::string log = image_.Files(".log").front();
  const size_t bits = 8 * fs::file_size(image_.store() / log);
  FakeRandom random(1);
  Tally tally;
  for (int i = 0; i < (Full() ? 10000 : 40); ++i) {
    const size_t bit = random.Below(bits);
    SCOPED_TRACE(absl::StrCat("bit ", bit));
    Try(FlipBit(log, bit), &tally);
    if (HasFatalFailure()) return;
    if (i % 1000 == 999) std::cout << tally.Text() << std::flush;
  }
  std::cout << tally.Text();
  EXPECT_GT(tally.refused, 0);
}

TEST_F(RocksDbDamageTest, P4_CutLogIsNoticed) {
  image_.MakeKilled();
  const std::string log = image_.Files(".log").front();
  const size_t size = fs::file_size(image_.store() / log);
  std::vector<size_t> cuts = LogRecords(ReadBytes(image_.store() / log));
  FakeRandom random(2);
  for (int i = 0; i < (Full() ? 2000 : 20); ++i) cuts.push_back(random.Below(size));
  Tally tally;
  for (const size_t cut : cuts) {
    SCOPED_TRACE(absl::StrCat("cut to ", cut));
    Try([&](const fs::path& store) { fs::resize_file(store / log, cut); }, &tally);
    if (HasFatalFailure()) return;
  }
  std::cout << tally.Text();
  EXPECT_EQ(tally.refused, static_cast<int>(cuts.size()));
  EXPECT_EQ(tally.silent_alone, static_cast<int>(cuts.size()));
}

// RocksDB takes some damage for the end of the first log and goes on with the second. The head row
// is then the newest one, so HEAD agrees, and groups in the middle are gone.
TEST_F(RocksDbDamageTest, P4_GapBetweenTwoLogsIsNoticed) {
  image_.MakeWithTwoLogs();
  Tally tally;
  const std::string log = image_.Files(".log").front();
  const std::vector<size_t> records = LogRecords(ReadBytes(image_.store() / log));
  for (const size_t record : records) {
    for (size_t bit = 0; bit < 8; ++bit) {
      if (!Full() && (record + bit) % 3 != 0 && record > 0) continue;
      SCOPED_TRACE(absl::StrCat("record at ", record, ", bit ", bit));
      Try(FlipBit(log, 8 * (record + kLogTypeAt) + bit), &tally);
      if (HasFatalFailure()) return;
    }
  }
  std::cout << tally.Text();
  EXPECT_GT(tally.holes_alone, 0) << "the filter would not be needed";
  EXPECT_EQ(tally.harmless, 0);
}

// A group that was never acknowledged, torn at any byte or with a page that did not reach the disk,
// is what an ordinary power cut leaves: the store opens with what was acknowledged.
TEST_F(RocksDbDamageTest, P4_PowerCutInTheLastGroupIsNoDamage) {
  image_.MakeKilled();
  const std::string log = image_.Files(".log").front();
  const size_t acknowledged = fs::file_size(image_.store() / log);
  // The same with one more group, of which HEAD knows nothing yet.
  RocksDbImage longer_image(root_ / "longer", kGroups + 1);
  longer_image.MakeKilled();
  const std::string longer = ReadBytes(longer_image.store() / log);
  ASSERT_GT(longer.size(), acknowledged);
  std::vector<std::string> torn;
  const size_t step = Full() ? 3 : 211;
  for (size_t cut = acknowledged; cut < longer.size(); cut += step) {
    torn.push_back(longer.substr(0, cut));
    std::string zeros = longer;
    std::fill(zeros.begin() + acknowledged, zeros.begin() + cut, '\0');
    torn.push_back(std::move(zeros));
    zeros = longer;
    std::fill(zeros.begin() + cut, std::min(zeros.end(), zeros.begin() + cut + 512), '\0');
    torn.push_back(std::move(zeros));
  }
  const fs::path copy = root_ / "copy";
  int without = 0;
  for (const std::string& bytes : torn) {
    fs::remove_all(copy);
    fs::create_directories(copy);
    fs::copy(longer_image.path() / "data", copy / "data", fs::copy_options::recursive);
    fs::copy(image_.path() / "head", copy / "head", fs::copy_options::recursive);
    WriteBytes(copy / "data/store" / log, bytes);
    auto store = RocksDbStore::Open(RocksDbImage::OptionsIn(copy));
    ABSL_ASSERT_OK(store);
    ABSL_ASSERT_OK_AND_ASSIGN(const uint64_t groups, test_groups::CountGroups(**store));
    if (groups == kGroups) ++without;
    ASSERT_TRUE(groups == kGroups || groups == kGroups + 1) << groups;
    ABSL_ASSERT_OK(test_groups::CheckGroups(**store, groups));
    ABSL_ASSERT_OK_AND_ASSIGN(const uint64_t next, test_groups::WriteNextGroup(**store));
    ASSERT_EQ(next, groups + 1);
  }
  std::cout << torn.size() << " torn logs, " << without << " without the last group\n";
  EXPECT_GT(without, 0);
}

TEST_F(RocksDbDamageTest, P4_FlippedBitsInTablesAndManifestAreNeverServed) {
  image_.MakeFlushed();
  std::vector<std::string> names = image_.Files(".sst");
  for (const char* name : {"CURRENT", "IDENTITY"}) names.push_back(name);
  for (const auto& file : fs::directory_iterator(image_.store())) {
    const std::string name = file.path().filename();
    if (name.compare(0, 9, "MANIFEST-") == 0) names.push_back(name);
  }
  FakeRandom random(3);
  Tally tally;
  for (int i = 0; i < (Full() ? 10000 : 60); ++i) {
    const std::string& name = names[random.Below(names.size())];
    const size_t bit = random.Below(8 * fs::file_size(image_.store() / name));
    SCOPED_TRACE(absl::StrCat(name, ", bit ", bit));
    Try(FlipBit(name, bit), &tally);
    if (HasFatalFailure()) return;
    if (i % 1000 == 999) std::cout << tally.Text() << std::flush;
  }
  std::cout << tally.Text();
  EXPECT_GT(tally.refused + tally.unread, 0);
}

TEST_F(RocksDbDamageTest, P4_MissingFilesAreNoticed) {
  for (const bool flushed : {false, true}) {
    if (flushed) {
      image_.MakeFlushed();
    } else {
      image_.MakeKilled();
    }
    std::vector<std::string> names = image_.Files(flushed ? ".sst" : ".log");
    names.push_back("CURRENT");
    Tally tally;
    for (const std::string& name : names) {
      SCOPED_TRACE(name);
      Try([&](const fs::path& store) { fs::remove(store / name); }, &tally);
      if (HasFatalFailure()) return;
    }
    EXPECT_EQ(tally.harmless, 0) << tally.Text();
  }
}

}  // namespace
}  // namespace naru
