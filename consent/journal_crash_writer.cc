// Journals into a RocksDbStore with many changes waiting until it is killed, and prints the proof
// of every entry, in base64, once its caller is told:
//
//   journal_crash_writer <directory> <seed>
//
// For journal_crash_test, which kills it.

#include <glog/logging.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/clock.h"
#include "broker/base/log.h"
#include "broker/base/random.h"
#include "broker/base/thread_pool.h"
#include "consent/journal.h"
#include "consent/journal_crash_changes.h"
#include "consent/ledger/ledger.h"
#include "consent/ledger_proof_builder.h"

namespace naru {
namespace {

constexpr int kWaiting = 48;

// Bounds the changes that wait.
class Places {
 public:
  void Take() {
    absl::MutexLock lock(&mu_, absl::Condition(
                                   +[](int* left) { return *left > 0; }, &left_));
    --left_;
  }
  void GiveBack() {
    absl::MutexLock lock(&mu_);
    ++left_;
  }

 private:
  absl::Mutex mu_;
  int left_ = kWaiting;
};

void Run(const std::string& directory, uint64_t seed) {
  const auto store = RocksDbStore::Open(journal_crash::StoreOptions(directory));
  CHECK(store.ok()) << store.status();
  const std::unique_ptr<CheckpointSigner> signer = journal_crash::Signer();
  const auto ledger = Ledger::Open(store->get(), signer.get(), 0);
  CHECK(ledger.ok()) << ledger.status();
  ThreadPool executor("writer", 2);
  Journal::Options options;
  options.clock = Clock::Real();
  options.random = Random::System();
  options.store = store->get();
  options.ledger = ledger->get();
  options.executor = &executor;
  Journal journal(options);

  FakeRandom random(seed);
  const std::vector<SubjectId> subjects = journal_crash::Subjects();
  Places places;
  for (;;) {
    places.Take();
    const SubjectId& subject = subjects[random.Below(subjects.size())];
    if (random.Below(10) == 0) {
      journal.NoteCheck("1", "1:api", absl::StrCat(random.Below(5)), SubjectId(),
                        v1::REFUSAL_REASON_UNSPECIFIED);
    }
    journal.Commit(journal_crash::Count(subject), [&](absl::StatusOr<Committed> committed) {
      CHECK(committed.ok()) << committed.status();
      const auto proof = ProveCommitted(**ledger, *committed, 0, 0);
      CHECK(proof.ok()) << proof.status();
      const std::string line = absl::StrCat(absl::Base64Escape(proof->SerializeAsString()), "\n");
      // Up to 4,096 bytes a pipe takes whole. When nobody reads any more, the test has ended
      // without killing this process.
      CHECK_LE(line.size(), 4096u);
      if (write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(0);
      places.GiveBack();
    });
  }
}

}  // namespace
}  // namespace naru

int main(int argc, char** argv) {
  naru::InitLogging(argv[0]);
  CHECK_EQ(argc, 3);
  uint64_t seed = 0;
  CHECK(absl::SimpleAtoi(argv[2], &seed));
  naru::Run(argv[1], seed);
}
