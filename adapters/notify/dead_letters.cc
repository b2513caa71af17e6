#include "adapters/notify/dead_letters.h"

#include <glog/logging.h>

#include "absl/strings/str_cat.h"
#include "adapters/notify/message_form.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

constexpr size_t kTextMax = 4096;

std::string Letter(const v1::Message& message, const absl::Status& why) {
  std::string letter =
      absl::StrCat("not delivered: ", why.message(), "\ncursor: ", message.cursor(), "\n");
  if (message.kind() != v1::MESSAGE_KIND_NOTICE) {
    return letter + "text: left out, it may hold a code\n";
  }
  absl::StrAppend(&letter, "text: ", message.text().substr(0, kTextMax), "\n");
  return letter;
}

}  // namespace

absl::Status DeadLetters::Keep(const v1::Message& message, const absl::Status& why) {
  ABSL_RETURN_IF_ERROR(MakeDirectories(directory_));
  ABSL_RETURN_IF_ERROR(AtomicWriteFile(absl::StrCat(directory_, "/", MessageFileName(message)),
                                       Letter(message, why), 0600));
  LOG(ERROR) << "message " << message.cursor() << " cannot be delivered: " << why.message();
  return absl::OkStatus();
}

}  // namespace naru
