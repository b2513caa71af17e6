#ifndef NARU_CONSENT_JOURNAL_HARNESS_H_
#define NARU_CONSENT_JOURNAL_HARNESS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/clock.h"
#include "broker/base/fake_executor.h"
#include "broker/base/random.h"
#include "broker/proof/checkpoint.h"
#include "consent/journal.h"
#include "consent/ledger/ledger.h"
#include "consent/ledger/ledger_filler.h"
#include "consent/ledger_proof_builder.h"
#include "consent/store/memory_store.h"

namespace naru {

class CommitResults;

// A journal over a store in memory that a test can stop, fail and restart. One thread uses it;
// callbacks run on the journal's thread.
class JournalHarness {
 public:
  explicit JournalHarness(MemoryStore::Options options = {});
  ~JournalHarness();

  SimulatedClock& clock() { return clock_; }
  Random& random() { return random_; }
  MemoryStore& store() { return *store_; }
  Ledger& ledger() { return *ledger_; }
  Journal& journal() { return *journal_; }
  const CheckpointSigner& signer() const { return *signer_; }
  CheckpointVerifier Verifier() const;

  // Used by the next Restart: what the journal is made with beside the harness's own objects.
  Journal::Options& options() { return options_; }
  // Stops the journal, drops everything that is not durable and opens again. Ends the process when
  // the ledger does not open.
  void Restart();
  // Stops the journal; Restart starts it again.
  void Stop();

  // Makes a subject by a change of its own (one entry, number 1).
  SubjectId AddSubject();

  // A change with one entry about the subject.
  static Change Enter(const SubjectId& subject, v1::EntryKind kind = v1::ENTRY_KIND_HISTORY_READ,
                      const std::string& reference = "");

  // Holds the journal in a first group (one entry about the subject), as by a slow disk, so that
  // what `commit` commits shares the next groups.
  void Behind(const SubjectId& subject, const std::function<void()>& commit);

  // The number of the update that the next group will be.
  uint64_t next_update() const { return store_->updates() + 1; }

 private:
  SimulatedClock clock_;
  FakeRandom random_;
  InlineExecutor executor_;
  std::unique_ptr<CheckpointSigner> signer_ = LedgerFiller::NewSigner();
  std::unique_ptr<MemoryStore> store_;
  Journal::Options options_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<CommitResults> first_;
  std::unique_ptr<Journal> journal_;
};

// Commits through a harness's journal and keeps the results by number of commit. One thread uses
// it.
class CommitResults {
 public:
  explicit CommitResults(JournalHarness* harness) : harness_(harness) {}

  void Commit(Change change);
  // Waits for all of them.
  std::vector<absl::StatusOr<Committed>> Await();
  size_t finished();

 private:
  bool AllThere() const { return finished_ == results_.size(); }

  JournalHarness* const harness_;
  absl::Mutex mu_;
  std::deque<std::optional<absl::StatusOr<Committed>>> results_ ABSL_GUARDED_BY(mu_);
  size_t finished_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace naru

#endif  // NARU_CONSENT_JOURNAL_HARNESS_H_
