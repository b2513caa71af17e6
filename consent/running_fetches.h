#ifndef NARU_CONSENT_RUNNING_FETCHES_H_
#define NARU_CONSENT_RUNNING_FETCHES_H_

#include <memory>

#include "broker/base/ids.h"

namespace naru {

// The fetches that run in this process: a repeat of one of them must wait, and the papers without
// outcome of one that does not run were interrupted. An embedded store has one process, so nothing
// runs elsewhere. Bounded by those who hold tokens. Thread-safe.
class RunningFetches {
 public:
  RunningFetches();
  ~RunningFetches();

  // The fetch runs as long as a copy of what is returned lives, also longer than this object.
  std::shared_ptr<const void> Start(const FetchId& fetch);
  bool IsRunning(const FetchId& fetch) const;

 private:
  struct Shared;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace naru

#endif  // NARU_CONSENT_RUNNING_FETCHES_H_
