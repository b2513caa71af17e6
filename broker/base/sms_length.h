#ifndef NARU_BROKER_BASE_SMS_LENGTH_H_
#define NARU_BROKER_BASE_SMS_LENGTH_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What a text message may be: a Korean phone takes limits::kSmsBytes bytes of EUC-KR as one
// message, and an official message has no internet address in it, because fraud does.
namespace naru {

// The bytes of a UTF-8 text in EUC-KR. INVALID_ARGUMENT, naming the byte where but not the text,
// when the text is not UTF-8 or has a character that EUC-KR has not.
absl::StatusOr<size_t> SmsLength(absl::string_view utf8);

// Whether a phone or a reader could take something in the text for an internet or mail address or
// the start of one. Rather says yes: "http" anywhere, "www.", an IPv4 address, or letters on both
// sides of a dot as in a domain, also in full-width characters.
bool ContainsInternetAddress(absl::string_view utf8);

}  // namespace naru

#endif  // NARU_BROKER_BASE_SMS_LENGTH_H_
