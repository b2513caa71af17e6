#ifndef NARU_BROKER_METRICS_H_
#define NARU_BROKER_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/error_reason.pb.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {

// Every metric of the broker, declared once. Prefix naru_, base units, label values from closed
// sets (RPCs, gRPC codes, reasons, holders of the catalogue, outcomes) and never a person, an id or
// an official. Thread-safe.
class Metrics {
 public:
  Metrics();
  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

  // One finished RPC: naru_rpc_requests_total{rpc,code}, naru_rpc_errors_total{rpc,reason},
  // naru_rpc_duration_seconds{rpc}.
  void RpcDone(absl::string_view rpc, const absl::Status& status, absl::Duration took);
  // naru_refusals_total{rpc,reason}
  void Refused(absl::string_view rpc, v1::RefusalReason reason);
  // naru_documents_total{holder,outcome}, naru_document_duration_seconds{holder},
  // naru_document_failures_total{holder,reason}
  void DocumentDone(absl::string_view holder, v1::Outcome outcome, v1::RefusalReason reason,
                    absl::Duration took);
  // naru_document_bytes_total{holder}
  void DocumentBytes(absl::string_view holder, size_t bytes);
  // naru_quarantines_total{holder,reason}
  void Quarantined(absl::string_view holder, v1::RefusalReason reason);
  // naru_journal_group_changes, naru_journal_judge_seconds, naru_journal_sync_seconds
  void JournalGroup(int changes, absl::Duration judge, absl::Duration sync);
  // An entry is durable: naru_journal_entries_total{kind}, naru_ledger_entries, and for an entry
  // that changes a consent naru_consent_changes_total{change,state}, with the state after it. These
  // are flows since the start of the broker, not how many consents there are in a state: that
  // number moves with the clock too, when consents run out without anybody calling.
  void Entered(const v1::OuterEntry& entry);
  // naru_holder_breaker_open{holder}
  void BreakerOpen(absl::string_view holder, bool open);

  prometheus::Gauge& ledger_entries() { return *ledger_entries_; }
  prometheus::Gauge& journal_queue() { return *journal_queue_; }
  prometheus::Gauge& watches() { return *watches_; }
  prometheus::Gauge& message_followers() { return *message_followers_; }
  prometheus::Gauge& fetches() { return *fetches_; }
  prometheus::Gauge& free_bytes() { return *free_bytes_; }
  prometheus::Gauge& min_free_bytes() { return *min_free_bytes_; }
  prometheus::Gauge& clock_synchronised() { return *clock_synchronised_; }
  prometheus::Gauge& executor_queue() { return *executor_queue_; }
  prometheus::Counter& probe_failures() { return *probe_failures_; }
  prometheus::Counter& publish_failures() { return *publish_failures_; }

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>* requests_;
  prometheus::Family<prometheus::Counter>* errors_;
  prometheus::Family<prometheus::Histogram>* duration_;
  prometheus::Family<prometheus::Counter>* refusals_;
  prometheus::Family<prometheus::Counter>* documents_;
  prometheus::Family<prometheus::Counter>* document_failures_;
  prometheus::Family<prometheus::Histogram>* document_duration_;
  prometheus::Family<prometheus::Counter>* document_bytes_;
  prometheus::Family<prometheus::Counter>* quarantines_;
  prometheus::Family<prometheus::Gauge>* breakers_;
  prometheus::Histogram* group_changes_;
  prometheus::Histogram* judge_seconds_;
  prometheus::Histogram* sync_seconds_;
  std::vector<prometheus::Counter*> entries_;  // By v1::EntryKind.
  prometheus::Family<prometheus::Counter>* consent_changes_;
  prometheus::Gauge* ledger_entries_;
  prometheus::Gauge* journal_queue_;
  prometheus::Gauge* watches_;
  prometheus::Gauge* message_followers_;
  prometheus::Gauge* fetches_;
  prometheus::Gauge* free_bytes_;
  prometheus::Gauge* min_free_bytes_;
  prometheus::Gauge* clock_synchronised_;
  prometheus::Gauge* executor_queue_;
  prometheus::Counter* probe_failures_;
  prometheus::Counter* publish_failures_;
};

}  // namespace naru

#endif  // NARU_BROKER_METRICS_H_
