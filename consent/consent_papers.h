#ifndef NARU_CONSENT_CONSENT_PAPERS_H_
#define NARU_CONSENT_CONSENT_PAPERS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "consent/catalog/catalogue.h"
#include "consent/consent_rows.h"
#include "consent/store/store.h"
#include "google/protobuf/repeated_field.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/error_reason.pb.h"

// The papers of a consent to be, as the catalogue has them. Plain functions.
namespace naru {

// Adds the papers to the consent's row and details, subject and parameters explicit. `ci`: the
// person who decides, whom papers about a person or household are about. A refusal for an affair
// without approvals or a kind it does not need (`paper_id` in its facts); FieldMissing or
// FieldMalformed, with the path from papers[i] on, for a subject or parameter that does not fit.
absl::StatusOr<std::optional<v1::Refusal>> AddPapers(
    const Catalogue& catalogue, const std::string& affair, const std::string& ci,
    const google::protobuf::RepeatedPtrField<v1::Paper>& given, StoredConsent* consent);

// Why the agency may not use one of the consent's kinds for its affair now; nullopt when it may use
// all of them.
absl::StatusOr<std::optional<v1::Refusal>> RefusePapers(const Reader& rows,
                                                        const Catalogue& catalogue,
                                                        const storage::v1::ConsentRow& consent);

// Eight digits that a citizen can compare or name.
std::string DrawRequestNumber(Random& random);

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_PAPERS_H_
