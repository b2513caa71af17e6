#include "adapters/notify/notify_metrics.h"

namespace naru {

NotifyMetrics::NotifyMetrics() : registry_(std::make_shared<prometheus::Registry>()) {
  auto& messages = prometheus::BuildCounter()
                       .Name("naru_notify_messages_total")
                       .Help("Messages by what became of them")
                       .Register(*registry_);
  handed_over_ = &messages.Add({{"result", "handed_over"}});
  dead_ = &messages.Add({{"result", "dead"}});
  expired_ = &messages.Add({{"result", "expired"}});
  feed_failures_ = &prometheus::BuildCounter()
                        .Name("naru_notify_feed_failures_total")
                        .Help("Times the feed stood still and was followed again")
                        .Register(*registry_)
                        .Add({});
  feed_seen_ = &prometheus::BuildGauge()
                    .Name("naru_notify_feed_seen_seconds")
                    .Help("Last message or heartbeat of the broker, Unix time")
                    .Register(*registry_)
                    .Add({});
}

}  // namespace naru
