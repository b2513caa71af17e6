#include "consent/consent_view.h"

#include <string>

#include "consent/consent_machine.h"

namespace naru {
namespace {

google::protobuf::Timestamp FromMicros(int64_t micros) {
  return ToTimestamp(absl::FromUnixMicros(micros));
}

// All but state, decisions and uses, which change after the decision.
v1::Consent ShowRest(const StoredConsent& stored, ConsentViewer viewer) {
  const storage::v1::ConsentRow& row = stored.row;
  v1::Consent consent;
  consent.set_consent_id(stored.id.text());
  consent.set_legal_route(row.legal_route());
  consent.set_requester(row.requester());
  consent.set_affair(row.affair());
  *consent.mutable_papers() = stored.details.papers();
  *consent.mutable_open_time() = FromMicros(row.open_time_us());
  *consent.mutable_decide_until() = FromMicros(row.decide_until_us());
  consent.set_retention_days(row.retention_days());
  consent.set_intake(row.intake());
  consent.set_text_version(row.text_version());
  consent.set_text_sha256(row.text_sha256());
  if (viewer == ConsentViewer::kRequester && stored.details.has_opened_by()) {
    *consent.mutable_opened_by() = stored.details.opened_by();
  }
  return consent;
}

void ShowDecision(const storage::v1::ConsentRow& row, v1::Consent* consent) {
  if (row.decide_time_us() == 0) return;
  *consent->mutable_decide_time() = FromMicros(row.decide_time_us());
  consent->set_evidence(row.evidence());
  if (row.valid_until_us() == 0) return;
  *consent->mutable_valid_from() = FromMicros(row.valid_from_us());
  *consent->mutable_valid_until() = FromMicros(row.valid_until_us());
}

}  // namespace

v1::Consent ShowConsent(const StoredConsent& stored, ConsentViewer viewer, absl::Time now) {
  v1::Consent consent = ShowRest(stored, viewer);
  consent.set_state(EffectiveState(stored.row, now));
  for (const storage::v1::PaperRow& paper : stored.row.papers()) {
    v1::PaperDecision* const decision = consent.add_decisions();
    decision->set_paper_id(paper.paper_id());
    decision->set_decision(paper.decision());
  }
  consent.set_uses_left(stored.row.uses_left());
  ShowDecision(stored.row, &consent);
  return consent;
}

v1::Consent ShowConsentAfter(const StoredConsent& stored, ConsentViewer viewer,
                             const v1::OuterEntry& entry) {
  v1::Consent consent = ShowRest(stored, viewer);
  consent.set_state(entry.state());
  *consent.mutable_decisions() = entry.decisions();
  consent.set_uses_left(entry.uses_left());
  // Decided at most once: what the row says about it holds from that entry on.
  const bool before_decision = entry.kind() == v1::ENTRY_KIND_CONSENT_OPENED ||
                               entry.kind() == v1::ENTRY_KIND_CONSENT_CANCELLED;
  if (!before_decision) ShowDecision(stored.row, &consent);
  return consent;
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
  return timestamp;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

std::string ToRfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace naru
