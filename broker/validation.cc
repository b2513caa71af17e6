#include "broker/validation.h"

#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/field_rules.h"

namespace naru {
namespace {

namespace rules = field_rules;

constexpr size_t kSha256Bytes = 32;
constexpr int kMaxUses = 1000;
constexpr int64_t kMinValidSeconds = 60;
constexpr int64_t kMaxValidSeconds = 31'622'400;  // 366 days.
constexpr int kGroundCharacters = 200 * 4;        // 200 characters of UTF-8.
constexpr int kAskerCharacters = 64;
constexpr int kAcknowledgedMax = 64;
constexpr int kSignaturesMax = 16;

// Requests that name one consent by link or by id.
template <typename Request>
absl::Status Target(const Request& request) {
  switch (request.target_case()) {
    case Request::kLinkToken:
      return rules::LinkToken(request.link_token());
    case Request::kConsentId:
      if (request.evidence().proof_case() == v1::Evidence::kCode) {
        return FieldsContradict("evidence.code", "a code goes with the link's token");
      }
      return rules::ConsentId(request.consent_id(), "consent_id");
    case Request::TARGET_NOT_SET:
      return FieldMissing("target");
  }
  return FieldMissing("target");
}

// A suspension or its lifting, by the citizen.
template <typename Request>
absl::Status CitizensChange(const Request& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(rules::ConsentId(request.consent_id(), "consent_id"));
  return rules::Evidence(request.evidence(), request.has_evidence(), /*code_allowed=*/false);
}

// Use approval ids: lower-case letters, digits, hyphens.
absl::Status ApprovalId(absl::string_view id) {
  ABSL_RETURN_IF_ERROR(rules::Text(id, "approval_id", limits::kShortText, true));
  for (char c : id) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') {
      return FieldMalformed("approval_id", "lower-case letters, digits and hyphens");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Validate(const v1::OpenConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(rules::Person(request.has_person(), request.person(), "person"));
  ABSL_RETURN_IF_ERROR(rules::Code(request.affair(), "affair"));
  ABSL_RETURN_IF_ERROR(rules::Papers(request.papers()));
  if (!v1::LegalRoute_IsValid(request.legal_route())) {
    return FieldMalformed("legal_route", "a legal route this version knows");
  }
  switch (request.intake()) {
    case v1::INTAKE_PHONE:
    case v1::INTAKE_COUNTER:
    case v1::INTAKE_CALL:
    case v1::INTAKE_KIOSK:
      break;
    case v1::INTAKE_UNSPECIFIED:
      return FieldMissing("intake");
    default:
      return FieldMalformed("intake", "PHONE, COUNTER, CALL or KIOSK");
  }
  ABSL_RETURN_IF_ERROR(rules::Case(request.case_()));
  if (request.valid_for_seconds() != 0) {
    ABSL_RETURN_IF_ERROR(rules::Range(request.valid_for_seconds(), "valid_for_seconds",
                                      kMinValidSeconds, kMaxValidSeconds));
  }
  ABSL_RETURN_IF_ERROR(rules::Range(request.uses(), "uses", 0, kMaxUses));
  if (!request.language().empty() && request.language() != "ko" && request.language() != "en") {
    return FieldMalformed("language", "\"ko\" or \"en\"");
  }
  return absl::OkStatus();
}

absl::Status Validate(const v1::GetConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::ConsentId(request.consent_id(), "consent_id"));
  if (request.has_session()) ABSL_RETURN_IF_ERROR(rules::Session(request.session(), true));
  return rules::Case(request.case_());
}

absl::Status Validate(const v1::CheckConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::Case(request.case_()));
  switch (request.target_case()) {
    case v1::CheckConsentRequest::kConsentId:
      return rules::ConsentId(request.consent_id(), "consent_id");
    case v1::CheckConsentRequest::kPersonAffair: {
      const v1::PersonAffair& target = request.person_affair();
      ABSL_RETURN_IF_ERROR(
          rules::Person(target.has_person(), target.person(), "person_affair.person"));
      return rules::Code(target.affair(), "person_affair.affair");
    }
    case v1::CheckConsentRequest::TARGET_NOT_SET:
      return FieldMissing("target");
  }
  return FieldMissing("target");
}

absl::Status Validate(const v1::WatchConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::ConsentId(request.consent_id(), "consent_id"));
  return rules::Case(request.case_());
}

absl::Status Validate(const v1::CancelConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(rules::ConsentId(request.consent_id(), "consent_id"));
  return rules::Case(request.case_());
}

absl::Status Validate(const v1::ShowConsentRequest& request) {
  return rules::LinkToken(request.link_token());
}

absl::Status Validate(const v1::SendCodeRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(rules::LinkToken(request.link_token()));
  if (request.purpose() == v1::CODE_PURPOSE_UNSPECIFIED) return FieldMissing("purpose");
  if (!v1::CodePurpose_IsValid(request.purpose())) {
    return FieldMalformed("purpose", "DECIDE or WITHDRAW");
  }
  return absl::OkStatus();
}

absl::Status Validate(const v1::DecideConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(Target(request));
  if (request.decisions().empty()) return FieldMissing("decisions");
  if (request.decisions_size() > limits::kPapersPerConsent) {
    return FieldTooLarge("decisions", limits::kPapersPerConsent);
  }
  std::set<uint32_t> seen;
  for (int i = 0; i < request.decisions_size(); ++i) {
    const std::string field = absl::StrCat("decisions[", i, "]");
    const v1::PaperDecision& decision = request.decisions(i);
    ABSL_RETURN_IF_ERROR(rules::Range(decision.paper_id(), absl::StrCat(field, ".paper_id"), 1,
                                      limits::kPapersPerConsent));
    if (!seen.insert(decision.paper_id()).second) {
      return FieldsContradict(absl::StrCat(field, ".paper_id"), "the paper is named twice");
    }
    if (decision.decision() != v1::DECISION_AGREED && decision.decision() != v1::DECISION_REFUSED) {
      return FieldMalformed(absl::StrCat(field, ".decision"), "AGREED or REFUSED");
    }
  }
  ABSL_RETURN_IF_ERROR(rules::Bytes(request.text_sha256(), "text_sha256", kSha256Bytes));
  return rules::Evidence(request.evidence(), request.has_evidence(), /*code_allowed=*/true);
}

absl::Status Validate(const v1::WithdrawConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(Target(request));
  ABSL_RETURN_IF_ERROR(rules::PaperIds(request.paper_ids(), /*required=*/false));
  return rules::Evidence(request.evidence(), request.has_evidence(), /*code_allowed=*/true);
}

absl::Status Validate(const v1::SuspendConsentRequest& request) { return CitizensChange(request); }
absl::Status Validate(const v1::ResumeConsentRequest& request) { return CitizensChange(request); }

absl::Status Validate(const v1::FetchDocumentsRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  if (request.has_public_access()) {
    return FieldMalformed("public_access", "unset: access without consent is not served yet");
  }
  ABSL_RETURN_IF_ERROR(rules::ConsentId(request.consent_id(), "consent_id"));
  ABSL_RETURN_IF_ERROR(rules::Person(request.has_person(), request.person(), "person"));
  ABSL_RETURN_IF_ERROR(rules::Bytes(request.nonce(), "nonce", limits::kNonceBytes));
  ABSL_RETURN_IF_ERROR(rules::Case(request.case_()));
  ABSL_RETURN_IF_ERROR(rules::PaperIds(request.paper_ids(), /*required=*/false));
  if (!v1::AccessMode_IsValid(request.mode())) return FieldMalformed("mode", "VIEW or TRANSFER");
  return absl::OkStatus();
}

absl::Status Validate(const v1::GetCatalogueRequest&) { return absl::OkStatus(); }

absl::Status Validate(const v1::ListKindsRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::PageSize(request.page_size()));
  return rules::PageToken(request.page_token());
}

absl::Status Validate(const v1::GetAffairRequest& request) {
  return rules::Code(request.affair(), "affair");
}

absl::Status Validate(const v1::SuspendApprovalRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(ApprovalId(request.approval_id()));
  ABSL_RETURN_IF_ERROR(rules::Text(request.official_id(), "official_id", limits::kShortText, true));
  return rules::Text(request.ground(), "ground", kGroundCharacters, true);
}

absl::Status Validate(const v1::LiftApprovalRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(ApprovalId(request.approval_id()));
  return rules::Text(request.official_id(), "official_id", limits::kShortText, true);
}

absl::Status Validate(const v1::GetSignedCatalogueRequest&) { return absl::OkStatus(); }

absl::Status Validate(const v1::ApplyCatalogueRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  const v1::SignedCatalogue& catalogue = request.catalogue();
  if (catalogue.catalogue().empty()) return FieldMissing("catalogue.catalogue");
  if (catalogue.catalogue().size() > limits::kSignedCatalogueBytes) {
    return FieldTooLarge("catalogue.catalogue", limits::kSignedCatalogueBytes);
  }
  if (catalogue.base_generation() == 0) return FieldMissing("catalogue.base_generation");
  if (catalogue.signatures_size() > kSignaturesMax) {
    return FieldTooLarge("catalogue.signatures", kSignaturesMax);
  }
  ABSL_RETURN_IF_ERROR(rules::Case(request.case_()));
  if (request.case_().official_id().empty()) return FieldMissing("case.official_id");
  return absl::OkStatus();
}

absl::Status Validate(const v1::ListPersonHistoryRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::Session(request.session(), request.has_session()));
  ABSL_RETURN_IF_ERROR(rules::PageSize(request.page_size()));
  return rules::PageToken(request.page_token());
}

absl::Status Validate(const v1::ListCaseHistoryRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::Case(request.case_()));
  if (request.case_().case_number().empty()) return FieldMissing("case.case_number");
  ABSL_RETURN_IF_ERROR(rules::PageSize(request.page_size()));
  return rules::PageToken(request.page_token());
}

absl::Status Validate(const v1::RecordLookUpRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  if (request.has_person()) {
    ABSL_RETURN_IF_ERROR(rules::Person(true, request.person(), "person"));
  }
  ABSL_RETURN_IF_ERROR(rules::Text(request.asker(), "asker", kAskerCharacters, true));
  return rules::Case(request.case_());
}

absl::Status Validate(const v1::GetCheckpointRequest&) { return absl::OkStatus(); }

absl::Status Validate(const v1::GetInclusionProofRequest& request) {
  if (request.index() >= request.tree_size()) {
    return FieldMalformed("index", "less than tree_size");
  }
  return absl::OkStatus();
}

absl::Status Validate(const v1::GetConsistencyProofRequest& request) {
  if (request.first_size() == 0) return FieldMissing("first_size");
  if (request.first_size() > request.second_size()) {
    return FieldMalformed("first_size", "at most second_size");
  }
  return absl::OkStatus();
}

absl::Status Validate(const v1::FollowMessagesRequest&) { return absl::OkStatus(); }

absl::Status Validate(const v1::AcknowledgeMessagesRequest& request) {
  if (request.cursors().empty()) return FieldMissing("cursors");
  if (request.cursors_size() > kAcknowledgedMax) return FieldTooLarge("cursors", kAcknowledgedMax);
  return absl::OkStatus();
}

}  // namespace naru
