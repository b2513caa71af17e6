#ifndef NARU_ADAPTERS_NOTIFY_MESSAGE_FORM_H_
#define NARU_ADAPTERS_NOTIFY_MESSAGE_FORM_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "naru/v1/message_service.pb.h"

// What a message must be before it leaves for a phone, whoever made it. Pure, thread-safe.
namespace naru {

// INVALID_ARGUMENT says what is wrong, without the text or the contact: a kind that is none, a
// contact_ref that is not IsContactRef, no time of expiry, an empty text, one longer than an SMS or
// not of EUC-KR, with a control character or with an internet address.
absl::Status CheckMessage(const v1::Message& message);

// Whether the text is 1 to 64 letters, digits, hyphens and underscores: also safe in a file name.
bool IsContactRef(absl::string_view text);

// Whether the message is of no use any more. One without a time never expires.
bool IsExpired(const v1::Message& message, absl::Time now);

// The cursor with leading zeros, so that names sort as the ledger does, then the contact:
// "00000000000000000042-<contact_ref>.txt". A contact_ref that is none is left out.
std::string MessageFileName(const v1::Message& message);

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_MESSAGE_FORM_H_
