#include "adapters/holder/holder_metrics.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "broker/base/errors.h"

namespace naru {
namespace {

using prometheus::Counter;

prometheus::Family<Counter>* MakeCounters(prometheus::Registry& registry, const std::string& name,
                                          const std::string& help) {
  return &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Counter* MakeCounter(prometheus::Registry& registry, const std::string& name,
                     const std::string& help) {
  return &MakeCounters(registry, name, help)->Add({});
}

// A value of an enumeration as a label: ANSWER_STATUS_NO_RECORD is no_record.
std::string LabelOf(const std::string& name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::string StatusLabel(holder::v1::AnswerStatus status) {
  return holder::v1::AnswerStatus_IsValid(status)
             ? LabelOf(holder::v1::AnswerStatus_Name(status), "ANSWER_STATUS_")
             : "other";
}

// An error that is none of errors.h, such as a call that the broker ended, has no reason.
std::string ReasonLabel(const absl::Status& error) {
  const std::optional<v1::ErrorDetail> detail = GetErrorDetail(error);
  return detail.has_value() && v1::ErrorReason_IsValid(detail->reason())
             ? LabelOf(v1::ErrorReason_Name(detail->reason()), "ERROR_REASON_")
             : "other";
}

const prometheus::Histogram::BucketBoundaries& Seconds() {
  static const auto* const kSeconds = new prometheus::Histogram::BucketBoundaries{
      0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  return *kSeconds;
}

}  // namespace

HolderMetrics::HolderMetrics() : registry_(std::make_shared<prometheus::Registry>()) {
  prometheus::Registry& registry = *registry_;
  under_way_ = &prometheus::BuildGauge()
                    .Name("naru_holder_documents_under_way")
                    .Help("Calls of the broker that have not ended.")
                    .Register(registry)
                    .Add({});
  answers_ = MakeCounters(registry, "naru_holder_answers_total",
                          "Signed answers by document kind and status.");
  answer_seconds_ = &prometheus::BuildHistogram()
                         .Name("naru_holder_answer_seconds")
                         .Help("From the request to the signed answer, by document kind.")
                         .Register(registry);
  failed_ = MakeCounters(registry, "naru_holder_failures_total",
                         "Requests that got an error in place of an answer or of the rest of a "
                         "body, by reason.");
  mismatched_ = MakeCounter(registry, "naru_holder_mismatches_total",
                            "Records about another subject than was asked for. Must be 0.");
  stray_numbers_ = MakeCounters(registry, "naru_holder_stray_numbers_total",
                                "Documents stopped because a field showed a resident number that "
                                "it may not, by document kind. Must be 0.");
  callers_refused_ = MakeCounter(registry, "naru_holder_callers_refused_total",
                                 "Calls by somebody who is not the broker.");
  overloaded_ = MakeCounter(registry, "naru_holder_overloaded_total",
                            "Calls refused because too many were under way.");
  proceeds_refused_ = MakeCounter(registry, "naru_holder_proceeds_refused_total",
                                  "Attempts to get a body without a valid release.");
  abandoned_ = MakeCounter(registry, "naru_holder_abandoned_total",
                           "Documents that no proceed came for, or that were not taken.");
  bodies_ =
      MakeCounters(registry, "naru_holder_bodies_total", "Documents sent whole, by document kind.");
  bytes_ = MakeCounters(registry, "naru_holder_body_bytes_total",
                        "Bytes of documents sent whole, by document kind.");
  auto* const reloads =
      MakeCounters(registry, "naru_holder_reloads_total",
                   "Changed configurations and keys, by whether they were taken.");
  reloads_taken_ = &reloads->Add({{"result", "taken"}});
  reloads_refused_ = &reloads->Add({{"result", "refused"}});
}

void HolderMetrics::Answered(const std::string& kind, holder::v1::AnswerStatus status,
                             absl::Duration took) {
  answers_->Add({{"kind", kind}, {"status", StatusLabel(status)}}).Increment();
  answer_seconds_->Add({{"kind", kind}}, Seconds()).Observe(absl::ToDoubleSeconds(took));
}

void HolderMetrics::Failed(const absl::Status& error) {
  failed_->Add({{"reason", ReasonLabel(error)}}).Increment();
}

void HolderMetrics::StrayNumberStopped(const std::string& kind) {
  stray_numbers_->Add({{"kind", kind}}).Increment();
}

void HolderMetrics::BodySent(const std::string& kind, uint64_t bytes) {
  bodies_->Add({{"kind", kind}}).Increment();
  bytes_->Add({{"kind", kind}}).Increment(static_cast<double>(bytes));
}

}  // namespace naru
