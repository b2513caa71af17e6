#include "broker/metrics.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"

namespace naru {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;

// From a check (100 us) to a fetch that waits for its holder (30 s).
Histogram::BucketBoundaries DurationBuckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
          0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};
}

Histogram::BucketBoundaries SyncBuckets() {
  return {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1};
}

std::string Reason(v1::RefusalReason reason) {
  return absl::StrCat(v1::RefusalReason_Name(reason)).substr(sizeof("REFUSAL_REASON_") - 1);
}

std::string OutcomeName(v1::Outcome outcome) {
  return absl::StrCat(v1::Outcome_Name(outcome)).substr(sizeof("OUTCOME_") - 1);
}

std::string KindName(v1::EntryKind kind) {
  return absl::StrCat(v1::EntryKind_Name(kind)).substr(sizeof("ENTRY_KIND_") - 1);
}

std::string StateName(v1::ConsentState state) {
  return absl::StrCat(v1::ConsentState_Name(state)).substr(sizeof("CONSENT_STATE_") - 1);
}

// Whether an entry of the kind changes a consent: an admitted fetch takes one of its uses.
bool ChangesConsent(v1::EntryKind kind) {
  if (kind == v1::ENTRY_KIND_FETCH_ADMITTED) return true;
  return kind != v1::ENTRY_KIND_CONSENT_CHECKED &&
         absl::StartsWith(v1::EntryKind_Name(kind), "ENTRY_KIND_CONSENT_");
}

}  // namespace

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {
  auto counters = [&](const char* name, const char* help) {
    return &BuildCounter().Name(name).Help(help).Register(*registry_);
  };
  auto gauge = [&](const char* name, const char* help) {
    return &BuildGauge().Name(name).Help(help).Register(*registry_).Add({});
  };
  auto histograms = [&](const char* name, const char* help) {
    return &BuildHistogram().Name(name).Help(help).Register(*registry_);
  };
  requests_ = counters("naru_rpc_requests_total", "Finished RPCs by gRPC code");
  errors_ = counters("naru_rpc_errors_total", "RPCs that ended in an error, by reason");
  duration_ =
      histograms("naru_rpc_duration_seconds", "Time from request to last byte of the answer");
  refusals_ = counters("naru_refusals_total", "Judged refusals by reason");
  documents_ = counters("naru_documents_total", "Documents by holder and outcome");
  document_failures_ = counters("naru_document_failures_total",
                                "Documents that did not arrive, by holder and reason");
  document_duration_ =
      histograms("naru_document_duration_seconds", "Time from asking a holder to the outcome");
  document_bytes_ = counters("naru_document_bytes_total", "Body bytes passed on, by holder");
  quarantines_ = counters("naru_quarantines_total", "Answers that were about somebody else (P3)");
  breakers_ = &BuildGauge()
                   .Name("naru_holder_breaker_open")
                   .Help("1 while a holder is not asked because it cannot be reached")
                   .Register(*registry_);
  group_changes_ =
      &histograms("naru_journal_group_changes", "Changes made durable by one sync")
           ->Add({}, Histogram::BucketBoundaries{1, 2, 4, 8, 16, 32, 64, 128, 256, 512});
  judge_seconds_ =
      &histograms("naru_journal_judge_seconds", "Time to judge one group")->Add({}, SyncBuckets());
  sync_seconds_ = &histograms("naru_journal_sync_seconds", "Time to make one group durable")
                       ->Add({}, SyncBuckets());
  auto* const entries =
      counters("naru_journal_entries_total", "Ledger entries written, by what happened");
  entries_.resize(v1::EntryKind_ARRAYSIZE);
  for (int kind = 1; kind < v1::EntryKind_ARRAYSIZE; ++kind) {
    if (!v1::EntryKind_IsValid(kind)) continue;
    entries_[kind] = &entries->Add({{"kind", KindName(static_cast<v1::EntryKind>(kind))}});
  }
  consent_changes_ = counters("naru_consent_changes_total",
                              "Changes of consents, by what happened and the state after it");
  ledger_entries_ = gauge("naru_ledger_entries", "Entries in the ledger");
  journal_queue_ = gauge("naru_journal_queue", "Changes that wait for the journal");
  watches_ = gauge("naru_watches", "Open watch and feed streams");
  message_followers_ = gauge("naru_message_followers", "Notifiers that follow the outbox");
  fetches_ = gauge("naru_fetches", "Fetches under way");
  free_bytes_ = gauge("naru_store_free_bytes", "Free space where the store lies");
  min_free_bytes_ =
      gauge("naru_store_min_free_bytes", "Changes are refused when less than this is free");
  clock_synchronised_ =
      gauge("naru_clock_synchronised", "1 while a time service keeps the system clock right");
  executor_queue_ = gauge("naru_executor_queue", "Closures that wait for a thread");
  probe_failures_ =
      &counters("naru_probe_failures_total", "Self-probes of the listener that failed")->Add({});
  publish_failures_ =
      &counters("naru_publish_failures_total", "Times the public ledger could not be written")
           ->Add({});
}

void Metrics::RpcDone(absl::string_view rpc, const absl::Status& status, absl::Duration took) {
  const std::string name(rpc);
  requests_->Add({{"rpc", name}, {"code", absl::StatusCodeToString(status.code())}}).Increment();
  duration_->Add({{"rpc", name}}, DurationBuckets()).Observe(absl::ToDoubleSeconds(took));
  if (status.ok()) return;
  const auto detail = GetErrorDetail(status);
  const std::string reason =
      detail.has_value()
          ? absl::StrCat(v1::ErrorReason_Name(detail->reason())).substr(sizeof("ERROR_REASON_") - 1)
          : "NONE";
  errors_->Add({{"rpc", name}, {"reason", reason}}).Increment();
}

void Metrics::Refused(absl::string_view rpc, v1::RefusalReason reason) {
  refusals_->Add({{"rpc", std::string(rpc)}, {"reason", Reason(reason)}}).Increment();
}

void Metrics::DocumentDone(absl::string_view holder, v1::Outcome outcome, v1::RefusalReason reason,
                           absl::Duration took) {
  const std::string name(holder);
  documents_->Add({{"holder", name}, {"outcome", OutcomeName(outcome)}}).Increment();
  document_duration_->Add({{"holder", name}}, DurationBuckets())
      .Observe(absl::ToDoubleSeconds(took));
  if (reason == v1::REFUSAL_REASON_UNSPECIFIED) return;
  document_failures_->Add({{"holder", name}, {"reason", Reason(reason)}}).Increment();
}

void Metrics::DocumentBytes(absl::string_view holder, size_t bytes) {
  document_bytes_->Add({{"holder", std::string(holder)}}).Increment(static_cast<double>(bytes));
}

void Metrics::Quarantined(absl::string_view holder, v1::RefusalReason reason) {
  quarantines_->Add({{"holder", std::string(holder)}, {"reason", Reason(reason)}}).Increment();
}

void Metrics::JournalGroup(int changes, absl::Duration judge, absl::Duration sync) {
  group_changes_->Observe(changes);
  judge_seconds_->Observe(absl::ToDoubleSeconds(judge));
  sync_seconds_->Observe(absl::ToDoubleSeconds(sync));
}

void Metrics::Entered(const v1::OuterEntry& entry) {
  ledger_entries_->Increment();
  if (!v1::EntryKind_IsValid(entry.kind()) || entry.kind() == 0) return;
  entries_[entry.kind()]->Increment();
  if (!ChangesConsent(entry.kind())) return;
  consent_changes_->Add({{"change", KindName(entry.kind())}, {"state", StateName(entry.state())}})
      .Increment();
}

void Metrics::BreakerOpen(absl::string_view holder, bool open) {
  breakers_->Add({{"holder", std::string(holder)}}).Set(open ? 1 : 0);
}

}  // namespace naru
