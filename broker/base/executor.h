#ifndef NARU_BROKER_BASE_EXECUTOR_H_
#define NARU_BROKER_BASE_EXECUTOR_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"

namespace naru {

// Runs closures, each once, on threads of its own. Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;
  // Never blocks. Closures of one caller may run at once and in any order; see Strand for order.
  virtual void Run(std::function<void()> work) = 0;
};

// Runs closures later. Thread-safe.
class Timer {
 public:
  using Token = uint64_t;
  virtual ~Timer() = default;
  // Runs `work` once `delay` has passed, unless cancelled. Never blocks.
  virtual Token After(absl::Duration delay, std::function<void()> work) = 0;
  // True when the closure will not run. False when it ran, runs now or the token is unknown.
  virtual bool Cancel(Token token) = 0;
};

// Runs closures one at a time and in order; see strand.h.
class Strand;

}  // namespace naru

#endif  // NARU_BROKER_BASE_EXECUTOR_H_
