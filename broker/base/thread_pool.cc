#include "broker/base/thread_pool.h"

#include <pthread.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace naru {
namespace {

// What the kernel keeps of a thread's name.
constexpr size_t kThreadName = 15;

}  // namespace

ThreadPool::ThreadPool(const std::string& name, int threads) : name_(name) {
  CHECK_GE(threads, 1);
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Work(); });
    pthread_setname_np(threads_.back().native_handle(), name.substr(0, kThreadName).c_str());
  }
}

ThreadPool::~ThreadPool() {
  for (const std::thread& thread : threads_) {
    CHECK(thread.get_id() != std::this_thread::get_id()) << "a pool cannot wait for itself";
  }
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::Run(std::function<void()> work) {
  absl::MutexLock lock(&mu_);
  queue_.push_back(std::move(work));
}

absl::Status ThreadPool::WaitIdle(absl::Duration within) const {
  absl::MutexLock lock(&mu_);
  if (mu_.AwaitWithTimeout(absl::Condition(this, &ThreadPool::Idle), within)) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError(
      absl::StrCat(name_, ": ", queue_.size(), " waiting, ", running_, " running"));
}

size_t ThreadPool::queued() const {
  absl::MutexLock lock(&mu_);
  return queue_.size();
}

// A thread that stops while another still runs a closure could leave behind what that one gives.
bool ThreadPool::Awake() const { return !queue_.empty() || (stopping_ && running_ == 0); }

void ThreadPool::Work() {
  while (true) {
    std::function<void()> work;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(this, &ThreadPool::Awake));
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
      ++running_;
    }
    work();
    work = nullptr;
    absl::MutexLock lock(&mu_);
    --running_;
  }
}

}  // namespace naru
