#include "adapters/holder/holder_metrics.h"

#include <string>

namespace naru {
namespace {

prometheus::Counter* MakeCounter(prometheus::Registry& registry, const std::string& name,
                                 const std::string& help) {
  return &prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

HolderMetrics::HolderMetrics() : registry_(std::make_shared<prometheus::Registry>()) {
  prometheus::Registry& registry = *registry_;
  under_way_ = &prometheus::BuildGauge()
                    .Name("naru_holder_documents_under_way")
                    .Help("Calls of the broker that have not ended.")
                    .Register(registry)
                    .Add({});
  auto& answers = prometheus::BuildCounter()
                      .Name("naru_holder_answers_total")
                      .Help("Signed answers by status.")
                      .Register(registry);
  found_ = &answers.Add({{"status", "found"}});
  no_record_ = &answers.Add({{"status", "no_record"}});
  declined_ = &answers.Add({{"status", "declined"}});
  failed_ = MakeCounter(registry, "naru_holder_failures_total",
                        "Requests that got an error in place of an answer.");
  mismatched_ = MakeCounter(registry, "naru_holder_mismatches_total",
                            "Records about another subject than was asked for. Must be 0.");
  callers_refused_ = MakeCounter(registry, "naru_holder_callers_refused_total",
                                 "Calls by somebody who is not the broker.");
  overloaded_ = MakeCounter(registry, "naru_holder_overloaded_total",
                            "Calls refused because too many were under way.");
  proceeds_refused_ = MakeCounter(registry, "naru_holder_proceeds_refused_total",
                                  "Attempts to get a body without a valid release.");
  abandoned_ = MakeCounter(registry, "naru_holder_abandoned_total",
                           "Documents that no proceed came for, or that were not taken.");
  bodies_ = MakeCounter(registry, "naru_holder_bodies_total", "Documents sent whole.");
  bytes_ = MakeCounter(registry, "naru_holder_body_bytes_total", "Bytes of documents sent whole.");
  answer_seconds_ = &prometheus::BuildHistogram()
                         .Name("naru_holder_answer_seconds")
                         .Help("From the request to the signed answer.")
                         .Register(registry)
                         .Add({}, prometheus::Histogram::BucketBoundaries{
                                      0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10});
}

void HolderMetrics::Answered(holder::v1::AnswerStatus status, absl::Duration took) {
  switch (status) {
    case holder::v1::ANSWER_STATUS_FOUND:
      found_->Increment();
      break;
    case holder::v1::ANSWER_STATUS_NO_RECORD:
      no_record_->Increment();
      break;
    default:
      declined_->Increment();
  }
  answer_seconds_->Observe(absl::ToDoubleSeconds(took));
}

void HolderMetrics::BodySent(uint64_t bytes) {
  bodies_->Increment();
  bytes_->Increment(static_cast<double>(bytes));
}

}  // namespace naru
