#ifndef NARU_CONSENT_STORE_DIRECTORY_LOCK_H_
#define NARU_CONSENT_STORE_DIRECTORY_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace naru {

// Keeps a directory to one user at a time, in this process and others (flock on the directory
// itself, so that no lock file is left behind). Held until destroyed; the kernel lets go when the
// process ends, however it ends.
class DirectoryLock {
 public:
  // FAILED_PRECONDITION when somebody else holds it. The directory exists.
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Take(const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_DIRECTORY_LOCK_H_
