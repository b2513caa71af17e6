#include <utility>

#include "broker/base/errors.h"
#include "consent/consent_book.h"

namespace naru {
namespace {

v1::ConsentCheckResult ResultOf(v1::CheckConsentResponse response) {
  v1::ConsentCheckResult result;
  if (response.has_refusal()) {
    *result.mutable_refusal() = std::move(*response.mutable_refusal());
  } else {
    *result.mutable_allowed() = std::move(*response.mutable_allowed());
  }
  return result;
}

}  // namespace

absl::StatusOr<std::vector<v1::ConsentCheckResult>> ConsentBook::CheckMany(
    const Caller& caller, const google::protobuf::RepeatedPtrField<v1::ConsentCheck>& checks) {
  std::vector<v1::ConsentCheckResult> results;
  results.reserve(static_cast<size_t>(checks.size()));
  v1::CheckConsentRequest request;
  for (const v1::ConsentCheck& check : checks) {
    if (check.target_case() == v1::ConsentCheck::kPersonAffair) {
      *request.mutable_person_affair() = check.person_affair();
    } else {
      request.set_consent_id(check.consent_id());
    }
    absl::Status status;
    absl::StatusOr<Checked> checked = FindChecked(caller, request);
    if (!checked.ok()) return std::move(checked).status();
    // A machine's check answers inside the call.
    CheckByMachine(caller, *checked, [&](absl::StatusOr<v1::CheckConsentResponse> response) {
      status = response.status();
      if (response.ok()) results.push_back(ResultOf(*std::move(response)));
    });
    if (!status.ok()) return status;
  }
  return results;
}

}  // namespace naru
