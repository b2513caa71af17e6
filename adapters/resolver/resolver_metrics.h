#ifndef NARU_ADAPTERS_RESOLVER_RESOLVER_METRICS_H_
#define NARU_ADAPTERS_RESOLVER_RESOLVER_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace naru {

// What an operator sees of naru-resolver: counts and times, nothing of a person. Thread-safe.
class ResolverMetrics {
 public:
  // The calls of identity.v1.
  enum class Rpc { kLookUpPerson, kResolveContact, kResolveNumber };

  ResolverMetrics();
  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

  // naru_resolver_calls_total{rpc,code}, naru_resolver_call_duration_seconds{rpc}. A person who is
  // not known is an answer: code OK.
  void CallDone(Rpc rpc, const absl::Status& status, absl::Duration took);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>* calls_;
  prometheus::Family<prometheus::Histogram>* duration_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_RESOLVER_METRICS_H_
