#include "adapters/client/retry.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/synchronization/notification.h"
#include "broker/base/errors.h"

namespace naru::client {

absl::Duration Retry::WaitBefore(int attempt, const absl::Status& error) const {
  const absl::Duration full = std::min(kLongestWait, kFirstWait * (1 << attempt));
  // Half of it by chance.
  const auto half = static_cast<uint64_t>(absl::ToInt64Milliseconds(full / 2));
  absl::Duration wait = absl::Milliseconds(half + random_->Below(half + 1));
  const std::optional<v1::ErrorDetail> detail = GetErrorDetail(error);
  if (detail.has_value() && detail->retry_after_ms() > 0) {
    wait = std::max(wait, absl::Milliseconds(detail->retry_after_ms()));
  }
  return std::min(wait, kLongestWait);
}

void Retry::Wait(absl::Duration delay) const {
  absl::Notification over;
  timer_->After(delay, [&over] { over.Notify(); });
  over.WaitForNotification();
}

absl::Status Retry::Run(absl::Duration within,
                        const std::function<absl::Status(absl::Duration)>& attempt) const {
  const absl::Duration end = clock_->Monotonic() + within;
  for (int tried = 0;; ++tried) {
    const absl::Status status = attempt(end - clock_->Monotonic());
    if (!absl::IsUnavailable(status) || tried + 1 == kAttempts) return status;
    const absl::Duration wait = WaitBefore(tried, status);
    if (clock_->Monotonic() + wait >= end) return status;
    Wait(wait);
  }
}

}  // namespace naru::client
