#include "consent/consent_check.h"

#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "consent/consent_machine.h"
#include "consent/consent_rows.h"
#include "consent/consent_view.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

absl::Time FromMicros(uint64_t micros) {
  return absl::FromUnixMicros(static_cast<int64_t>(micros));
}

std::optional<v1::Refusal> RefuseState(const storage::v1::CheckRow& check, absl::Time now) {
  switch (EffectiveState(check, now)) {
    case v1::CONSENT_STATE_GRANTED:
      if (now < FromMicros(check.valid_from_us())) {
        return MakeRefusal(v1::REFUSAL_REASON_CONSENT_NOT_YET_VALID,
                           {{"valid_from", ToRfc3339(FromMicros(check.valid_from_us()))}});
      }
      if (check.uses_left() == 0) return MakeRefusal(v1::REFUSAL_REASON_CONSENT_EXHAUSTED);
      return std::nullopt;
    case v1::CONSENT_STATE_PENDING:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_PENDING);
    case v1::CONSENT_STATE_DENIED:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_DENIED);
    case v1::CONSENT_STATE_EXPIRED:
      return MakeRefusal(v1::REFUSAL_REASON_CONSENT_EXPIRED,
                         {{"expired_at", ToRfc3339(FromMicros(check.valid_until_us()))}});
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
      return MakeRefusal(v1::REFUSAL_REASON_NO_CONSENT);
  }
}

v1::CheckConsentResponse Refused(v1::Refusal refusal) {
  v1::CheckConsentResponse response;
  *response.mutable_refusal() = std::move(refusal);
  return response;
}

}  // namespace

absl::StatusOr<v1::CheckConsentResponse> AnswerCheck(
    const std::string& agency, const std::string& consent_id,
    const std::optional<storage::v1::CheckRow>& check, const Catalogue& catalogue,
    const RefuseKind& refuse_kind, absl::Time now) {
  if (!check.has_value() || check->requester() != agency) {
    return Refused(MakeRefusal(v1::REFUSAL_REASON_NO_CONSENT));
  }
  std::optional<v1::Refusal> refused = RefuseState(*check, now);
  if (refused.has_value()) return Refused(*std::move(refused));

  const config::v1::Affair* const affair = catalogue.FindAffair(check->affair());
  if (affair == nullptr || check->agreed_size() % 2 != 0) {
    return DataDamaged("a check row does not fit the catalogue");
  }
  v1::CheckConsentResponse response;
  v1::CheckedConsent& allowed = *response.mutable_allowed();
  for (int i = 0; i < check->agreed_size(); i += 2) {
    const int kind = static_cast<int>(check->agreed(i + 1));
    if (kind >= affair->kinds_size()) {
      return DataDamaged("a check row does not fit the catalogue");
    }
    ABSL_ASSIGN_OR_RETURN(std::optional<v1::Refusal> refused_kind,
                          refuse_kind(affair->kinds(kind).kind()));
    if (refused_kind.has_value()) {
      refused = std::move(refused_kind);
    } else {
      allowed.add_paper_ids(check->agreed(i));
    }
  }
  if (allowed.paper_ids().empty()) {
    return Refused(refused.has_value() ? *std::move(refused)
                                       : MakeRefusal(v1::REFUSAL_REASON_CONSENT_DENIED));
  }
  allowed.set_consent_id(consent_id);
  *allowed.mutable_valid_until() = ToTimestamp(FromMicros(check->valid_until_us()));
  allowed.set_uses_left(check->uses_left());
  return response;
}

absl::StatusOr<std::optional<ConsentId>> NewestOpenConsent(const Reader& rows,
                                                           const SubjectId& subject,
                                                           const std::string& agency,
                                                           const std::string& affair,
                                                           absl::Time now) {
  const auto [from, to] = keys::PersonConsents(subject, agency, affair);
  ABSL_ASSIGN_OR_RETURN(const std::vector<Row> newest,
                        rows.Scan(Table::kRows, from, to, limits::kConsentsLookedAt));
  for (const Row& row : newest) {
    const ConsentId id = keys::ConsentOfPersonKey(row.key);
    if (id.empty()) return DataDamaged("an index row names no consent");
    ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::CheckRow> check, ReadCheckRow(rows, id));
    if (!check.has_value()) return DataDamaged("a consent has no check row");
    if (!IsFinal(EffectiveState(*check, now))) return std::optional<ConsentId>(id);
  }
  return std::optional<ConsentId>();
}

}  // namespace naru
