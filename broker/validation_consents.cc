#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/field_rules.h"
#include "broker/validation.h"

// The form of requests about many consents, and about one granted beforehand.
namespace naru {
namespace {

namespace rules = field_rules;

constexpr size_t kSha256Bytes = 32;

absl::Status Page(int32_t size, absl::string_view token) {
  ABSL_RETURN_IF_ERROR(rules::Range(size, "page_size", 0, limits::kConsentPageMax));
  return rules::PageToken(token);
}

absl::Status States(const google::protobuf::RepeatedField<int>& states) {
  std::set<int> seen;
  for (int i = 0; i < states.size(); ++i) {
    const std::string field = absl::StrCat("states[", i, "]");
    if (!v1::ConsentState_IsValid(states[i]) || states[i] == v1::CONSENT_STATE_UNSPECIFIED) {
      return FieldMalformed(field, "a state this version knows");
    }
    if (!seen.insert(states[i]).second) return FieldsContradict(field, "the state is named twice");
  }
  return absl::OkStatus();
}

absl::Status CaseNumber(const v1::CaseContext& context) {
  ABSL_RETURN_IF_ERROR(rules::Case(context));
  if (context.case_number().empty()) return FieldMissing("case.case_number");
  return absl::OkStatus();
}

absl::Status Terms(bool present, const v1::ConsentTerms& terms) {
  if (!present) return FieldMissing("terms");
  ABSL_RETURN_IF_ERROR(rules::Code(terms.requester(), "terms.requester"));
  ABSL_RETURN_IF_ERROR(rules::Code(terms.affair(), "terms.affair"));
  ABSL_RETURN_IF_ERROR(rules::Papers(terms.papers()));
  ABSL_RETURN_IF_ERROR(rules::Range(terms.uses(), "terms.uses", 0, limits::kConsentUses));
  if (!terms.language().empty() && terms.language() != "ko" && terms.language() != "en") {
    return FieldMalformed("terms.language", "\"ko\" or \"en\"");
  }
  return absl::OkStatus();
}

absl::Status Decisions(const google::protobuf::RepeatedPtrField<v1::PaperDecision>& decisions) {
  if (decisions.empty()) return FieldMissing("decisions");
  if (decisions.size() > limits::kPapersPerConsent) {
    return FieldTooLarge("decisions", limits::kPapersPerConsent);
  }
  std::set<uint32_t> seen;
  for (int i = 0; i < decisions.size(); ++i) {
    const std::string field = absl::StrCat("decisions[", i, "]");
    ABSL_RETURN_IF_ERROR(rules::Range(decisions[i].paper_id(), absl::StrCat(field, ".paper_id"), 1,
                                      limits::kPapersPerConsent));
    if (!seen.insert(decisions[i].paper_id()).second) {
      return FieldsContradict(absl::StrCat(field, ".paper_id"), "the paper is named twice");
    }
    if (decisions[i].decision() != v1::DECISION_AGREED &&
        decisions[i].decision() != v1::DECISION_REFUSED) {
      return FieldMalformed(absl::StrCat(field, ".decision"), "AGREED or REFUSED");
    }
  }
  return absl::OkStatus();
}

absl::Status Checks(const google::protobuf::RepeatedPtrField<v1::ConsentCheck>& checks) {
  if (checks.empty()) return FieldMissing("checks");
  if (checks.size() > limits::kChecksPerRequest) {
    return FieldTooLarge("checks", limits::kChecksPerRequest);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateCheck(const v1::ConsentCheck& check, const std::string& field) {
  switch (check.target_case()) {
    case v1::ConsentCheck::kConsentId:
      return rules::ConsentId(check.consent_id(), absl::StrCat(field, ".consent_id"));
    case v1::ConsentCheck::kPersonAffair: {
      const v1::PersonAffair& target = check.person_affair();
      ABSL_RETURN_IF_ERROR(rules::Person(target.has_person(), target.person(),
                                         absl::StrCat(field, ".person_affair.person")));
      return rules::Code(target.affair(), absl::StrCat(field, ".person_affair.affair"));
    }
    case v1::ConsentCheck::TARGET_NOT_SET:
      break;
  }
  return FieldMissing(absl::StrCat(field, ".target"));
}

absl::Status Validate(const v1::PreviewConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::Session(request.session(), request.has_session()));
  return Terms(request.has_terms(), request.terms());
}

absl::Status Validate(const v1::GrantConsentRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(Terms(request.has_terms(), request.terms()));
  if (!request.terms().has_valid_until()) return FieldMissing("terms.valid_until");
  ABSL_RETURN_IF_ERROR(Decisions(request.decisions()));
  ABSL_RETURN_IF_ERROR(rules::Bytes(request.text_sha256(), "text_sha256", kSha256Bytes));
  return rules::Evidence(request.evidence(), request.has_evidence(), /*code_allowed=*/false);
}

absl::Status Validate(const v1::ListPersonConsentsRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::Session(request.session(), request.has_session()));
  ABSL_RETURN_IF_ERROR(States(request.states()));
  return Page(request.page_size(), request.page_token());
}

absl::Status Validate(const v1::ListAgencyConsentsRequest& request) {
  if (!request.affair().empty()) ABSL_RETURN_IF_ERROR(rules::Code(request.affair(), "affair"));
  ABSL_RETURN_IF_ERROR(States(request.states()));
  ABSL_RETURN_IF_ERROR(Page(request.page_size(), request.page_token()));
  return rules::Case(request.case_());
}

absl::Status Validate(const v1::ListCaseConsentsRequest& request) {
  ABSL_RETURN_IF_ERROR(CaseNumber(request.case_()));
  return Page(request.page_size(), request.page_token());
}

absl::Status Validate(const v1::GetConsentReceiptRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::ConsentId(request.consent_id(), "consent_id"));
  if (request.has_session()) ABSL_RETURN_IF_ERROR(rules::Session(request.session(), true));
  return rules::Case(request.case_());
}

absl::Status Validate(const v1::BatchCheckConsentRequest& request) {
  return Checks(request.checks());
}

absl::Status Validate(const v1::StreamCheckConsentRequest& request) {
  return Checks(request.checks());
}

absl::Status Validate(const v1::WatchCaseRequest& request) { return CaseNumber(request.case_()); }

absl::Status Validate(const v1::WatchAgencyRequest& request) {
  return rules::Case(request.case_());
}

}  // namespace naru
