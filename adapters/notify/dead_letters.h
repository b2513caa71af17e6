#ifndef NARU_ADAPTERS_NOTIFY_DEAD_LETTERS_H_
#define NARU_ADAPTERS_NOTIFY_DEAD_LETTERS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "naru/v1/message_service.pb.h"

namespace naru {

// Where messages go that nobody can deliver, so that somebody sees them: one file each, mode 0600,
// that says what is wrong. The text of a notice stands below it, cut; that of a code never does,
// because a code must not rest. Not thread-safe.
class DeadLetters {
 public:
  // Nothing is made before the first dead letter.
  explicit DeadLetters(std::string directory) : directory_(std::move(directory)) {}

  // OK: the letter is on the disk. Errors of the file system name the path.
  absl::Status Keep(const v1::Message& message, const absl::Status& why);

 private:
  const std::string directory_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_DEAD_LETTERS_H_
