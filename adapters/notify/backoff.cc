#include "adapters/notify/backoff.h"

#include <algorithm>
#include <cstdint>

namespace naru {

absl::Duration Backoff::Next() {
  const absl::Duration most = next_;
  next_ = std::min(most_, next_ * 2);
  const auto half = static_cast<uint64_t>(absl::ToInt64Microseconds(most / 2));
  return most / 2 + absl::Microseconds(static_cast<int64_t>(random_->Below(half + 1)));
}

}  // namespace naru
