#ifndef NARU_BROKER_BASE_THREAD_TIMER_H_
#define NARU_BROKER_BASE_THREAD_TIMER_H_

#include <cstddef>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/executor.h"

namespace naru {

// The real timer: one thread that waits on the kernel's monotonic clock, so that a change of the
// wall clock neither hastens nor delays anything, and hands closures that are due to an executor,
// the earliest first. Thread-safe.
class ThreadTimer : public Timer {
 public:
  // `executor` must outlive this object.
  explicit ThreadTimer(Executor* executor);
  // Closures not yet due never run.
  ~ThreadTimer() override;

  // After it no closure is handed over, and After drops what it is given: for an owner whose
  // closures still use the timer while they end. May be called again.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  ThreadTimer(const ThreadTimer&) = delete;
  ThreadTimer& operator=(const ThreadTimer&) = delete;

  // A delay that is not positive means at once; absl::InfiniteDuration() means never.
  Token After(absl::Duration delay, std::function<void()> work) override ABSL_LOCKS_EXCLUDED(mu_);
  bool Cancel(Token token) override ABSL_LOCKS_EXCLUDED(mu_);

  // Closures that wait for their time.
  size_t pending() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // When a closure is due; equal times are told apart by the order of the calls.
  using Due = std::pair<absl::Duration, Token>;

  void Work() ABSL_LOCKS_EXCLUDED(mu_);
  // Makes the thread wake after `delay`.
  void Arm(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Executor* const executor_;
  const int timer_fd_;
  mutable absl::Mutex mu_;
  Token last_token_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<Due, std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<Token, absl::Duration> due_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_THREAD_TIMER_H_
