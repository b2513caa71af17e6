#include "adapters/resolver/resolver_metrics.h"

#include <string>

namespace naru {
namespace {

std::string Name(ResolverMetrics::Rpc rpc) {
  switch (rpc) {
    case ResolverMetrics::Rpc::kLookUpPerson:
      return "IdentityService/LookUpPerson";
    case ResolverMetrics::Rpc::kResolveContact:
      return "IdentityService/ResolveContact";
    case ResolverMetrics::Rpc::kResolveNumber:
      return "IdentityService/ResolveNumber";
  }
  return "";
}

}  // namespace

ResolverMetrics::ResolverMetrics() : registry_(std::make_shared<prometheus::Registry>()) {
  calls_ = &prometheus::BuildCounter()
                .Name("naru_resolver_calls_total")
                .Help("Finished calls by gRPC code")
                .Register(*registry_);
  duration_ = &prometheus::BuildHistogram()
                   .Name("naru_resolver_call_duration_seconds")
                   .Help("Time from the request to its answer")
                   .Register(*registry_);
}

void ResolverMetrics::CallDone(Rpc rpc, const absl::Status& status, absl::Duration took) {
  const std::string name = Name(rpc);
  calls_->Add({{"rpc", name}, {"code", absl::StatusCodeToString(status.code())}}).Increment();
  duration_
      ->Add({{"rpc", name}},
            prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                    0.1, 0.25, 0.5, 1, 2.5, 5, 10})
      .Observe(absl::ToDoubleSeconds(took));
}

}  // namespace naru
