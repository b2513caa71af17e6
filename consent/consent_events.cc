#include "consent/consent_events.h"

#include <utility>
#include <vector>

namespace naru {

ConsentEvents::Token ConsentEvents::Subscribe(const ConsentId& consent,
                                              std::function<void()> changed) {
  absl::MutexLock lock(&mu_);
  const Token token = next_++;
  consents_.emplace(token, consent);
  subscribers_[consent].emplace(token, std::move(changed));
  return token;
}

void ConsentEvents::Unsubscribe(Token token) {
  std::function<void()> dropped;  // Destroyed after the lock: it may hold anything.
  absl::MutexLock lock(&mu_);
  const auto consent = consents_.find(token);
  if (consent == consents_.end()) return;
  const auto subscribers = subscribers_.find(consent->second);
  const auto subscriber = subscribers->second.find(token);
  dropped = std::move(subscriber->second);
  subscribers->second.erase(subscriber);
  if (subscribers->second.empty()) subscribers_.erase(subscribers);
  consents_.erase(consent);
}

void ConsentEvents::Changed(const ConsentId& consent) {
  std::vector<std::function<void()>> told;
  {
    absl::MutexLock lock(&mu_);
    const auto subscribers = subscribers_.find(consent);
    if (subscribers == subscribers_.end()) return;
    for (const auto& [token, changed] : subscribers->second) told.push_back(changed);
  }
  for (std::function<void()>& changed : told) executor_->Run(std::move(changed));
}

void ConsentEvents::AllChanged() {
  std::vector<std::function<void()>> told;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [consent, subscribers] : subscribers_) {
      for (const auto& [token, changed] : subscribers) told.push_back(changed);
    }
  }
  for (std::function<void()>& changed : told) executor_->Run(std::move(changed));
}

}  // namespace naru
