#ifndef NARU_CONSENT_CONSENT_CHECK_H_
#define NARU_CONSENT_CONSENT_CHECK_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/ids.h"
#include "consent/catalog/catalogue.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/consent_service.pb.h"

// Whether a fetch would be allowed now, by the small row alone. Pure functions.
namespace naru {

// Why the kind may not be used now; nullopt when it may.
using RefuseKind =
    std::function<absl::StatusOr<std::optional<v1::Refusal>>(const std::string& kind)>;

// The answer to a check. `check` is nullopt when there is no such consent: the same bytes as for
// one of another agency (P10). A consent alone is not enough: each paper's kind is asked.
absl::StatusOr<v1::CheckConsentResponse> AnswerCheck(
    const std::string& agency, const std::string& consent_id,
    const std::optional<storage::v1::CheckRow>& check, const Catalogue& catalogue,
    const RefuseKind& refuse_kind, absl::Time now);

// The newest consent of the person for the agency and affair that is not final; nullopt when there
// is none among the newest limits::kConsentsLookedAt.
absl::StatusOr<std::optional<ConsentId>> NewestOpenConsent(const Reader& rows,
                                                           const SubjectId& subject,
                                                           const std::string& agency,
                                                           const std::string& affair,
                                                           absl::Time now);

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_CHECK_H_
