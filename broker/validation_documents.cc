// The form of what a requester says of a fetch afterwards.
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/field_rules.h"
#include "broker/validation.h"

namespace naru {
namespace {

namespace rules = field_rules;

absl::Status Arrival(const v1::DocumentArrival& arrival, const std::string& field) {
  ABSL_RETURN_IF_ERROR(rules::Range(arrival.paper_id(), absl::StrCat(field, ".paper_id"), 1,
                                    limits::kPapersPerConsent));
  const std::string reason = absl::StrCat(field, ".reason");
  switch (arrival.arrival()) {
    case v1::ARRIVAL_ARRIVED:
      if (arrival.reason() == v1::REFUSAL_REASON_UNSPECIFIED) return absl::OkStatus();
      return FieldsContradict(reason, "what arrived has no reason");
    case v1::ARRIVAL_MISMATCH:
      break;
    case v1::ARRIVAL_UNSPECIFIED:
      return FieldMissing(absl::StrCat(field, ".arrival"));
    default:
      return FieldMalformed(absl::StrCat(field, ".arrival"), "ARRIVED or MISMATCH");
  }
  switch (arrival.reason()) {
    case v1::REFUSAL_REASON_SUBJECT_MISMATCH:
    case v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID:
    case v1::REFUSAL_REASON_FIELD_NOT_APPROVED:
    case v1::REFUSAL_REASON_HOLDER_FAULT:
      return absl::OkStatus();
    case v1::REFUSAL_REASON_UNSPECIFIED:
      return FieldMissing(reason);
    default:
      return FieldMalformed(reason,
                            "SUBJECT_MISMATCH, HOLDER_SIGNATURE_INVALID, FIELD_NOT_APPROVED or "
                            "HOLDER_FAULT");
  }
}

}  // namespace

absl::Status Validate(const v1::AcknowledgeDocumentsRequest& request) {
  ABSL_RETURN_IF_ERROR(rules::RequestId(request.request_id()));
  ABSL_RETURN_IF_ERROR(rules::FetchId(request.fetch_id(), "fetch_id"));
  if (request.arrivals().empty()) return FieldMissing("arrivals");
  if (request.arrivals_size() > limits::kPapersPerConsent) {
    return FieldTooLarge("arrivals", limits::kPapersPerConsent);
  }
  std::set<uint32_t> seen;
  for (int i = 0; i < request.arrivals_size(); ++i) {
    const std::string field = absl::StrCat("arrivals[", i, "]");
    ABSL_RETURN_IF_ERROR(Arrival(request.arrivals(i), field));
    if (!seen.insert(request.arrivals(i).paper_id()).second) {
      return FieldsContradict(absl::StrCat(field, ".paper_id"), "the paper is named twice");
    }
  }
  return rules::Case(request.case_());
}

}  // namespace naru
