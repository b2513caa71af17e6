#ifndef NARU_ADAPTERS_HOLDER_HOLDER_METRICS_H_
#define NARU_ADAPTERS_HOLDER_HOLDER_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>

#include "absl/time/time.h"
#include "naru/holder/v1/holder_service.pb.h"

namespace naru {

// What an operator sees of naru-holder: counts and times, no kind of person's data. Thread-safe.
class HolderMetrics {
 public:
  HolderMetrics();

  // For the page of metrics; also counted in by tests.
  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

  void CallBegan() { under_way_->Increment(); }
  void CallEnded() { under_way_->Decrement(); }
  // An answer was made in `took`.
  void Answered(holder::v1::AnswerStatus status, absl::Duration took);
  // A request got an error in place of an answer.
  void Failed() { failed_->Increment(); }
  // The register gave a record of somebody else.
  void Mismatched() { mismatched_->Increment(); }
  // A caller that is not the broker, or too many calls.
  void CallerRefused() { callers_refused_->Increment(); }
  void Overloaded() { overloaded_->Increment(); }
  // A proceed was not valid: somebody tried to get a body without a release.
  void ProceedRefused() { proceeds_refused_->Increment(); }
  // No proceed came in time, or the broker went away before.
  void Abandoned() { abandoned_->Increment(); }
  // A whole body was handed to the connection.
  void BodySent(uint64_t bytes);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Gauge* under_way_;
  prometheus::Counter* found_;
  prometheus::Counter* no_record_;
  prometheus::Counter* declined_;
  prometheus::Counter* failed_;
  prometheus::Counter* mismatched_;
  prometheus::Counter* callers_refused_;
  prometheus::Counter* overloaded_;
  prometheus::Counter* proceeds_refused_;
  prometheus::Counter* abandoned_;
  prometheus::Counter* bodies_;
  prometheus::Counter* bytes_;
  prometheus::Histogram* answer_seconds_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_HOLDER_METRICS_H_
