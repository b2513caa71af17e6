#ifndef NARU_BROKER_VALIDATION_H_
#define NARU_BROKER_VALIDATION_H_

#include <string>

#include "absl/status/status.h"
#include "naru/v1/catalogue_service.pb.h"
#include "naru/v1/consent_service.pb.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/history_service.pb.h"
#include "naru/v1/ledger_service.pb.h"
#include "naru/v1/message_service.pb.h"

// The form of every request: lengths, characters, ranges, repeats, contradictions. What needs the
// catalogue or the record is judged in consent/. An error names field and limit (errors.h) and
// never a value. Pure, thread-safe.
namespace naru {

absl::Status Validate(const v1::OpenConsentRequest& request);
absl::Status Validate(const v1::GetConsentRequest& request);
absl::Status Validate(const v1::CheckConsentRequest& request);
absl::Status Validate(const v1::WatchConsentRequest& request);
absl::Status Validate(const v1::CancelConsentRequest& request);
absl::Status Validate(const v1::ShowConsentRequest& request);
absl::Status Validate(const v1::SendCodeRequest& request);
absl::Status Validate(const v1::DecideConsentRequest& request);
absl::Status Validate(const v1::WithdrawConsentRequest& request);
absl::Status Validate(const v1::SuspendConsentRequest& request);
absl::Status Validate(const v1::ResumeConsentRequest& request);
absl::Status Validate(const v1::PreviewConsentRequest& request);
absl::Status Validate(const v1::GrantConsentRequest& request);
absl::Status Validate(const v1::ListPersonConsentsRequest& request);
absl::Status Validate(const v1::ListAgencyConsentsRequest& request);
absl::Status Validate(const v1::ListCaseConsentsRequest& request);
absl::Status Validate(const v1::GetConsentReceiptRequest& request);
// Of batch and stream the number of checks alone: a check of the wrong form fails no other.
absl::Status Validate(const v1::BatchCheckConsentRequest& request);
absl::Status Validate(const v1::StreamCheckConsentRequest& request);
// `field` is the check's own path.
absl::Status ValidateCheck(const v1::ConsentCheck& check, const std::string& field);
absl::Status Validate(const v1::WatchCaseRequest& request);
absl::Status Validate(const v1::WatchAgencyRequest& request);
absl::Status Validate(const v1::FetchDocumentsRequest& request);
absl::Status Validate(const v1::AcknowledgeDocumentsRequest& request);
absl::Status Validate(const v1::GetCatalogueRequest& request);
absl::Status Validate(const v1::ListKindsRequest& request);
absl::Status Validate(const v1::GetAffairRequest& request);
absl::Status Validate(const v1::SuspendApprovalRequest& request);
absl::Status Validate(const v1::LiftApprovalRequest& request);
absl::Status Validate(const v1::GetSignedCatalogueRequest& request);
absl::Status Validate(const v1::ApplyCatalogueRequest& request);
absl::Status Validate(const v1::ListPersonHistoryRequest& request);
absl::Status Validate(const v1::ListCaseHistoryRequest& request);
absl::Status Validate(const v1::RecordLookUpRequest& request);
absl::Status Validate(const v1::GetCheckpointRequest& request);
absl::Status Validate(const v1::GetInclusionProofRequest& request);
absl::Status Validate(const v1::GetConsistencyProofRequest& request);
absl::Status Validate(const v1::FollowMessagesRequest& request);
absl::Status Validate(const v1::AcknowledgeMessagesRequest& request);

}  // namespace naru

#endif  // NARU_BROKER_VALIDATION_H_
