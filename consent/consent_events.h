#ifndef NARU_CONSENT_CONSENT_EVENTS_H_
#define NARU_CONSENT_CONSENT_EVENTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/executor.h"
#include "broker/base/ids.h"

namespace naru {

// Tells those who hold something open under a consent that it changed: watches, and releases in
// flight (P2: open streams of a withdrawn consent are cut). Told after the change is durable and
// before its caller is answered. Thread-safe.
class ConsentEvents {
 public:
  using Token = uint64_t;
  // Runs callbacks on `executor`, which must outlive this object. A callback may still run shortly
  // after Unsubscribe.
  explicit ConsentEvents(Executor* executor) : executor_(executor) {}

  Token Subscribe(const ConsentId& consent, std::function<void()> changed) ABSL_LOCKS_EXCLUDED(mu_);
  void Unsubscribe(Token token) ABSL_LOCKS_EXCLUDED(mu_);
  // A consent changed.
  void Changed(const ConsentId& consent) ABSL_LOCKS_EXCLUDED(mu_);
  // The policy changed: everything open is looked at again.
  void AllChanged() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Executor* const executor_;
  absl::Mutex mu_;
  Token next_ ABSL_GUARDED_BY(mu_) = 1;
  absl::flat_hash_map<Token, ConsentId> consents_ ABSL_GUARDED_BY(mu_);
  std::map<ConsentId, std::map<Token, std::function<void()>>> subscribers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_EVENTS_H_
