#include "adapters/resolver/look_up_limiter.h"

#include "broker/base/errors.h"
#include "broker/base/limits.h"

namespace naru {

LookUpLimiter::Asker::Asker(const Clock* clock)
    : all(clock, RateLimit{limits::kLookUpsPerSecond, limits::kLookUpsBurst}),
      officials(clock, RateLimit{limits::kOfficialLookUpsPerSecond, limits::kOfficialLookUpsBurst},
                limits::kLookUpOfficials) {}

LookUpLimiter::LookUpLimiter(const Clock* clock, const absl::flat_hash_set<PeerIdentity>& askers) {
  for (const PeerIdentity& asker : askers) {
    askers_.emplace(asker, std::make_unique<Asker>(clock));
  }
}

absl::Status LookUpLimiter::Take(const PeerIdentity& asker, const std::string& official) {
  const auto found = askers_.find(asker);
  if (found == askers_.end()) return RoleNotAllowed("REQUESTER");
  // The official's first: one greedy official must not use up what colleagues share.
  absl::Duration wait = found->second->officials.TryTake(official);
  if (wait > absl::ZeroDuration()) return QuotaExceeded("official", wait);
  wait = found->second->all.TryTake();
  if (wait > absl::ZeroDuration()) return QuotaExceeded("asking service", wait);
  return absl::OkStatus();
}

}  // namespace naru
