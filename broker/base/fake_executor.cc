#include "broker/base/fake_executor.h"

#include <algorithm>

#include "glog/logging.h"

namespace naru {
namespace {

constexpr size_t kRunawayClosures = 1'000'000;

}  // namespace

void ManualExecutor::Run(std::function<void()> work) {
  absl::MutexLock lock(&mu_);
  queue_.push_back(std::move(work));
}

bool ManualExecutor::RunOne(size_t index) {
  std::function<void()> work;
  {
    absl::MutexLock lock(&mu_);
    if (index >= queue_.size()) return false;
    const auto place = queue_.begin() + static_cast<std::ptrdiff_t>(index);
    work = std::move(*place);
    queue_.erase(place);
  }
  work();
  return true;
}

size_t ManualExecutor::RunAll() {
  size_t ran = 0;
  while (RunOne()) CHECK_LT(++ran, kRunawayClosures) << "closures without end";
  return ran;
}

size_t ManualExecutor::size() const {
  absl::MutexLock lock(&mu_);
  return queue_.size();
}

SimulatedTimer::SimulatedTimer(SimulatedClock* clock, Executor* executor)
    : clock_(clock), executor_(executor), manual_(dynamic_cast<ManualExecutor*>(executor)) {}

Timer::Token SimulatedTimer::After(absl::Duration delay, std::function<void()> work) {
  const absl::Duration due = clock_->Monotonic() + std::max(delay, absl::ZeroDuration());
  absl::MutexLock lock(&mu_);
  const Token token = ++last_token_;
  queue_.emplace(Due(due, token), std::move(work));
  return token;
}

bool SimulatedTimer::Cancel(Token token) {
  std::function<void()> work;  // Destroyed after the lock is let go.
  absl::MutexLock lock(&mu_);
  const auto place = std::find_if(queue_.begin(), queue_.end(), [token](const auto& entry) {
    return entry.first.second == token;
  });
  if (place == queue_.end()) return false;
  work = std::move(place->second);
  queue_.erase(place);
  return true;
}

void SimulatedTimer::Advance(absl::Duration by) {
  const absl::Duration end = clock_->Monotonic() + by;
  // Work that waits already belongs to the time before the move.
  if (manual_ != nullptr) manual_->RunAll();
  absl::Duration due;
  std::function<void()> work;
  for (size_t ran = 0; TakeDue(end, &due, &work); ++ran) {
    CHECK_LT(ran, kRunawayClosures) << "closures without end";
    const absl::Duration now = clock_->Monotonic();
    if (due > now) clock_->Advance(due - now);
    RunNow(std::exchange(work, nullptr));
  }
  const absl::Duration now = clock_->Monotonic();
  if (end > now) clock_->Advance(end - now);
}

void SimulatedTimer::AdvanceTo(absl::Time time) {
  const absl::Duration by = time - clock_->Now();
  CHECK(by >= absl::ZeroDuration());
  Advance(by);
}

bool SimulatedTimer::AdvanceToNext() {
  const std::optional<absl::Duration> next = NextDue();
  if (!next.has_value()) return false;
  Advance(*next);
  return true;
}

std::optional<absl::Duration> SimulatedTimer::NextDue() const {
  const absl::Duration now = clock_->Monotonic();
  absl::MutexLock lock(&mu_);
  if (queue_.empty() || queue_.begin()->first.first == absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return std::max(queue_.begin()->first.first - now, absl::ZeroDuration());
}

size_t SimulatedTimer::pending() const {
  absl::MutexLock lock(&mu_);
  return queue_.size();
}

bool SimulatedTimer::TakeDue(absl::Duration limit, absl::Duration* due,
                             std::function<void()>* work) {
  absl::MutexLock lock(&mu_);
  if (queue_.empty() || queue_.begin()->first.first > limit) return false;
  *due = queue_.begin()->first.first;
  *work = std::move(queue_.begin()->second);
  queue_.erase(queue_.begin());
  return true;
}

void SimulatedTimer::RunNow(std::function<void()> work) {
  if (executor_ == nullptr) {
    work();
    return;
  }
  executor_->Run(std::move(work));
  if (manual_ != nullptr) manual_->RunAll();
}

}  // namespace naru
