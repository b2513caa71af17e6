#include "broker/base/keyed_rate_limiter.h"

#include <algorithm>
#include <iterator>

#include "glog/logging.h"

namespace naru {
namespace {

// Keys looked at for one place. The one unused for longest is nearly always full; only a limit of
// its own, much slower than the others', makes it hold up those behind it.
constexpr int kLookedAt = 16;

}  // namespace

KeyedRateLimiter::KeyedRateLimiter(const Clock* clock, RateLimit limit, size_t max_keys)
    : clock_(clock), limit_(limit), max_keys_(max_keys) {
  CHECK_GE(max_keys, 1u);
}

absl::Duration KeyedRateLimiter::TryTake(absl::string_view key, double count) {
  return TryTake(key, limit_, count);
}

absl::Duration KeyedRateLimiter::TryTake(absl::string_view key, RateLimit limit, double count) {
  absl::MutexLock lock(&mu_);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  } else {
    const absl::Duration wait = MakeRoom();
    if (wait > absl::ZeroDuration()) return wait;
    entries_.emplace_front(clock_, key, limit);
    by_key_.emplace(entries_.front().key, entries_.begin());
  }
  Entry& entry = entries_.front();
  if (entry.limit.per_second != limit.per_second || entry.limit.burst != limit.burst) {
    entry.bucket.SetLimit(limit);
    entry.limit = limit;
  }
  return entry.bucket.TryTake(count);
}

size_t KeyedRateLimiter::size() const {
  absl::MutexLock lock(&mu_);
  return entries_.size();
}

absl::Duration KeyedRateLimiter::MakeRoom() {
  if (entries_.size() < max_keys_) return absl::ZeroDuration();
  absl::Duration wait = absl::InfiniteDuration();
  auto entry = entries_.end();
  for (int i = 0; i < kLookedAt && entry != entries_.begin(); ++i) {
    --entry;
    const absl::Duration until_full = entry->bucket.UntilFull();
    if (until_full == absl::ZeroDuration()) {
      by_key_.erase(entry->key);
      entries_.erase(entry);
      return absl::ZeroDuration();
    }
    wait = std::min(wait, until_full);
  }
  return wait;
}

}  // namespace naru
