#include "consent/store/ballast.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_macros.h"
#include "consent/store/free_space_guard.h"
#include "glog/logging.h"

namespace naru {
namespace {

std::string PathOf(const std::string& directory) {
  return absl::StrCat(directory, "/", kBallastName);
}

// Bytes that the file really takes; 0 when there is none.
uint64_t SpaceOf(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return 0;
  return static_cast<uint64_t>(info.st_blocks) * 512;
}

absl::Status Remove(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove ", path));
  }
  return absl::OkStatus();
}

// The reserved space itself; an error leaves a shorter file.
absl::Status Allocate(const std::string& path, uint64_t bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  const int error = posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  close(fd);
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot fill ", path));
  return absl::OkStatus();
}

}  // namespace

absl::Status PrepareBallast(const std::string& directory, uint64_t bytes, uint64_t keep_free) {
  const std::string path = PathOf(directory);
  const uint64_t space = SpaceOf(path);
  // File systems round up to blocks.
  if (bytes > 0 && space >= bytes && space - bytes < (1 << 20)) return absl::OkStatus();
  ABSL_RETURN_IF_ERROR(Remove(path));
  if (bytes == 0) return absl::OkStatus();
  ABSL_ASSIGN_OR_RETURN(const uint64_t free, FreeBytes(directory));
  if (free < bytes || free - bytes < keep_free) {
    LOG(WARNING) << "no ballast: " << free << " bytes are free in " << directory << ", "
                 << keep_free << " must stay beside " << bytes << " of ballast";
    return absl::OkStatus();
  }
  const absl::Status status = Allocate(path, bytes);
  if (status.ok()) return status;
  LOG(WARNING) << "no ballast: " << status;
  return Remove(path);
}

absl::Status MakeRoom(const std::string& directory, uint64_t needed) {
  ABSL_ASSIGN_OR_RETURN(uint64_t free, FreeBytes(directory));
  if (free >= needed) return absl::OkStatus();
  LOG(WARNING) << free << " bytes are free in " << directory << ", " << needed
               << " are needed to open the store: giving up the ballast";
  ABSL_RETURN_IF_ERROR(Remove(PathOf(directory)));
  ABSL_ASSIGN_OR_RETURN(free, FreeBytes(directory));
  if (free >= needed) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(free, " bytes are free in ", directory, ", ",
                                                   needed,
                                                   " are needed to open the store; make room"));
}

}  // namespace naru
