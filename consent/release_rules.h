#ifndef NARU_CONSENT_RELEASE_RULES_H_
#define NARU_CONSENT_RELEASE_RULES_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/catalog/catalogue.h"
#include "consent/fetch_record.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/error_reason.pb.h"

// What may be fetched under a consent. Pure functions over rows; admission and release go by the
// same ones, so that they cannot differ.
namespace naru {

// Why a new fetch is refused as a whole, by state and time; nullopt when the consent is GRANTED and
// counts at `now`. EXHAUSTED is refused here; see WithinGrace.
std::optional<v1::Refusal> RefuseConsent(const storage::v1::ConsentRow& consent, absl::Time now);

// Why the paper is refused: not named by the consent, not agreed to, withdrawn; nullopt when it is
// agreed to.
std::optional<v1::Refusal> RefusePaper(const storage::v1::ConsentRow& consent, uint32_t paper_id);

// True when an EXHAUSTED consent still serves a case: `last` is the fetch that took the last use,
// was of the same case, and is at most limits::kExhaustedGrace old. A fetch without case counts to
// the consent's own case.
bool WithinGrace(const storage::v1::FetchRow& last, const std::string& case_lookup, absl::Time now);
// What the 24-hour rule gives no second time: a paper that the requester acknowledged as ARRIVED,
// and the answer that there is none (NO_RECORD), which has no body to lose. One that was sent and
// not acknowledged may have been lost on the way.
bool HasArrived(const storage::v1::PaperRow& paper);

// Why a paper is not released that could be: all or nothing was asked, and `paper_id` cannot be.
v1::Refusal BundleIncomplete(uint32_t paper_id);

// Why a paper of a running fetch is not released: judged anew, under the lock, when its header is
// there. `takes_use` is set when it is released and takes a use of the consent.
absl::StatusOr<std::optional<v1::Refusal>> RefuseRelease(const Reader& rows,
                                                         const Catalogue& catalogue,
                                                         const FetchRecord& record,
                                                         uint32_t paper_id, absl::Time now,
                                                         bool* takes_use);

}  // namespace naru

#endif  // NARU_CONSENT_RELEASE_RULES_H_
