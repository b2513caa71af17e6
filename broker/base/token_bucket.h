#ifndef NARU_BROKER_BASE_TOKEN_BUCKET_H_
#define NARU_BROKER_BASE_TOKEN_BUCKET_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"

namespace naru {

// How fast something may happen.
struct RateLimit {
  double per_second = 0;  // More than 0.
  double burst = 0;       // At once after a pause; at least 1.
};

// Bounds how often something happens (P10): tokens flow in at a steady rate up to a burst, and each
// use takes some. Starts full. Thread-safe.
class TokenBucket {
 public:
  // `clock` must outlive this object.
  TokenBucket(const Clock* clock, RateLimit limit);

  // Zero: `count` tokens were taken. Otherwise none were, and so many will be there after that
  // time if nobody else takes any; never (infinite) when `count` is more than the burst.
  absl::Duration TryTake(double count = 1) ABSL_LOCKS_EXCLUDED(mu_);

  // Changes the limit; tokens at hand stay, up to the new burst.
  void SetLimit(RateLimit limit) ABSL_LOCKS_EXCLUDED(mu_);

  // How long until it is full again: until then it remembers something.
  absl::Duration UntilFull() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Refill() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // How long until `count` tokens are there.
  absl::Duration Until(double count) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Clock* const clock_;
  absl::Mutex mu_;
  RateLimit limit_ ABSL_GUARDED_BY(mu_);
  double tokens_ ABSL_GUARDED_BY(mu_);
  absl::Duration refilled_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_TOKEN_BUCKET_H_
