#include "consent/release_rules.h"

#include <string>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "consent/catalog/policy.h"
#include "consent/consent_machine.h"

namespace naru {
namespace {

std::string Rfc3339(int64_t micros) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", absl::FromUnixMicros(micros),
                          absl::UTCTimeZone());
}

// Why an EXHAUSTED consent releases nothing more to this fetch.
absl::StatusOr<bool> MayGoOnExhausted(const Reader& rows, const FetchRecord& record,
                                      uint32_t paper_id, absl::Time now) {
  // What it took its use for goes on.
  if (record.fetch.use_taken()) return true;
  if (!record.fetch.within_grace()) return false;
  const storage::v1::PaperRow* const paper = FindPaper(record.consent.row, paper_id);
  if (paper == nullptr || HasArrived(*paper)) return false;
  const absl::StatusOr<FetchId> last_id = FetchId::FromBytes(record.consent.row.last_fetch_id());
  if (!last_id.ok()) return DataDamaged("an exhausted consent names no last fetch");
  ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::FetchRow> last,
                        ReadFetchRow(rows, *last_id));
  if (!last.has_value()) return DataDamaged("the last fetch of a consent is missing");
  return WithinGrace(*last, record.fetch.case_lookup(), now);
}

}  // namespace

std::optional<v1::Refusal> RefuseConsent(const storage::v1::ConsentRow& consent, absl::Time now) {
  const v1::ConsentState state = EffectiveState(consent, now);
  switch (state) {
    case v1::CONSENT_STATE_GRANTED:
      if (absl::ToUnixMicros(now) < consent.valid_from_us()) {
        return MakeRefusal(v1::REFUSAL_REASON_CONSENT_NOT_YET_VALID,
                           {{"valid_from", Rfc3339(consent.valid_from_us())}});
      }
      if (consent.uses_left() == 0) return MakeRefusal(v1::REFUSAL_REASON_CONSENT_EXHAUSTED);
      return std::nullopt;
    case v1::CONSENT_STATE_PENDING:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_PENDING);
    case v1::CONSENT_STATE_DENIED:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_DENIED);
    case v1::CONSENT_STATE_EXPIRED: {
      const int64_t end =
          consent.decide_time_us() == 0 ? consent.decide_until_us() : consent.valid_until_us();
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_EXPIRED, {{"expired_at", Rfc3339(end)}});
    }
    case v1::CONSENT_STATE_CANCELLED:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_CANCELLED);
    case v1::CONSENT_STATE_SUSPENDED:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_SUSPENDED);
    case v1::CONSENT_STATE_EXHAUSTED:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_EXHAUSTED);
    case v1::CONSENT_STATE_WITHDRAWN:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
    default:
      // A state that this version does not know: in doubt it refuses (P8).
      return MakeRefusal(v1::REFUSAL_REASON_STATE_CONFLICT, {{"state", StateName(state)}});
  }
}

std::optional<v1::Refusal> RefusePaper(const storage::v1::ConsentRow& consent, uint32_t paper_id) {
  const storage::v1::PaperRow* const paper = FindPaper(consent, paper_id);
  if (paper == nullptr) return MakeRefusal(v1::REFUSAL_REASON_KIND_NOT_IN_AFFAIR);
  switch (paper->decision()) {
    case v1::DECISION_AGREED:
      return std::nullopt;
    case v1::DECISION_WITHDRAWN:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
    default:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_DENIED);
  }
}

bool WithinGrace(const storage::v1::FetchRow& last, const std::string& case_lookup,
                 absl::Time now) {
  return last.case_lookup() == case_lookup &&
         now - absl::FromUnixMicros(last.time_us()) <= limits::kExhaustedGrace;
}

bool HasArrived(const storage::v1::PaperRow& paper) {
  return paper.arrived() || paper.last_outcome() == v1::OUTCOME_NO_RECORD;
}

v1::Refusal BundleIncomplete(uint32_t paper_id) {
  return MakeRefusal(v1::REFUSAL_REASON_BUNDLE_INCOMPLETE,
                     {{"paper_id", std::to_string(paper_id)}});
}

absl::StatusOr<std::optional<v1::Refusal>> RefuseRelease(const Reader& rows,
                                                         const Catalogue& catalogue,
                                                         const FetchRecord& record,
                                                         uint32_t paper_id, absl::Time now,
                                                         bool* takes_use) {
  *takes_use = false;
  const storage::v1::ConsentRow& consent = record.consent.row;
  bool exhausted = false;
  if (EffectiveState(consent, now) == v1::CONSENT_STATE_EXHAUSTED) {
    ABSL_ASSIGN_OR_RETURN(exhausted, MayGoOnExhausted(rows, record, paper_id, now));
  }
  if (!exhausted) {
    std::optional<v1::Refusal> refused = RefuseConsent(consent, now);
    if (refused.has_value()) return refused;
  }
  std::optional<v1::Refusal> refused = RefusePaper(consent, paper_id);
  if (refused.has_value()) return refused;
  ABSL_ASSIGN_OR_RETURN(refused,
                        RefuseUse(rows, catalogue, consent.requester(), consent.affair(),
                                  FindPaper(consent, paper_id)->kind(), record.fetch.mode()));
  if (refused.has_value()) return refused;
  *takes_use = !exhausted && !record.fetch.use_taken();
  return std::optional<v1::Refusal>();
}

}  // namespace naru
