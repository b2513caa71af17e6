#ifndef NARU_ADAPTERS_HOLDER_ANSWER_SOURCE_H_
#define NARU_ADAPTERS_HOLDER_ANSWER_SOURCE_H_

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "adapters/holder/answer.h"

namespace naru {

// Who makes answers now. A document keeps the one it began with until its end, so that another
// configuration or key never changes one that is under way. Thread-safe.
class AnswerSource {
 public:
  explicit AnswerSource(std::shared_ptr<const AnswerMaker> maker) : maker_(std::move(maker)) {}

  std::shared_ptr<const AnswerMaker> Get() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return maker_;
  }

  // For documents from now on. The one before ends with the last document that has it.
  void Set(std::shared_ptr<const AnswerMaker> maker) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    maker_.swap(maker);
  }

 private:
  mutable absl::Mutex mu_;
  std::shared_ptr<const AnswerMaker> maker_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_ANSWER_SOURCE_H_
