#include "adapters/notify/message_form.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "broker/base/limits.h"
#include "broker/base/sms_length.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

bool IsControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }

absl::Status CheckText(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("the text is empty");
  // C1 control characters are two bytes of UTF-8 and none of EUC-KR.
  if (std::any_of(text.begin(), text.end(), IsControl)) {
    return absl::InvalidArgumentError("the text has a control character");
  }
  const absl::StatusOr<size_t> length = SmsLength(text);
  if (!length.ok()) return absl::InvalidArgumentError("the text is not of EUC-KR");
  if (*length > static_cast<size_t>(limits::kSmsBytes)) {
    return absl::InvalidArgumentError(absl::StrCat("the text has ", *length, " bytes in EUC-KR"));
  }
  if (ContainsInternetAddress(text)) {
    return absl::InvalidArgumentError("the text has an internet address");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckMessage(const v1::Message& message) {
  if (message.kind() != v1::MESSAGE_KIND_CODE && message.kind() != v1::MESSAGE_KIND_NOTICE) {
    return absl::InvalidArgumentError("the kind is unknown");
  }
  if (!IsContactRef(message.contact_ref())) {
    return absl::InvalidArgumentError("the contact_ref has another form");
  }
  if (!message.has_expire_time()) return absl::InvalidArgumentError("there is no expire_time");
  return CheckText(message.text());
}

bool IsContactRef(absl::string_view text) {
  return !text.empty() && text.size() <= static_cast<size_t>(limits::kShortText) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
         });
}

bool IsExpired(const v1::Message& message, absl::Time now) {
  if (!message.has_expire_time()) return false;
  return absl::FromUnixSeconds(message.expire_time().seconds()) +
             absl::Nanoseconds(message.expire_time().nanos()) <=
         now;
}

std::string MessageFileName(const v1::Message& message) {
  std::string name = absl::StrFormat("%020d", message.cursor());
  if (IsContactRef(message.contact_ref())) absl::StrAppend(&name, "-", message.contact_ref());
  return name + ".txt";
}

}  // namespace naru
