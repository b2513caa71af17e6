#include "broker/base/file.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A new directory for each test.
std::string TestDirectory() {
  const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string path = absl::StrCat(testing::TempDir(), "/file_test.", test->name());
  EXPECT_THAT(MakeDirectories(path), IsOk());
  return path;
}

std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  DIR* const handle = opendir(directory.c_str());
  EXPECT_NE(handle, nullptr);
  const auto closer = absl::MakeCleanup([handle] { closedir(handle); });
  while (const dirent* const entry = readdir(handle)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

mode_t ModeOf(const std::string& path) {
  struct stat found;
  EXPECT_EQ(stat(path.c_str(), &found), 0);
  return found.st_mode & 07777;
}

TEST(FileTest, ReadsWhatWasWritten) {
  const std::string path = TestDirectory() + "/a";
  for (const std::string& data :
       {std::string(), std::string("x"), std::string("a\0b\n", 4), std::string(300'000, 'z')}) {
    EXPECT_THAT(AtomicWriteFile(path, data), IsOk());
    EXPECT_THAT(ReadFile(path, 1 << 20), IsOkAndHolds(data));
  }
}

TEST(FileTest, ReadIsBounded) {
  const std::string path = TestDirectory() + "/a";
  ABSL_ASSERT_OK(AtomicWriteFile(path, std::string(100'000, 'x')));
  EXPECT_THAT(ReadFile(path, 100'000), IsOk());
  EXPECT_THAT(ReadFile(path, 99'999),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("larger than 99999 bytes")));
  EXPECT_THAT(ReadFile("/dev/zero", 1000), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(FileTest, ReadErrorsNameThePath) {
  const std::string directory = TestDirectory();
  EXPECT_THAT(ReadFile(directory + "/none", 10),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(directory + "/none: cannot open")));
  EXPECT_FALSE(ReadFile(directory, 10).ok());
}

TEST(FileTest, WriteLeavesNothingBesideTheFileAndSetsItsMode) {
  const std::string directory = TestDirectory();
  ABSL_ASSERT_OK(AtomicWriteFile(directory + "/secret", "1"));
  ABSL_ASSERT_OK(AtomicWriteFile(directory + "/public", "1", 0644));
  EXPECT_THAT(NamesIn(directory), ElementsAre("public", "secret"));
  EXPECT_EQ(ModeOf(directory + "/secret"), 0600u);
  EXPECT_EQ(ModeOf(directory + "/public"), 0644u);
}

TEST(FileTest, P4_FailedWriteKeepsTheOldContent) {
  const std::string directory = TestDirectory();
  const std::string path = directory + "/a";
  ABSL_ASSERT_OK(AtomicWriteFile(path, "old"));
  // Stands for a full disk: writes stop after 4 KiB.
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {4096, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status status = AtomicWriteFile(path, std::string(100'000, 'n'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);

  EXPECT_THAT(status, testing::Not(IsOk()));
  EXPECT_THAT(std::string(status.message()), HasSubstr(path + ": cannot write"));
  EXPECT_THAT(ReadFile(path, 1 << 20), IsOkAndHolds("old"));
  EXPECT_THAT(NamesIn(directory), ElementsAre("a"));
}

TEST(FileTest, WriteErrorsNameThePath) {
  const std::string directory = TestDirectory();
  EXPECT_THAT(AtomicWriteFile(directory + "/none/a", "x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(directory + "/none/a")));
  ABSL_ASSERT_OK(MakeDirectories(directory + "/taken"));
  EXPECT_FALSE(AtomicWriteFile(directory + "/taken", "x").ok());
  EXPECT_THAT(NamesIn(directory), ElementsAre("taken"));
}

TEST(FileTest, ReadersSeeTheOldContentOrTheNew) {
  const std::string path = TestDirectory() + "/a";
  const std::string a(200'000, 'a');
  const std::string b(100'000, 'b');
  ABSL_ASSERT_OK(AtomicWriteFile(path, a));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) ABSL_EXPECT_OK(AtomicWriteFile(path, i % 2 == 0 ? b : a));
    stop = true;
  });
  while (!stop) EXPECT_THAT(ReadFile(path, 1 << 20), IsOkAndHolds(testing::AnyOf(a, b)));
  writer.join();
}

TEST(FileTest, MakesDirectoriesInDepth) {
  const std::string directory = TestDirectory();
  ABSL_EXPECT_OK(MakeDirectories(directory + "/a/b/c"));
  ABSL_EXPECT_OK(MakeDirectories(directory + "/a/b/c/"));
  ABSL_EXPECT_OK(MakeDirectories(directory + "//a//d"));
  ABSL_EXPECT_OK(MakeDirectories("/"));
  EXPECT_THAT(NamesIn(directory + "/a"), ElementsAre("b", "d"));
  EXPECT_EQ(ModeOf(directory + "/a/b/c"), 0700u);
  ABSL_ASSERT_OK(AtomicWriteFile(directory + "/file", ""));
  EXPECT_THAT(MakeDirectories(directory + "/file/x"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a directory")));
  EXPECT_THAT(MakeDirectories(directory + "/file"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(MakeDirectories(""), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FileTest, MakesRelativeDirectories) {
  ABSL_EXPECT_OK(MakeDirectories("file_test_relative/x"));
  ABSL_EXPECT_OK(AtomicWriteFile("file_test_relative/x/a", "1"));
  ABSL_EXPECT_OK(AtomicWriteFile("file_test_plain", "1"));
  EXPECT_THAT(ReadFile("file_test_plain", 10), IsOkAndHolds("1"));
}

}  // namespace
}  // namespace naru
