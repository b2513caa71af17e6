#ifndef NARU_BROKER_BASE_STRAND_H_
#define NARU_BROKER_BASE_STRAND_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/executor.h"

namespace naru {

// An executor over another one whose closures run one at a time, in the order they came: what an
// event-driven object uses in place of a lock. A closure sees everything the closures before it
// wrote. Closures already given run even when the last reference to the strand is gone.
// Thread-safe. The inner executor must outlive every closure.
class Strand : public Executor, public std::enable_shared_from_this<Strand> {
 public:
  // Never blocks and never runs `work` before it returns when called from the strand itself.
  void Run(std::function<void()> work) override ABSL_LOCKS_EXCLUDED(mu_);

  // True inside a closure of this strand: for checks that an object is touched only there.
  bool RunsHere() const;

  // Closures that wait; does not count the one that runs.
  size_t size() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend std::shared_ptr<Strand> MakeStrand(Executor* inner);

  explicit Strand(Executor* inner) : inner_(inner) {}

  void Schedule();
  void Drain() ABSL_LOCKS_EXCLUDED(mu_);

  Executor* const inner_;
  mutable absl::Mutex mu_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  // Whether a Drain() is scheduled or runs: there is never more than one.
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
};

std::shared_ptr<Strand> MakeStrand(Executor* inner);

}  // namespace naru

#endif  // NARU_BROKER_BASE_STRAND_H_
