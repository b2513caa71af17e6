#include "broker/base/errors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace naru {
namespace {

absl::Status MakeError(absl::StatusCode code, absl::string_view text, v1::ErrorDetail detail) {
  absl::Status status(code, text);
  status.SetPayload(kErrorDetailUrl, absl::Cord(detail.SerializeAsString()));
  return status;
}

v1::ErrorDetail Detail(v1::ErrorReason reason, absl::string_view next_step) {
  v1::ErrorDetail detail;
  detail.set_reason(reason);
  detail.set_next_step(std::string(next_step));
  return detail;
}

v1::ErrorDetail FieldDetail(v1::ErrorReason reason, absl::string_view field,
                            absl::string_view next_step) {
  v1::ErrorDetail detail = Detail(reason, next_step);
  detail.set_field(std::string(field));
  return detail;
}

// Rounded up, so that a caller who waits that long does not come too early; at most a day, so that
// "never" does not become a number nobody can use.
int64_t RetryMillis(absl::Duration retry_after) {
  const absl::Duration wait =
      std::clamp(retry_after, absl::Milliseconds(1), absl::Duration(absl::Hours(24)));
  return absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)));
}

// What a refusal says beside its reason and facts.
struct RefusalText {
  v1::RefusalReason reason;
  v1::Mender mender;
  const char* explanation;
};

constexpr RefusalText kRefusals[] = {
    {v1::REFUSAL_REASON_NO_CONSENT, v1::MENDER_REQUESTER,
     "There is no consent for this; open one and let the citizen decide."},
    {v1::REFUSAL_REASON_CONSENT_PENDING, v1::MENDER_CITIZEN,
     "The citizen has not decided yet; watch the consent."},
    {v1::REFUSAL_REASON_CONSENT_DENIED, v1::MENDER_CITIZEN,
     "The citizen did not agree; ask for the paper itself."},
    {v1::REFUSAL_REASON_CONSENT_EXPIRED, v1::MENDER_REQUESTER,
     "The consent has ended; open a new one if the case still needs it."},
    {v1::REFUSAL_REASON_CONSENT_WITHDRAWN, v1::MENDER_CITIZEN,
     "The citizen withdrew the consent; nothing is released under it any more."},
    {v1::REFUSAL_REASON_CONSENT_SUSPENDED, v1::MENDER_CITIZEN,
     "The consent is suspended; nothing is released until it is resumed."},
    {v1::REFUSAL_REASON_CONSENT_CANCELLED, v1::MENDER_REQUESTER,
     "The requester cancelled the consent; open a new one if the case still needs it."},
    {v1::REFUSAL_REASON_CONSENT_EXHAUSTED, v1::MENDER_REQUESTER,
     "All uses of the consent are taken; open a new one for another use."},
    {v1::REFUSAL_REASON_CONSENT_NOT_YET_VALID, v1::MENDER_REQUESTER,
     "The consent begins later; repeat the call after its start."},
    {v1::REFUSAL_REASON_STATE_CONFLICT, v1::MENDER_NOBODY,
     "The present state does not allow this move; read the state and act on it."},

    {v1::REFUSAL_REASON_NO_USE_APPROVAL, v1::MENDER_APPROVER,
     "No use approval covers this requester, affair, kind and mode; apply for one."},
    {v1::REFUSAL_REASON_APPROVAL_SUSPENDED, v1::MENDER_APPROVER,
     "The use approval is suspended; ask the approving authority."},
    {v1::REFUSAL_REASON_KIND_NOT_IN_AFFAIR, v1::MENDER_REQUESTER,
     "This document kind cannot be asked for here; ask only for what the affair needs and the "
     "consent names."},
    {v1::REFUSAL_REASON_CATALOGUE_CHANGED, v1::MENDER_REQUESTER,
     "The catalogue changed while the call was judged; repeat the call."},
    {v1::REFUSAL_REASON_CATALOGUE_INVALID, v1::MENDER_APPROVER,
     "The catalogue does not pass its checks; mend the line named and have it signed again."},
    {v1::REFUSAL_REASON_CATALOGUE_SIGNATURES_MISSING, v1::MENDER_APPROVER,
     "It takes valid signatures of two different signers whom the catalogue in force names."},
    {v1::REFUSAL_REASON_CATALOGUE_REMOVES_USED, v1::MENDER_APPROVER,
     "What is in use is closed, never removed; put it back and close it."},
    {v1::REFUSAL_REASON_KIND_NOT_PUBLIC, v1::MENDER_REQUESTER,
     "This document kind is not public; open a consent for it."},

    {v1::REFUSAL_REASON_CODE_WRONG, v1::MENDER_CITIZEN,
     "The code is wrong; let the citizen type it again."},
    {v1::REFUSAL_REASON_CODE_LOCKED, v1::MENDER_REQUESTER,
     "Too many wrong codes; this consent takes none any more, open a new one."},
    {v1::REFUSAL_REASON_CODE_EXPIRED, v1::MENDER_CITIZEN,
     "There is no code that still counts; let the citizen have a new one sent."},
    {v1::REFUSAL_REASON_CODE_RESENDS_EXHAUSTED, v1::MENDER_REQUESTER,
     "The code was sent as often as allowed; open a new consent or use another way of proof."},
    {v1::REFUSAL_REASON_NO_CONTACT, v1::MENDER_CITIZEN,
     "There is no contact that a code may go to; the citizen can use another way of proof."},
    {v1::REFUSAL_REASON_ASSERTION_INVALID, v1::MENDER_CITIZEN,
     "The sign-in does not count; let the citizen sign in again."},
    {v1::REFUSAL_REASON_ASSERTION_OTHER_PERSON, v1::MENDER_CITIZEN,
     "Somebody else signed in; the consent's own person must."},
    {v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION, v1::MENDER_CITIZEN,
     "The sign-in was for something else; let the citizen sign in for this action."},
    {v1::REFUSAL_REASON_ASSERTION_REUSED, v1::MENDER_CITIZEN,
     "The sign-in was used before; let the citizen sign in again."},
    {v1::REFUSAL_REASON_TEXT_MISMATCH, v1::MENDER_CITIZEN,
     "The citizen was shown another text; show the consent's own text and let the citizen decide "
     "again."},
    {v1::REFUSAL_REASON_EVIDENCE_NOT_ENOUGH, v1::MENDER_CITIZEN,
     "This consent needs a stronger proof of who decides; the citizen can use another way."},

    {v1::REFUSAL_REASON_LINK_UNKNOWN, v1::MENDER_CITIZEN,
     "This link is not one of ours; scan the code again."},

    {v1::REFUSAL_REASON_PERSON_MISMATCH, v1::MENDER_REQUESTER,
     "The identifier is not that of the consent's person; check the case."},

    {v1::REFUSAL_REASON_HOLDER_TIMEOUT, v1::MENDER_HOLDER,
     "The holder did not answer in time; repeat the fetch later."},
    {v1::REFUSAL_REASON_HOLDER_UNAVAILABLE, v1::MENDER_HOLDER,
     "The holder cannot be reached; repeat the fetch later."},
    {v1::REFUSAL_REASON_HOLDER_FAULT, v1::MENDER_HOLDER,
     "The holder's answer broke the protocol; the holder must mend its service."},
    {v1::REFUSAL_REASON_SUBJECT_MISMATCH, v1::MENDER_HOLDER,
     "The holder's answer was not about the one asked for; it is quarantined and was not "
     "delivered."},
    {v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID, v1::MENDER_HOLDER,
     "The holder's signature or key does not count; the holder must mend it."},
    {v1::REFUSAL_REASON_DOCUMENT_TOO_LARGE, v1::MENDER_HOLDER,
     "The document is larger than its kind allows."},
    {v1::REFUSAL_REASON_FIELD_NOT_APPROVED, v1::MENDER_HOLDER,
     "The holder sent a field that the use approval does not cover."},
    {v1::REFUSAL_REASON_NOT_ENTITLED, v1::MENDER_REQUESTER,
     "The record does not name the consenting person; check the parameters or whose consent is "
     "needed."},
    {v1::REFUSAL_REASON_HOLDER_DECLINED, v1::MENDER_HOLDER,
     "The holder declined on a ground of law; ask the holding agency."},
    {v1::REFUSAL_REASON_REQUESTER_GONE, v1::MENDER_REQUESTER,
     "The requester went away before the document was whole; fetch again."},
    {v1::REFUSAL_REASON_INTERRUPTED, v1::MENDER_REQUESTER,
     "The broker stopped before the document was whole; fetch again."},
    {v1::REFUSAL_REASON_SECOND_PERSON_NEEDED, v1::MENDER_APPROVER,
     "A second person must make the same call to complete it."},
    {v1::REFUSAL_REASON_BUNDLE_INCOMPLETE, v1::MENDER_REQUESTER,
     "All or nothing was asked and another paper could not be released; see that paper's outcome."},
    {v1::REFUSAL_REASON_DOCUMENT_CHANGED, v1::MENDER_REQUESTER,
     "The holder cannot make the document of this release again; fetch anew."},
    {v1::REFUSAL_REASON_RESUME_EXPIRED, v1::MENDER_REQUESTER,
     "The release is too old to be resumed; fetch anew."},
    {v1::REFUSAL_REASON_HOLDER_DEFERRED, v1::MENDER_HOLDER,
     "The holder will have it later; fetch again at the time it names."},
};

}  // namespace

std::optional<v1::ErrorDetail> GetErrorDetail(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kErrorDetailUrl);
  v1::ErrorDetail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

absl::Status FieldMissing(absl::string_view field) {
  return MakeError(absl::StatusCode::kInvalidArgument, absl::StrCat(field, " is missing"),
                   FieldDetail(v1::ERROR_REASON_FIELD_MISSING, field, "Fill in the field."));
}

absl::Status FieldMalformed(absl::string_view field, absl::string_view must_be) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, absl::StrCat(field, " must be ", must_be),
      FieldDetail(v1::ERROR_REASON_FIELD_MALFORMED, field, absl::StrCat("Send ", must_be, ".")));
}

absl::Status FieldTooLarge(absl::string_view field, int64_t limit) {
  v1::ErrorDetail detail =
      FieldDetail(v1::ERROR_REASON_FIELD_TOO_LARGE, field, "Send less in the field.");
  detail.set_limit(limit);
  return MakeError(absl::StatusCode::kInvalidArgument,
                   absl::StrCat(field, " is larger than its limit of ", limit), std::move(detail));
}

absl::Status FieldsContradict(absl::string_view field, absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, absl::StrCat(field, ": ", why),
                   FieldDetail(v1::ERROR_REASON_FIELDS_CONTRADICT, field,
                               "Send fields that do not exclude each other."));
}

absl::Status RequestIdExpired() {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   "request_id is too old or lies in the future",
                   FieldDetail(v1::ERROR_REASON_REQUEST_ID_EXPIRED, "request_id",
                               "Make a new UUIDv7 for a new call and check the system's clock."));
}

absl::Status RequestIdReused() {
  return MakeError(absl::StatusCode::kAlreadyExists,
                   "request_id was used for a request with other content",
                   FieldDetail(v1::ERROR_REASON_REQUEST_ID_REUSED, "request_id",
                               "Make a new UUIDv7 for each call; repeat one only with the same "
                               "content."));
}

absl::Status CallerUnknown() {
  return MakeError(absl::StatusCode::kUnauthenticated, "the certificate names no known service",
                   Detail(v1::ERROR_REASON_CALLER_UNKNOWN,
                          "Use a certificate with exactly one URI name that the catalogue lists."));
}

absl::Status RoleNotAllowed(absl::string_view needed) {
  return MakeError(absl::StatusCode::kPermissionDenied,
                   absl::StrCat("this call needs the role ", needed),
                   Detail(v1::ERROR_REASON_ROLE_NOT_ALLOWED,
                          "Call with a certificate whose service has the role."));
}

absl::Status NotFound(absl::string_view what) {
  return MakeError(
      absl::StatusCode::kNotFound, absl::StrCat("no such ", what),
      Detail(v1::ERROR_REASON_NOT_FOUND, "Check the id and that it belongs to the caller."));
}

absl::Status QuotaExceeded(absl::string_view whose, absl::Duration retry_after) {
  v1::ErrorDetail detail =
      Detail(v1::ERROR_REASON_QUOTA_EXCEEDED, "Wait, then repeat with the same request_id.");
  detail.set_retry_after_ms(RetryMillis(retry_after));
  return MakeError(absl::StatusCode::kResourceExhausted,
                   absl::StrCat("the quota of the ", whose, " is used up"), std::move(detail));
}

absl::Status Overloaded(absl::string_view queue, absl::Duration retry_after) {
  v1::ErrorDetail detail =
      Detail(v1::ERROR_REASON_OVERLOADED, "Wait, then repeat with the same request_id.");
  detail.set_retry_after_ms(RetryMillis(retry_after));
  return MakeError(absl::StatusCode::kUnavailable, absl::StrCat("overloaded: ", queue),
                   std::move(detail));
}

absl::Status StorageFull(int64_t min_free_bytes) {
  v1::ErrorDetail detail = Detail(v1::ERROR_REASON_STORAGE_FULL,
                                  "Repeat with the same request_id once the operator has made "
                                  "room; reading still works.");
  detail.set_limit(min_free_bytes);
  return MakeError(absl::StatusCode::kUnavailable, "not enough free storage to accept changes",
                   std::move(detail));
}

absl::Status NotReady(absl::string_view why) {
  return MakeError(absl::StatusCode::kUnavailable, absl::StrCat("not ready: ", why),
                   Detail(v1::ERROR_REASON_NOT_READY, "Repeat later with the same request_id."));
}

absl::Status DependencyUnavailable(absl::string_view which) {
  return MakeError(
      absl::StatusCode::kUnavailable, absl::StrCat(which, " did not answer"),
      Detail(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE, "Repeat later with the same request_id."));
}

absl::Status InternalFault(absl::string_view what) {
  return MakeError(absl::StatusCode::kInternal, what,
                   Detail(v1::ERROR_REASON_INTERNAL,
                          "Repeat with the same request_id; it tells whether the call took "
                          "effect."));
}

absl::Status DataDamaged(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, absl::StrCat("stored data is damaged: ", what),
                   Detail(v1::ERROR_REASON_DATA_DAMAGED,
                          "Do not repeat; the operator is alarmed and must restore the data."));
}

v1::Refusal MakeRefusal(v1::RefusalReason reason, std::map<std::string, std::string> facts) {
  const RefusalText* const text =
      std::find_if(std::begin(kRefusals), std::end(kRefusals),
                   [reason](const RefusalText& row) { return row.reason == reason; });
  CHECK(text != std::end(kRefusals)) << "no refusal has reason " << static_cast<int>(reason);
  v1::Refusal refusal;
  refusal.set_reason(reason);
  refusal.set_mender(text->mender);
  refusal.set_explanation(text->explanation);
  for (auto& [key, value] : facts) (*refusal.mutable_facts())[key] = std::move(value);
  return refusal;
}

}  // namespace naru
