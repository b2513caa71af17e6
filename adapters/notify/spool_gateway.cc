#include "adapters/notify/spool_gateway.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/notify/message_form.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0600;

absl::Status SystemError(int error, const std::string& path, absl::string_view doing) {
  return absl::ErrnoToStatus(error, absl::StrCat(path, ": cannot ", doing));
}

// What AtomicWriteFile leaves behind when the process is killed: a text that must not rest.
absl::Status RemoveHalfWritten(const std::string& directory) {
  std::error_code error;
  fs::directory_iterator file(directory, error);
  for (; !error && file != fs::directory_iterator(); file.increment(error)) {
    const std::string name = file->path().filename().string();
    if (!absl::StartsWith(name, ".") || !absl::StrContains(name, ".txt.tmp")) continue;
    if (unlink(file->path().c_str()) != 0 && errno != ENOENT) {
      return SystemError(errno, file->path().string(), "remove");
    }
  }
  if (error) return SystemError(error.value(), directory, "list");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SpoolGateway>> SpoolGateway::Open(const std::string& directory) {
  ABSL_RETURN_IF_ERROR(MakeDirectories(directory));
  const int lock = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) return SystemError(errno, directory, "open");
  auto gateway = absl::WrapUnique(new SpoolGateway(directory, lock));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError(errno, directory, "lock");
    return absl::FailedPreconditionError(
        absl::StrCat(directory, ": another naru-notify uses the folder"));
  }
  ABSL_RETURN_IF_ERROR(RemoveHalfWritten(directory));
  return gateway;
}

SpoolGateway::~SpoolGateway() { close(lock_); }

absl::Status SpoolGateway::HandOver(const v1::Message& message) {
  return AtomicWriteFile(absl::StrCat(directory_, "/", MessageFileName(message)), message.text(),
                         kFileMode);
}

}  // namespace naru
