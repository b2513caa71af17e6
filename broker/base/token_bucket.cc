#include "broker/base/token_bucket.h"

#include <algorithm>

#include "glog/logging.h"

namespace naru {
namespace {

// Sums of many small refills fall short of a whole token by rounding; without this, a caller that
// waits exactly as long as it was told would be told to wait again.
constexpr double kRounding = 1e-6;

RateLimit Checked(RateLimit limit) {
  CHECK_GT(limit.per_second, 0);
  CHECK_GE(limit.burst, 1);
  return limit;
}

}  // namespace

TokenBucket::TokenBucket(const Clock* clock, RateLimit limit)
    : clock_(clock), limit_(Checked(limit)), tokens_(limit.burst), refilled_(clock->Monotonic()) {}

absl::Duration TokenBucket::TryTake(double count) {
  CHECK_GE(count, 0);
  absl::MutexLock lock(&mu_);
  Refill();
  if (count > limit_.burst) return absl::InfiniteDuration();
  const absl::Duration wait = Until(count);
  if (wait == absl::ZeroDuration()) tokens_ = std::max(0.0, tokens_ - count);
  return wait;
}

void TokenBucket::SetLimit(RateLimit limit) {
  absl::MutexLock lock(&mu_);
  Refill();
  limit_ = Checked(limit);
  tokens_ = std::min(tokens_, limit.burst);
}

absl::Duration TokenBucket::UntilFull() {
  absl::MutexLock lock(&mu_);
  Refill();
  return Until(limit_.burst);
}

void TokenBucket::Refill() {
  const absl::Duration now = clock_->Monotonic();
  const double came = absl::ToDoubleSeconds(now - refilled_) * limit_.per_second;
  tokens_ = std::min(limit_.burst, tokens_ + came);
  refilled_ = now;
}

absl::Duration TokenBucket::Until(double count) const {
  const double missing = count - tokens_;
  if (missing <= kRounding) return absl::ZeroDuration();
  return std::max(absl::Nanoseconds(1), absl::Seconds(missing / limit_.per_second));
}

}  // namespace naru
