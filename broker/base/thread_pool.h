#ifndef NARU_BROKER_BASE_THREAD_POOL_H_
#define NARU_BROKER_BASE_THREAD_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/executor.h"

namespace naru {

// An executor with a fixed number of threads, first come, first served. The queue itself has no
// bound, because Run cannot refuse: whoever accepts work from outside bounds it there, and
// queued() is the gauge that shows when that fails. Thread-safe.
class ThreadPool : public Executor {
 public:
  // `name` shows in ps and top; at most 15 characters count.
  ThreadPool(const std::string& name, int threads);
  // Runs all that was given, and what that gives in turn, then ends the threads. Nobody else may
  // call Run any more, and none of the pool's own threads may destroy it.
  ~ThreadPool() override;

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void Run(std::function<void()> work) override ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until no closure waits or runs; what comes later is not waited for. DEADLINE_EXCEEDED
  // when that is not so after `within` of real time: says how many wait and how many run. Not for
  // the pool's own threads.
  absl::Status WaitIdle(absl::Duration within) const ABSL_LOCKS_EXCLUDED(mu_);

  // Closures that wait for a thread.
  size_t queued() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mu_);
  bool Awake() const ABSL_SHARED_LOCKS_REQUIRED(mu_);
  bool Idle() const ABSL_SHARED_LOCKS_REQUIRED(mu_) { return queue_.empty() && running_ == 0; }

  const std::string name_;
  mutable absl::Mutex mu_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  int running_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_THREAD_POOL_H_
