#ifndef NARU_BROKER_BASE_FAKE_EXECUTOR_H_
#define NARU_BROKER_BASE_FAKE_EXECUTOR_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"

// Executors and a timer that a test drives: nothing happens until it is told to. Thread-safe, but
// meant for one thread, so that every run of a test is the same.
namespace naru {

// Runs closures inside Run, on the caller's thread.
class InlineExecutor : public Executor {
 public:
  void Run(std::function<void()> work) override { work(); }
};

// Keeps closures until they are asked for. Closures never run are destroyed with it.
class ManualExecutor : public Executor {
 public:
  void Run(std::function<void()> work) override ABSL_LOCKS_EXCLUDED(mu_);

  // Runs one closure: the oldest, or the one at `index`, as an executor promises no order. False
  // when there is none.
  bool RunOne(size_t index = 0) ABSL_LOCKS_EXCLUDED(mu_);
  // Runs closures, also those that come meanwhile, until none is left. Returns how many ran. Ends
  // the process after a million, when a test would never end.
  size_t RunAll() ABSL_LOCKS_EXCLUDED(mu_);
  // Closures that wait.
  size_t size() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
};

// A timer over a simulated clock's monotonic time. It alone should move that clock; closures due
// by a move made elsewhere run in the next Advance.
class SimulatedTimer : public Timer {
 public:
  // Closures run on `executor`, or inside Advance when there is none. When it is a ManualExecutor,
  // Advance runs it to the end at every stop, so that work sees the time it is due at. The objects
  // must outlive this one.
  explicit SimulatedTimer(SimulatedClock* clock) : SimulatedTimer(clock, nullptr) {}
  SimulatedTimer(SimulatedClock* clock, Executor* executor);

  Token After(absl::Duration delay, std::function<void()> work) override ABSL_LOCKS_EXCLUDED(mu_);
  bool Cancel(Token token) override ABSL_LOCKS_EXCLUDED(mu_);

  // Moves the clock on by `by`, stopping wherever a closure is due, the earliest first, also those
  // that the closures set.
  void Advance(absl::Duration by) ABSL_LOCKS_EXCLUDED(mu_);
  // The same up to the clock's wall time `time`, which must not be past.
  void AdvanceTo(absl::Time time);
  // Moves on to the next closure and runs it and what is due with it; false when there is none.
  bool AdvanceToNext();

  // How far ahead the next closure is due; zero when it is overdue.
  std::optional<absl::Duration> NextDue() const ABSL_LOCKS_EXCLUDED(mu_);
  // Closures that wait for their time.
  size_t pending() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // When a closure is due; equal times are told apart by the order of the calls.
  using Due = std::pair<absl::Duration, Token>;

  // Takes out the first closure due at `limit` or before, and sets when that is.
  bool TakeDue(absl::Duration limit, absl::Duration* due, std::function<void()>* work)
      ABSL_LOCKS_EXCLUDED(mu_);
  void RunNow(std::function<void()> work);

  SimulatedClock* const clock_;
  Executor* const executor_;
  ManualExecutor* const manual_;  // executor_, when it is one.
  mutable absl::Mutex mu_;
  Token last_token_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<Due, std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_FAKE_EXECUTOR_H_
