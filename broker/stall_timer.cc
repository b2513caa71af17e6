#include "broker/stall_timer.h"

#include <utility>

namespace naru {

StallTimer::StallTimer(Clock* clock, Timer* timer, absl::Duration limit, Post post,
                       std::function<void()> stalled)
    : clock_(clock),
      timer_(timer),
      limit_(limit),
      post_(std::move(post)),
      stalled_(std::move(stalled)) {}

StallTimer::~StallTimer() { Disarm(); }

void StallTimer::Start() {
  if (since_.has_value()) return;
  since_ = clock_->Monotonic();
  if (!token_.has_value()) Arm(limit_);
}

void StallTimer::Disarm() {
  Stop();
  if (token_.has_value()) timer_->Cancel(*token_);
  token_.reset();
}

void StallTimer::Arm(absl::Duration delay) {
  token_ = timer_->After(delay, [this, post = post_] { post([this] { Due(); }); });
}

void StallTimer::Due() {
  // A timer that was disarmed while it was on its way.
  if (!token_.has_value()) return;
  token_.reset();
  if (!since_.has_value()) return;
  const absl::Duration left = *since_ + limit_ - clock_->Monotonic();
  if (left > absl::ZeroDuration()) {
    Arm(left);
    return;
  }
  Stop();
  stalled_();
}

}  // namespace naru
