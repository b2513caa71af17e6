#include "consent/running_fetches.h"

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace naru {

struct RunningFetches::Shared {
  absl::Mutex mu;
  // How many tokens were given for each.
  absl::flat_hash_map<FetchId, int> fetches ABSL_GUARDED_BY(mu);
};

RunningFetches::RunningFetches() : shared_(std::make_shared<Shared>()) {}
RunningFetches::~RunningFetches() = default;

std::shared_ptr<const void> RunningFetches::Start(const FetchId& fetch) {
  {
    absl::MutexLock lock(&shared_->mu);
    ++shared_->fetches[fetch];
  }
  // Points at what it keeps alive; only its end matters.
  return std::shared_ptr<const void>(shared_.get(), [shared = shared_, fetch](const void*) {
    absl::MutexLock lock(&shared->mu);
    const auto it = shared->fetches.find(fetch);
    if (--it->second == 0) shared->fetches.erase(it);
  });
}

bool RunningFetches::IsRunning(const FetchId& fetch) const {
  absl::MutexLock lock(&shared_->mu);
  return shared_->fetches.contains(fetch);
}

}  // namespace naru
