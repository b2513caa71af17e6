#ifndef NARU_ADAPTERS_RESOLVER_LOOK_UP_LIMITER_H_
#define NARU_ADAPTERS_RESOLVER_LOOK_UP_LIMITER_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "broker/base/clock.h"
#include "broker/base/identity.h"
#include "broker/base/keyed_rate_limiter.h"
#include "broker/base/token_bucket.h"

namespace naru {

// Keeps anybody from finding people by trying out numbers (P10): bounds the look-ups of each asking
// service and of each of its officials. A service that invents officials uses up its own rate and
// its own memory. Thread-safe.
class LookUpLimiter {
 public:
  // `clock` must outlive this object. Rates as in limits.h.
  LookUpLimiter(const Clock* clock, const absl::flat_hash_set<PeerIdentity>& askers);

  // OK: one look-up of both was taken. RESOURCE_EXHAUSTED (QUOTA_EXCEEDED) with the time to wait;
  // PERMISSION_DENIED for a service that was not named above.
  absl::Status Take(const PeerIdentity& asker, const std::string& official);

 private:
  struct Asker {
    explicit Asker(const Clock* clock);
    TokenBucket all;
    KeyedRateLimiter officials;
  };

  absl::flat_hash_map<PeerIdentity, std::unique_ptr<Asker>> askers_;  // Constant.
};

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_LOOK_UP_LIMITER_H_
