#include "broker/circuit_breaker.h"

namespace naru {

bool CircuitBreaker::TryCall() {
  absl::MutexLock lock(&mu_);
  if (!open_) return true;
  const absl::Duration now = clock_->Monotonic();
  if (now < try_at_) return false;
  // One tries; if it shows nothing, the next does after as long again.
  try_at_ = now + open_for_;
  return true;
}

void CircuitBreaker::Reached() {
  absl::MutexLock lock(&mu_);
  failed_ = 0;
  if (!open_) return;
  open_ = false;
  if (changed_) changed_(false);
}

void CircuitBreaker::NotReached() {
  absl::MutexLock lock(&mu_);
  if (open_) {
    try_at_ = clock_->Monotonic() + open_for_;
    return;
  }
  if (++failed_ < failures_) return;
  open_ = true;
  try_at_ = clock_->Monotonic() + open_for_;
  if (changed_) changed_(true);
}

bool CircuitBreaker::open() const {
  absl::MutexLock lock(&mu_);
  return open_;
}

}  // namespace naru
