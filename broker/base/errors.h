#ifndef NARU_BROKER_BASE_ERRORS_H_
#define NARU_BROKER_BASE_ERRORS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "naru/v1/error_reason.pb.h"

// Every error Naru's services return, in one place, and every refusal. Text may change, reasons may
// not. Each error carries an ErrorDetail payload. Never put a value of a request into a text: it
// may name a person.
namespace naru {

// The payload's type URL.
inline constexpr absl::string_view kErrorDetailUrl = "type.googleapis.com/naru.v1.ErrorDetail";

// The detail of an error made below; nullopt for any other status.
std::optional<v1::ErrorDetail> GetErrorDetail(const absl::Status& status);

// INVALID_ARGUMENT
absl::Status FieldMissing(absl::string_view field);
absl::Status FieldMalformed(absl::string_view field, absl::string_view must_be);
absl::Status FieldTooLarge(absl::string_view field, int64_t limit);
absl::Status FieldsContradict(absl::string_view field, absl::string_view why);
absl::Status RequestIdExpired();
// ALREADY_EXISTS
absl::Status RequestIdReused();
// UNAUTHENTICATED
absl::Status CallerUnknown();
// PERMISSION_DENIED
absl::Status RoleNotAllowed(absl::string_view needed);
// NOT_FOUND: no such thing for this caller, whether it exists or not (P10).
absl::Status NotFound(absl::string_view what);
// RESOURCE_EXHAUSTED
absl::Status QuotaExceeded(absl::string_view whose, absl::Duration retry_after);
// UNAVAILABLE
absl::Status Overloaded(absl::string_view queue, absl::Duration retry_after);
absl::Status StorageFull(int64_t min_free_bytes);
absl::Status NotReady(absl::string_view why);
absl::Status DependencyUnavailable(absl::string_view which);
// INTERNAL; `what` must not come from a request or a record.
absl::Status InternalFault(absl::string_view what);
// DATA_LOSS
absl::Status DataDamaged(absl::string_view what);

// A refusal with its facts. The mender and the explanation follow from the reason (one table).
v1::Refusal MakeRefusal(v1::RefusalReason reason, std::map<std::string, std::string> facts = {});

}  // namespace naru

#endif  // NARU_BROKER_BASE_ERRORS_H_
