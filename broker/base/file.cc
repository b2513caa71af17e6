#include "broker/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

constexpr size_t kReadStep = 64 * 1024;

// Of the last system call.
absl::Status SystemError(absl::string_view path, absl::string_view doing) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot ", doing));
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string NameOf(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

absl::Status WriteAll(int fd, absl::string_view data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t wrote = write(fd, data.data(), data.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return SystemError(path, "write");
    }
    data.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

absl::Status WriteAndSync(int fd, absl::string_view data, mode_t mode, const std::string& path) {
  ABSL_RETURN_IF_ERROR(WriteAll(fd, data, path));
  if (fchmod(fd, mode) != 0) return SystemError(path, "set the mode of");
  if (fdatasync(fd) != 0) return SystemError(path, "sync");
  return absl::OkStatus();
}

absl::Status MakeDirectory(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) return SyncDirectory(DirectoryOf(path));
  const int error = errno;
  struct stat found;
  if (stat(path.c_str(), &found) == 0) {
    // Any error of mkdir counts as "there already": a directory above may be read-only.
    if (S_ISDIR(found.st_mode)) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(path, ": is not a directory"));
  }
  errno = error;
  return SystemError(path, "make the directory");
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError(path, "open");
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  std::string data;
  size_t filled = 0;
  while (true) {
    // One byte more than allowed tells a file that is too large from one that just fits.
    data.resize(filled + std::min(kReadStep, max_bytes + 1 - filled));
    const ssize_t got = read(fd, &data[filled], data.size() - filled);
    if (got < 0) {
      if (errno == EINTR) continue;
      return SystemError(path, "read");
    }
    filled += static_cast<size_t>(got);
    if (filled > max_bytes) {
      return absl::OutOfRangeError(absl::StrCat(path, ": is larger than ", max_bytes, " bytes"));
    }
    if (got == 0) break;
  }
  data.resize(filled);
  return data;
}

absl::Status AtomicWriteFile(const std::string& path, absl::string_view data, mode_t mode) {
  const std::string directory = DirectoryOf(path);
  std::string temporary = absl::StrCat(directory, "/.", NameOf(path), ".tmpXXXXXX");
  const int fd = mkostemp(&temporary[0], O_CLOEXEC);
  if (fd < 0) return SystemError(path, "make a temporary file for");
  absl::Status status = WriteAndSync(fd, data, mode, path);
  if (close(fd) != 0 && status.ok()) status = SystemError(path, "close");
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = SystemError(path, "replace");
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncDirectory(directory);
}

absl::Status MakeDirectories(const std::string& path, mode_t mode) {
  if (path.empty()) return absl::InvalidArgumentError("the path of a directory is empty");
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    ABSL_RETURN_IF_ERROR(MakeDirectory(path.substr(0, slash), mode));
  }
  return absl::EndsWith(path, "/") ? absl::OkStatus() : MakeDirectory(path, mode);
}

absl::Status SyncDirectory(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(path, "open");
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  if (fsync(fd) != 0) return SystemError(path, "sync");
  return absl::OkStatus();
}

}  // namespace naru
