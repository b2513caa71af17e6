// Goal: what a caller was told survives kill -9 at any moment, with its proof (P4). Method: a
// process of its own journals with many callers and prints the proof of each entry as the caller
// gets it; this one kills it after a random number of them, reads what was still printed, opens
// store and ledger itself and looks for every entry, every tree that was signed, every person's
// numbers and the state that goes with them. The same directory takes the next round.

#include <fcntl.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/ledger_proof.h"
#include "consent/journal_crash_changes.h"
#include "consent/ledger/ledger.h"
#include "consent/ledger/stored_nodes.h"
#include "consent/ledger_proof_builder.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

extern "C" char** environ;

// Rounds in one directory, so that checking it all stays quick.
constexpr int kRoundsOfStore = 10;

int Rounds() { return std::getenv("NARU_FULL") != nullptr ? 1000 : 30; }

// Runs the writer until it has printed `lines` lines, kills it, and gives all whole lines that it
// printed.
std::vector<std::string> RunAndKill(std::string directory, std::string seed, size_t lines) {
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  CHECK_EQ(posix_spawn_file_actions_init(&actions), 0);
  CHECK_EQ(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), 0);
  std::string program =
      absl::StrCat(std::getenv("TEST_SRCDIR"), "/naru/consent/journal_crash_writer");
  char* arguments[] = {program.data(), directory.data(), seed.data(), nullptr};
  pid_t pid;
  CHECK_EQ(posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);

  std::vector<std::string> whole;
  std::string text;
  bool killed = false;
  char buffer[65536];
  ssize_t got;
  while ((got = read(ends[0], buffer, sizeof(buffer))) > 0) {
    text.append(buffer, got);
    size_t end;
    while ((end = text.find('\n')) != std::string::npos) {
      whole.push_back(text.substr(0, end));
      text.erase(0, end + 1);
    }
    if (!killed && whole.size() >= lines) {
      kill(pid, SIGKILL);
      killed = true;
    }
  }
  close(ends[0]);
  int status = 0;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
      << "the writer ended by itself, wait status " << status;
  return whole;
}

class JournalCrashTest : public testing::Test {
 protected:
  // Takes the proofs that callers got: each must hold by itself, as for an agency.
  void Acknowledge(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      std::string bytes;
      v1::LedgerProof proof;
      ASSERT_TRUE(absl::Base64Unescape(line, &bytes) && proof.ParseFromString(bytes));
      ABSL_ASSERT_OK(VerifyLedgerProof(proof, verifier_));
      ABSL_ASSERT_OK_AND_ASSIGN(const Checkpoint checkpoint, verifier_.Verify(proof.checkpoint()));
      ASSERT_TRUE(entries_.emplace(proof.index(), proof.outer()).second) << "index given twice";
      const auto root = roots_.emplace(checkpoint.size, checkpoint.root).first;
      ASSERT_EQ(root->second, checkpoint.root) << "two trees of " << checkpoint.size;
    }
  }

  void CheckAfterCrash(const std::string& directory) {
    const auto store = RocksDbStore::Open(journal_crash::StoreOptions(directory));
    ABSL_ASSERT_OK(store);
    const auto ledger = Ledger::Open(store->get(), signer_.get(), 0);
    ABSL_ASSERT_OK(ledger);
    for (const auto& [index, outer] : entries_) {
      ABSL_ASSERT_OK_AND_ASSIGN(const v1::LedgerProof proof, ProveEntry(**ledger, index, 0));
      ASSERT_EQ(proof.outer(), outer) << "entry " << index;
      ABSL_ASSERT_OK(VerifyLedgerProof(proof, verifier_));
    }
    for (const auto& [size, root] : roots_) {
      ASSERT_THAT(merkle::RootAt(size, StoredNodes(store->get(), 0)), IsOkAndHolds(root));
    }
    CheckNumbers(**store, **ledger);
    found_ = (*ledger)->found().entries;
  }

  // Numbers without gap in the order of the ledger, and the state that the last one goes with.
  void CheckNumbers(const Store& store, const Ledger& ledger) {
    std::map<std::string, uint64_t> numbers;
    for (uint64_t index = 0; index < ledger.head().size; ++index) {
      ABSL_ASSERT_OK_AND_ASSIGN(const storage::v1::RecordRow record, ledger.Record(index));
      storage::v1::InnerEntry inner;
      ASSERT_TRUE(inner.ParseFromString(record.inner()));
      if (inner.subject_id().empty()) continue;
      ASSERT_EQ(inner.person_number(), ++numbers[inner.subject_id()]) << "entry " << index;
    }
    for (const SubjectId& subject : journal_crash::Subjects()) {
      const uint64_t last = numbers[subject.bytes()];
      if (last == 0) continue;
      ABSL_ASSERT_OK_AND_ASSIGN(const auto value, store.Get(Table::kRows, keys::Subject(subject)));
      storage::v1::SubjectRow row;
      ASSERT_TRUE(value.has_value() && row.ParseFromString(*value));
      ASSERT_EQ(row.last_number(), last);
      ASSERT_THAT(store.Get(Table::kRows, journal_crash::CountKey(subject)),
                  IsOkAndHolds(absl::StrCat(last)));
    }
  }

  const std::unique_ptr<CheckpointSigner> signer_ = journal_crash::Signer();
  const CheckpointVerifier verifier_ = CheckpointVerifier::Create(signer_->VerifierKeys()).value();
  std::map<uint64_t, std::string> entries_;
  std::map<uint64_t, std::string> roots_;
  uint64_t found_ = 0;
};

TEST_F(JournalCrashTest, P4_EveryEntryThatWasAcknowledgedIsThereAfterKillWithItsProof) {
  FakeRandom random(20261122);
  size_t acknowledged = 0;
  int unacknowledged = 0;  // Rounds that ended with entries nobody had been told of.
  std::string directory;
  for (int round = 0; round < Rounds(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    if (round % kRoundsOfStore == 0) {
      if (round > 0) std::filesystem::remove_all(directory);
      directory = absl::StrCat(testing::TempDir(), "/journal-crash-", round);
      entries_.clear();
      roots_.clear();
    }
    const std::vector<std::string> lines =
        RunAndKill(directory, absl::StrCat(round), 1 + random.Below(400));
    ASSERT_NO_FATAL_FAILURE(Acknowledge(lines));
    acknowledged += lines.size();
    ASSERT_NO_FATAL_FAILURE(CheckAfterCrash(directory));
    if (found_ > entries_.rbegin()->first + 1) ++unacknowledged;
  }
  std::cout << Rounds() << " kills, " << acknowledged << " entries acknowledged, " << unacknowledged
            << " kills left entries that nobody had been told of\n";
  EXPECT_GT(unacknowledged, 0) << "no kill fell between a commit and its callers";
}

}  // namespace
}  // namespace naru
