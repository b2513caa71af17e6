#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "consent/store/rocksdb_store.h"
#include "consent/store/test_groups.h"
#include "glog/logging.h"

// Goal: what was acknowledged survives kill -9 at any moment (P4). Method: a process of its own
// writes groups and tells of each through a pipe; this one kills it after a random number of them,
// or a random time after its start (so while it opens, replays or makes the store), opens the store
// itself and compares every row with what the groups it claims to have must have left. The same
// directories take the next round. Small buffers make flushes and new log files part of what is
// interrupted.
//
// kill -9 leaves what the process gave to the system; power loss does not. rocksdb_damage_test has
// that part.
namespace naru {
namespace {

extern "C" char** environ;

// Rounds in one pair of directories, so that checking it all stays quick.
constexpr int kRoundsOfStore = 20;

int Rounds() { return std::getenv("NARU_FULL") != nullptr ? 20000 : 40; }

// One run of rocksdb_crash_writer.
class Writer {
 public:
  explicit Writer(const RocksDbStore::Options& options) {
    int ends[2];
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    CHECK_EQ(posix_spawn_file_actions_init(&actions), 0);
    CHECK_EQ(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), 0);
    std::string program =
        absl::StrCat(std::getenv("TEST_SRCDIR"), "/naru/consent/store/rocksdb_crash_writer");
    std::string data = options.data_directory;
    std::string head = options.head_directory;
    std::string buffer = absl::StrCat(options.settings.write_buffer_bytes);
    char* arguments[] = {program.data(), data.data(), head.data(), buffer.data(), nullptr};
    CHECK_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    pipe_ = ends[0];
  }

  // Reads until that many groups were acknowledged or `time` has passed. False when the writer has
  // ended by itself.
  bool Await(int groups, absl::Duration time) {
    const absl::Duration end = Clock::Real()->Monotonic() + time;
    while (Acknowledged().size() < static_cast<size_t>(groups)) {
      const absl::Duration left = end - Clock::Real()->Monotonic();
      if (left <= absl::ZeroDuration()) return true;
      pollfd readable = {pipe_, POLLIN, 0};
      const timespec timeout = absl::ToTimespec(left);
      if (ppoll(&readable, 1, &timeout, nullptr) == 1 && !ReadSome()) return false;
    }
    return true;
  }

  // Kills the writer, unless it is dead, and reads what it had still acknowledged.
  void Kill() {
    kill(pid_, SIGKILL);
    while (ReadSome()) {
    }
    int status = 0;
    CHECK_EQ(waitpid(pid_, &status, 0), pid_);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "the writer ended by itself, wait status " << status;
    close(pipe_);
  }

  // Groups of whole lines so far, in their order.
  std::vector<uint64_t> Acknowledged() const {
    std::vector<uint64_t> groups;
    for (absl::string_view line : absl::StrSplit(text_.substr(0, text_.rfind('\n') + 1), '\n')) {
      uint64_t group;
      if (absl::SimpleAtoi(line, &group)) groups.push_back(group);
    }
    return groups;
  }

 private:
  // False at the end.
  bool ReadSome() {
    char buffer[4096];
    const ssize_t got = read(pipe_, buffer, sizeof(buffer));
    if (got <= 0) return false;
    text_.append(buffer, got);
    return true;
  }

  pid_t pid_ = 0;
  int pipe_ = -1;
  std::string text_;
};

struct Tally {
  int rounds = 0;
  int before_first = 0;  // Rounds killed before any group was acknowledged.
  uint64_t acknowledged = 0;
  int one_more = 0;     // Rounds where one group was there that nobody had been told of.
  int head_behind = 0;  // Rounds killed between the store's sync and HEAD's.

  std::string Text() const {
    return absl::StrCat(rounds, " kills, ", acknowledged, " groups acknowledged, ", before_first,
                        " kills before the first of a run, ", one_more,
                        " times one more group was found, ", head_behind,
                        " times HEAD was one behind\n");
  }
};

// Opens the store after a crash. `had` is how many groups it must have at least, and becomes how
// many it has.
void CheckAfterCrash(const RocksDbStore::Options& options, uint64_t* had, Tally* tally) {
  auto store = RocksDbStore::Open(options);
  ABSL_ASSERT_OK(store);
  ABSL_ASSERT_OK_AND_ASSIGN(const uint64_t groups, test_groups::CountGroups(**store));
  ASSERT_GE(groups, *had) << "acknowledged groups are gone";
  ASSERT_LE(groups, *had + 1) << "one group at a time is written";
  ABSL_ASSERT_OK(test_groups::CheckGroups(**store, groups));

  ABSL_ASSERT_OK_AND_ASSIGN(const LedgerHead stored, test_groups::StoredHead(**store));
  ASSERT_EQ(stored.size, test_groups::HeadAfter(groups).size);
  const std::optional<LedgerHead> head = (*store)->HeadAtOpen();
  uint64_t confirmed = 0;
  if (head.has_value()) {
    ASSERT_LE(head->size, stored.size) << "HEAD is ahead of the store";
    ABSL_ASSERT_OK_AND_ASSIGN(confirmed, test_groups::GroupOfHead(*head, groups));
  }
  ASSERT_GE(confirmed, *had) << "a group was acknowledged before HEAD confirmed it";
  if (groups > *had) ++tally->one_more;
  if (groups > confirmed) ++tally->head_behind;
  *had = groups;
}

TEST(RocksDbCrashTest, P4_AcknowledgedGroupsSurviveKillAtAnyMoment) {
  FakeRandom random(20261122);
  Tally tally;
  RocksDbStore::Options options;
  options.clock = Clock::Real();
  options.min_free_bytes = 1 << 20;
  options.ballast_bytes = 1 << 20;
  const std::string directory = testing::TempDir() + "/crash";
  options.data_directory = directory + "/data";
  options.head_directory = directory + "/head";
  uint64_t had = 0;
  for (int round = 0; round < Rounds(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    if (round % kRoundsOfStore == 0) {
      std::filesystem::remove_all(directory);
      had = 0;
    }
    // 64 KiB is RocksDB's smallest; about every fiftieth group then starts a new log file.
    options.settings.write_buffer_bytes = random.Below(2) == 0 ? 64 << 10 : 64 << 20;
    Writer writer(options);
    // A third of the kills come soon after the start, the rest while groups are written.
    const int groups = random.Below(3) == 0 ? 0 : 1 + static_cast<int>(random.Below(60));
    ASSERT_TRUE(writer.Await(groups, absl::Seconds(30)));
    const absl::Duration more =
        absl::Microseconds(static_cast<int64_t>(random.Below(groups == 0 ? 60000 : 1000)));
    ASSERT_TRUE(writer.Await(1 << 30, more));
    writer.Kill();

    const std::vector<uint64_t> acknowledged = writer.Acknowledged();
    if (acknowledged.empty()) ++tally.before_first;
    for (const uint64_t group : acknowledged) {
      ASSERT_EQ(group, had + 1);
      had = group;
    }
    tally.acknowledged += acknowledged.size();
    ++tally.rounds;
    ASSERT_NO_FATAL_FAILURE(CheckAfterCrash(options, &had, &tally));
    if (tally.rounds % 500 == 0) std::cout << tally.Text() << std::flush;
  }
  std::cout << tally.Text();
  EXPECT_GT(tally.before_first, 0) << "no kill fell into an open";
  EXPECT_GT(tally.acknowledged, static_cast<uint64_t>(tally.rounds));
}

}  // namespace
}  // namespace naru
