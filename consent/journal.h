#ifndef NARU_CONSENT_JOURNAL_H_
#define NARU_CONSENT_JOURNAL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/base/ids.h"
#include "broker/base/random.h"
#include "consent/change.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/error_reason.pb.h"
#include "naru/v1/ledger_entry.pb.h"

// The only caller of Store::Update: the one way anything changes. A change is a function of its
// subject's rows; it returns writes and ledger entries, or an error. Changes that wait are judged
// together, each against what the earlier ones left, and made durable with one sync; so the ledger
// has no holes, no state changes without its entry, and one caller's conflict never fails its
// neighbours.
namespace naru {

class Ledger;

// What the journal counts; called on the journal's thread, must not block.
struct JournalObserver {
  std::function<void(int changes, int entries, absl::Duration judge, absl::Duration sync)> on_group;
  // An entry is durable; before its caller learns of it.
  std::function<void(const v1::OuterEntry& entry)> on_entry;
};

// Thread-safe.
class Journal {
 public:
  struct Options {
    Clock* clock = nullptr;
    Random* random = nullptr;
    Store* store = nullptr;
    Ledger* ledger = nullptr;
    // Runs callers' callbacks.
    Executor* executor = nullptr;
    JournalObserver observer;
    // Generation and digest of the policy that this broker goes by: a group is refused (NOT_READY)
    // when the store's policy row is another. Read at each group. Unset means no policy: the store
    // must have no row.
    std::function<storage::v1::PolicyRow()> policy;
    // Called on the journal's thread once a change that wrote the policy row is durable, before
    // anything else is judged and before its caller learns of it: the broker changes over here, so
    // that nobody is refused in between. Such a change is the last of its group. May be unset; must
    // not block.
    std::function<void()> on_policy_changed;
  };

  // All pointers must outlive the journal. Starts its thread.
  explicit Journal(Options options);
  // Makes what waits durable, then stops.
  ~Journal();

  using Done = std::function<void(absl::StatusOr<Committed>)>;

  // Never blocks. `done` runs on the executor, once: with the entries when they are durable (P1,
  // P4), with the judge's status, or OVERLOADED (queue full), STORAGE_FULL, NOT_READY (stopping,
  // policy). When the group cannot be made durable, all of it gets that status, also those whose
  // judge refused: they were judged against what did not happen.
  void Commit(Change change, Done done);

  // For tools and tests: Commit and wait. Not for the executor of a server.
  absl::StatusOr<Committed> CommitAndWait(Change change);

  // Changes that wait for the journal's thread; at most limits::kJournalQueue.
  size_t queued() const;

  // Notes a machine's check; one CHECKS entry per requester and caller (limits::kChecksPerEntry
  // lines each) is made with the next group or within limits::kCheckNoteDelay, nobody waits for it.
  // Equal checks are one line with a count. An empty subject: the check found nobody. False when
  // limits::kCheckNotes lines are waiting: the caller then refuses the check (P10). Notes that
  // could not be entered wait on, so checks are refused while nothing can be entered.
  bool NoteCheck(const std::string& requester, const std::string& caller,
                 const std::string& consent_id, const SubjectId& subject, v1::RefusalReason reason);
  // Enters the checks noted so far and waits. For tools and tests.
  absl::Status FlushChecks();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace naru

#endif  // NARU_CONSENT_JOURNAL_H_
