#ifndef NARU_ADAPTERS_HOLDER_FOLDER_MANIFEST_H_
#define NARU_ADAPTERS_HOLDER_FOLDER_MANIFEST_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "naru/config/v1/config.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// A folder's manifest, checked and ready to be searched. Immutable, thread-safe.
class FolderManifest {
 public:
  // The manifest of a register. `reference_key` is empty when there is none. INVALID_ARGUMENT
  // "file:line: field: what is wrong"; the status of ReadFile when it cannot be read.
  static absl::StatusOr<std::unique_ptr<FolderManifest>> Load(
      const config::v1::FolderRegister& folder, const std::string& reference_key);

  // The file of the kind about the subject, made with these parameters in whatever order; nullptr
  // when there is none. Valid as long as the manifest.
  const config::v1::FolderFile* Find(absl::string_view kind, const v1::Subject& subject,
                                     const std::vector<v1::Parameter>& parameters) const;

  // Whether the reference is to this one.
  bool Means(const config::v1::FolderReference& reference, const v1::Subject& subject) const;

  const config::v1::FolderManifest& message() const { return message_; }
  // INVALID_ARGUMENT with the line of files[index].<field>, for what is found wrong later. Reads
  // the manifest again; without the line when it has changed meanwhile.
  absl::Status ErrorAt(int index, absl::string_view field, absl::string_view what) const;

 private:
  FolderManifest(std::string path, std::string reference_key)
      : path_(std::move(path)), reference_key_(std::move(reference_key)) {}

  absl::Status Check(const config::v1::FolderRegister& folder);

  const std::string path_;
  const std::string reference_key_;
  config::v1::FolderManifest message_;
  absl::flat_hash_map<std::string, int> by_key_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_FOLDER_MANIFEST_H_
