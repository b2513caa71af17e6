#include "broker/base/thread_timer.h"

#include <pthread.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <vector>

#include "broker/base/clock.h"
#include "glog/logging.h"

namespace naru {
namespace {

// The thread looks again at least this often: what the kernel's timer can hold is not endless.
constexpr absl::Duration kLongestWait = absl::Hours(24);

int CreateTimerFd() {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  PCHECK(fd >= 0) << "timerfd_create";
  return fd;
}

}  // namespace

ThreadTimer::ThreadTimer(Executor* executor) : executor_(executor), timer_fd_(CreateTimerFd()) {
  thread_ = std::thread([this] { Work(); });
  pthread_setname_np(thread_.native_handle(), "timer");
}

ThreadTimer::~ThreadTimer() {
  Stop();
  close(timer_fd_);
}

void ThreadTimer::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    Arm(absl::ZeroDuration());
  }
  if (thread_.joinable()) thread_.join();
  // Destroyed after the lock is let go: what closures hold may call the timer.
  std::map<Due, std::function<void()>> dropped;
  absl::MutexLock lock(&mu_);
  dropped.swap(queue_);
  due_.clear();
}

Timer::Token ThreadTimer::After(absl::Duration delay, std::function<void()> work) {
  const absl::Duration due = Clock::Real()->Monotonic() + std::max(delay, absl::ZeroDuration());
  absl::MutexLock lock(&mu_);
  const Token token = ++last_token_;
  if (stopping_) return token;
  const auto place = queue_.emplace(Due(due, token), std::move(work)).first;
  due_.emplace(token, due);
  if (place == queue_.begin()) Arm(delay);
  return token;
}

bool ThreadTimer::Cancel(Token token) {
  // Destroyed after the lock is let go: what a closure holds may call the timer.
  std::function<void()> work;
  absl::MutexLock lock(&mu_);
  const auto due = due_.find(token);
  if (due == due_.end()) return false;
  const auto place = queue_.find(Due(due->second, token));
  work = std::move(place->second);
  queue_.erase(place);
  due_.erase(due);
  return true;
}

size_t ThreadTimer::pending() const {
  absl::MutexLock lock(&mu_);
  return queue_.size();
}

void ThreadTimer::Arm(absl::Duration delay) {
  itimerspec spec = {};
  // Zero would disarm it.
  spec.it_value =
      absl::ToTimespec(std::clamp<absl::Duration>(delay, absl::Nanoseconds(1), kLongestWait));
  PCHECK(timerfd_settime(timer_fd_, 0, &spec, nullptr) == 0) << "timerfd_settime";
}

void ThreadTimer::Work() {
  while (true) {
    uint64_t expirations;
    const ssize_t got = read(timer_fd_, &expirations, sizeof(expirations));
    PCHECK(got == sizeof(expirations) || (got < 0 && errno == EINTR)) << "read of a timerfd";
    std::vector<std::function<void()>> ready;
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) return;
      const absl::Duration now = Clock::Real()->Monotonic();
      while (!queue_.empty() && queue_.begin()->first.first <= now) {
        due_.erase(queue_.begin()->first.second);
        ready.push_back(std::move(queue_.begin()->second));
        queue_.erase(queue_.begin());
      }
      if (!queue_.empty()) Arm(queue_.begin()->first.first - now);
    }
    for (std::function<void()>& work : ready) executor_->Run(std::move(work));
  }
}

}  // namespace naru
