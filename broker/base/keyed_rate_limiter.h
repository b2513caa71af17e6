#ifndef NARU_BROKER_BASE_KEYED_RATE_LIMITER_H_
#define NARU_BROKER_BASE_KEYED_RATE_LIMITER_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/token_bucket.h"

namespace naru {

// One token bucket for each requester, official, subject, ... (P10), in bounded memory. A key whose
// bucket is full again is forgotten when its place is needed: nothing is lost with it. While all
// places are taken by keys that used theirs just now, new keys wait; so keys that one caller can
// invent (officials, subjects) belong in a limiter of that caller's own, or it makes others wait.
// Thread-safe.
class KeyedRateLimiter {
 public:
  // `clock` must outlive this object. `max_keys` is at least 1.
  KeyedRateLimiter(const Clock* clock, RateLimit limit, size_t max_keys);

  // Zero: `count` tokens of the key's were taken. Otherwise none were, and it is worth trying again
  // after that time.
  absl::Duration TryTake(absl::string_view key, double count = 1);
  // The same under a limit of the key's own, which may change from call to call.
  absl::Duration TryTake(absl::string_view key, RateLimit limit, double count = 1)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Keys remembered: the gauge beside max_keys.
  size_t size() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Entry {
    Entry(const Clock* clock, absl::string_view key, RateLimit limit)
        : key(key), limit(limit), bucket(clock, limit) {}
    const std::string key;
    RateLimit limit;
    TokenBucket bucket;
  };
  using Entries = std::list<Entry>;

  // Makes room for one key: zero, or how long until there will be some.
  absl::Duration MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Clock* const clock_;
  const RateLimit limit_;
  const size_t max_keys_;
  mutable absl::Mutex mu_;
  // The key used last stands first.
  Entries entries_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<absl::string_view, Entries::iterator> by_key_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_KEYED_RATE_LIMITER_H_
