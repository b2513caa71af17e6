#include "consent/journal.h"

#include <glog/logging.h>
#include <pthread.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "consent/check_notes.h"
#include "consent/journal_group.h"

namespace naru {
namespace {

// A full queue of small changes is written in about so long.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);

struct Waiting {
  Change change;
  Journal::Done done;
  bool on_executor = true;
};

}  // namespace

struct Journal::Impl {
  explicit Impl(Options options) : options(std::move(options)) {}

  void Commit(Waiting waiting) ABSL_LOCKS_EXCLUDED(mu);
  void Finish(Waiting& waiting, absl::StatusOr<Committed> result) const;
  void Observe(const std::vector<absl::StatusOr<Committed>>& results) const;

  // The journal's thread.
  void Run() ABSL_LOCKS_EXCLUDED(mu);
  // Waits for work and takes it; false when there will be none.
  bool Take(std::vector<Waiting>* group, CheckNotes* checks) ABSL_LOCKS_EXCLUDED(mu);
  void CommitGroup(std::vector<Waiting> group, const CheckNotes& checks) ABSL_LOCKS_EXCLUDED(mu);
  void Keep(const CheckNotes& checks) ABSL_LOCKS_EXCLUDED(mu);

  // Conditions of the thread's wait.
  bool HasChanges() const ABSL_SHARED_LOCKS_REQUIRED(mu) { return !queue.empty() || stopping; }
  bool HasAnything() const ABSL_SHARED_LOCKS_REQUIRED(mu) { return HasChanges() || !notes.empty(); }

  const Options options;

  absl::Mutex mu;
  std::deque<Waiting> queue ABSL_GUARDED_BY(mu);
  CheckNotes notes ABSL_GUARDED_BY(mu);
  // When the notes are entered at the latest, by the monotonic clock.
  absl::Duration notes_due ABSL_GUARDED_BY(mu);
  bool stopping ABSL_GUARDED_BY(mu) = false;

  std::thread thread;  // Last: uses all of the above.
};

Journal::Journal(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {
  const Options& o = impl_->options;
  CHECK(o.clock && o.random && o.store && o.ledger && o.executor);
  impl_->thread = std::thread([impl = impl_.get()] { impl->Run(); });
}

Journal::~Journal() {
  {
    absl::MutexLock lock(&impl_->mu);
    impl_->stopping = true;
  }
  impl_->thread.join();
}

void Journal::Commit(Change change, Done done) {
  impl_->Commit({std::move(change), std::move(done), true});
}

absl::StatusOr<Committed> Journal::CommitAndWait(Change change) {
  absl::StatusOr<Committed> result;
  absl::Notification finished;
  impl_->Commit({std::move(change),
                 [&](absl::StatusOr<Committed> committed) {
                   result = std::move(committed);
                   finished.Notify();
                 },
                 false});
  finished.WaitForNotification();
  return result;
}

size_t Journal::queued() const {
  absl::MutexLock lock(&impl_->mu);
  return impl_->queue.size();
}

bool Journal::NoteCheck(const std::string& requester, const std::string& caller,
                        const std::string& consent_id, const SubjectId& subject,
                        v1::RefusalReason reason) {
  const absl::Duration due = impl_->options.clock->Monotonic() + limits::kCheckNoteDelay;
  absl::MutexLock lock(&impl_->mu);
  if (impl_->stopping) return false;
  if (impl_->notes.empty()) impl_->notes_due = due;
  return impl_->notes.Note(requester, caller, consent_id, subject, reason);
}

absl::Status Journal::FlushChecks() {
  // Every group takes the notes along, so a change that does nothing waits for them.
  Change nothing;
  nothing.judge = [](const Reader&, const JudgeContext&) { return Verdict(); };
  return CommitAndWait(std::move(nothing)).status();
}

void Journal::Impl::Commit(Waiting waiting) {
  absl::Status refused;
  {
    absl::MutexLock lock(&mu);
    if (stopping) {
      refused = NotReady("the broker is stopping");
    } else if (queue.size() >= limits::kJournalQueue) {
      refused = Overloaded("journal", kRetryAfter);
    } else {
      queue.push_back(std::move(waiting));
      return;
    }
  }
  Finish(waiting, std::move(refused));
}

void Journal::Impl::Finish(Waiting& waiting, absl::StatusOr<Committed> result) const {
  if (!waiting.on_executor) {
    waiting.done(std::move(result));
    return;
  }
  options.executor->Run([done = std::move(waiting.done), result = std::move(result)]() mutable {
    done(std::move(result));
  });
}

void Journal::Impl::Run() {
  pthread_setname_np(pthread_self(), "naru-journal");
  for (;;) {
    std::vector<Waiting> group;
    CheckNotes checks;
    if (!Take(&group, &checks)) return;
    CommitGroup(std::move(group), checks);
  }
}

bool Journal::Impl::Take(std::vector<Waiting>* group, CheckNotes* checks) {
  absl::MutexLock lock(&mu);
  for (;;) {
    mu.Await(absl::Condition(this, &Impl::HasAnything));
    if (HasChanges()) break;
    const absl::Duration left = notes_due - options.clock->Monotonic();
    if (left <= absl::ZeroDuration()) break;
    // Looks again after a while even so: a simulated clock moves without waking anybody.
    mu.AwaitWithTimeout(absl::Condition(this, &Impl::HasChanges),
                        std::min(left, limits::kCheckNoteDelay));
  }
  const size_t count = std::min<size_t>(queue.size(), limits::kJournalGroup);
  std::move(queue.begin(), queue.begin() + count, std::back_inserter(*group));
  queue.erase(queue.begin(), queue.begin() + count);
  std::swap(*checks, notes);
  return !group->empty() || !checks->empty();
}

void Journal::Impl::CommitGroup(std::vector<Waiting> group, const CheckNotes& checks) {
  std::vector<const Change*> changes;
  // First, so that they are entered even if the group ends early.
  const Change checks_change = checks.MakeChange();
  const size_t own = checks.empty() ? 0 : 1;
  if (own > 0) changes.push_back(&checks_change);
  for (const Waiting& waiting : group) changes.push_back(&waiting.change);

  JournalGroup judged({options.clock, options.random, options.ledger, options.policy},
                      std::move(changes));
  absl::Duration judging;
  const absl::Duration begin = options.clock->Monotonic();
  const absl::Status update = options.store->Update(judged.Locks(), [&](const Reader& state) {
    const absl::Duration judge_begin = options.clock->Monotonic();
    absl::StatusOr<Writes> writes = judged.Judge(state);
    judging += options.clock->Monotonic() - judge_begin;
    return writes;
  });
  const absl::Duration syncing = options.clock->Monotonic() - begin - judging;
  std::vector<absl::StatusOr<Committed>> results = judged.Conclude(update);

  if (judged.policy_changed() && options.on_policy_changed) options.on_policy_changed();
  Observe(results);
  if (own > 0 && !results[0].ok()) Keep(checks);
  const size_t finished = results.size() - own;
  for (size_t i = 0; i < finished; ++i) Finish(group[i], std::move(results[i + own]));
  if (finished < group.size()) {
    absl::MutexLock lock(&mu);
    queue.insert(queue.begin(), std::make_move_iterator(group.begin() + finished),
                 std::make_move_iterator(group.end()));
  }
  if (options.observer.on_group) {
    options.observer.on_group(static_cast<int>(finished), judged.entries(), judging, syncing);
  }
}

void Journal::Impl::Observe(const std::vector<absl::StatusOr<Committed>>& results) const {
  if (!options.observer.on_entry) return;
  for (const absl::StatusOr<Committed>& result : results) {
    if (!result.ok()) continue;
    for (const CommittedEntry& entry : result->entries) options.observer.on_entry(entry.outer);
  }
}

void Journal::Impl::Keep(const CheckNotes& checks) {
  absl::MutexLock lock(&mu);
  if (stopping) {
    LOG(ERROR) << "The last machine checks could not be entered and are lost";
    return;
  }
  notes.PutBack(checks);
  notes_due = options.clock->Monotonic() + limits::kCheckNoteRetry;
}

}  // namespace naru
