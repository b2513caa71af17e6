#ifndef NARU_ADAPTERS_HOLDER_HOLDER_METRICS_H_
#define NARU_ADAPTERS_HOLDER_HOLDER_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "naru/holder/v1/holder_service.pb.h"

namespace naru {

// What an operator sees of naru-holder: counts and times, no kind of person's data. Labels have
// closed sets of values: `kind` those that the configuration serves, `status` and `reason` those of
// the API. Thread-safe.
class HolderMetrics {
 public:
  HolderMetrics();

  // For the page of metrics; also counted in by tests.
  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

  void CallBegan() { under_way_->Increment(); }
  void CallEnded() { under_way_->Decrement(); }
  // An answer about a kind that is served was made in `took`.
  void Answered(const std::string& kind, holder::v1::AnswerStatus status, absl::Duration took);
  // A request got an error in place of an answer, or in place of the rest of the body.
  void Failed(const absl::Status& error);
  // The register gave a record of somebody else.
  void Mismatched() { mismatched_->Increment(); }
  // A document of a served kind was stopped: it showed a resident number where none may be.
  void StrayNumberStopped(const std::string& kind);
  // A caller that is not the broker, or too many calls.
  void CallerRefused() { callers_refused_->Increment(); }
  void Overloaded() { overloaded_->Increment(); }
  // A proceed was not valid: somebody tried to get a body without a release.
  void ProceedRefused() { proceeds_refused_->Increment(); }
  // No proceed came in time, or the broker went away before.
  void Abandoned() { abandoned_->Increment(); }
  // A whole body of a served kind was handed to the connection.
  void BodySent(const std::string& kind, uint64_t bytes);
  // A changed configuration or key was taken, or refused because it is no good.
  void Reloaded(bool taken) { (taken ? reloads_taken_ : reloads_refused_)->Increment(); }

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Gauge* under_way_;
  prometheus::Family<prometheus::Counter>* answers_;
  prometheus::Family<prometheus::Histogram>* answer_seconds_;
  prometheus::Family<prometheus::Counter>* failed_;
  prometheus::Counter* mismatched_;
  prometheus::Family<prometheus::Counter>* stray_numbers_;
  prometheus::Counter* callers_refused_;
  prometheus::Counter* overloaded_;
  prometheus::Counter* proceeds_refused_;
  prometheus::Counter* abandoned_;
  prometheus::Family<prometheus::Counter>* bodies_;
  prometheus::Family<prometheus::Counter>* bytes_;
  prometheus::Counter* reloads_taken_;
  prometheus::Counter* reloads_refused_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_HOLDER_METRICS_H_
