#ifndef NARU_ADAPTERS_HOLDER_FOLDER_FILES_H_
#define NARU_ADAPTERS_HOLDER_FOLDER_FILES_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/body.h"
#include "adapters/holder/record.h"

namespace naru {

// Whether a text can be the path of a file in a folder: names with "/" between them, none empty,
// "." or "..", without NUL, at most 1,024 bytes.
bool IsFolderPath(absl::string_view path);

// The regular files in and below one directory. Names alone lead there: no symbolic link below the
// directory is followed, whoever made it. Thread-safe.
class FolderFiles {
 public:
  // NOT_FOUND, FAILED_PRECONDITION or PERMISSION_DENIED when it is no directory that can be read.
  static absl::StatusOr<std::unique_ptr<FolderFiles>> Open(const std::string& directory);
  ~FolderFiles();
  FolderFiles(const FolderFiles&) = delete;
  FolderFiles& operator=(const FolderFiles&) = delete;

  // The file as it is now; what replaces it under its name is another. Its size is the one it had
  // when it was opened. NOT_FOUND when there is no regular file under that path.
  absl::StatusOr<std::shared_ptr<const Body>> OpenFile(absl::string_view path) const;

 private:
  explicit FolderFiles(int directory) : directory_(directory) {}
  const int directory_;
};

// Sets size and digests of `body` in `head`; holds one chunk of it at a time. Errors of Body::Read.
absl::Status DigestFile(const Body& body, holder::v1::DocumentHeader& head);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_FOLDER_FILES_H_
