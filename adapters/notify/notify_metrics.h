#ifndef NARU_ADAPTERS_NOTIFY_NOTIFY_METRICS_H_
#define NARU_ADAPTERS_NOTIFY_NOTIFY_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>

#include "absl/time/time.h"

namespace naru {

// What an operator sees of naru-notify: counts and times, no message. Thread-safe.
class NotifyMetrics {
 public:
  NotifyMetrics();
  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

  // naru_notify_messages_total{result}: the gateway has it; nobody can deliver it (it is in dead/);
  // it was past its time.
  void HandedOver() { handed_over_->Increment(); }
  void Dead() { dead_->Increment(); }
  void Expired() { expired_->Increment(); }
  // naru_notify_feed_failures_total: the feed stood still, and is followed again.
  void FeedFailed() { feed_failures_->Increment(); }
  // naru_notify_feed_seen_seconds: Unix time of the broker's last message or heartbeat; 0 before.
  void FeedSeen(absl::Time now) { feed_seen_->Set(absl::ToDoubleSeconds(now - absl::UnixEpoch())); }

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Counter* handed_over_;
  prometheus::Counter* dead_;
  prometheus::Counter* expired_;
  prometheus::Counter* feed_failures_;
  prometheus::Gauge* feed_seen_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_NOTIFY_METRICS_H_
