#ifndef NARU_ADAPTERS_RESOLVER_REQUEST_FORM_H_
#define NARU_ADAPTERS_RESOLVER_REQUEST_FORM_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "naru/identity/v1/identity_service.pb.h"

// The form of what the resolver is asked: INVALID_ARGUMENT (errors.h) names the field at fault and
// never its value. Pure, thread-safe.
namespace naru {

absl::Status CheckForm(const identity::v1::LookUpPersonRequest& request);
absl::Status CheckForm(const identity::v1::ResolveContactRequest& request);
absl::Status CheckForm(const identity::v1::ResolveNumberRequest& request);

// Whether the text has the form of a CI: 88 characters of base64.
bool IsConnectingInformation(absl::string_view text);

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_REQUEST_FORM_H_
