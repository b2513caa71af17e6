#ifndef NARU_BROKER_BASE_FILE_H_
#define NARU_BROKER_BASE_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Small files: configuration, keys, checkpoints, marks. Errors name the path and the system's
// reason, with the code that belongs to it (NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED for a
// full disk, ...), never any content.
namespace naru {

// The whole file. OUT_OF_RANGE when it has more than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

// Replaces the file. After OK the new content is on the disk under that name; whatever happens
// (an error, a crash, power loss), a reader finds the old content or the new, never a part. A crash
// may leave a file beside it whose name begins with a dot and ends with ".tmp" and six characters.
absl::Status AtomicWriteFile(const std::string& path, absl::string_view data, mode_t mode = 0600);

// Makes the directory and those above it, durably. OK when it is there already;
// FAILED_PRECONDITION when something else has the name.
absl::Status MakeDirectories(const std::string& path, mode_t mode = 0700);

// Makes names in the directory durable that were made, renamed or removed in it.
absl::Status SyncDirectory(const std::string& path);

}  // namespace naru

#endif  // NARU_BROKER_BASE_FILE_H_
