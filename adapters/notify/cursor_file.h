#ifndef NARU_ADAPTERS_NOTIFY_CURSOR_FILE_H_
#define NARU_ADAPTERS_NOTIFY_CURSOR_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace naru {

// How far the feed was handed over, in a file that survives a crash at any point. Not thread-safe.
class CursorFile {
 public:
  // 0 when there is no file yet. One that holds no number is logged and counts as 0: the beginning
  // is always right, because the broker does not send again what was acknowledged. Errors of the
  // file system name the path.
  static absl::StatusOr<CursorFile> Open(const std::string& path);

  uint64_t cursor() const { return cursor_; }
  // After OK the file says so.
  absl::Status Set(uint64_t cursor);

 private:
  CursorFile(std::string path, uint64_t cursor) : path_(std::move(path)), cursor_(cursor) {}

  std::string path_;
  uint64_t cursor_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_CURSOR_FILE_H_
