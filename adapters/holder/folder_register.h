#ifndef NARU_ADAPTERS_HOLDER_FOLDER_REGISTER_H_
#define NARU_ADAPTERS_HOLDER_FOLDER_REGISTER_H_

#include <sys/stat.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "adapters/holder/folder_files.h"
#include "adapters/holder/folder_manifest.h"
#include "adapters/holder/register.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// Ready-made files that a manifest names. The manifest is read again when it changes. A file is
// digested when it is asked for and is not served unless it is the one of the manifest; its
// descriptor is held until it is sent. Thread-safe; calls block on the disk.
class FolderRegister final : public Register {
 public:
  // `config` has been checked (holder_config.h). INVALID_ARGUMENT "file:line: field: what" for the
  // manifest; FAILED_PRECONDITION, NOT_FOUND or PERMISSION_DENIED for directory, manifest and key.
  static absl::StatusOr<std::unique_ptr<FolderRegister>> Open(
      const config::v1::FolderRegister& config);

  const DocumentForm* FindForm(absl::string_view kind) const override;

  // As Register::Find. INVALID_ARGUMENT also when not every field of the files is approved.
  // UNAVAILABLE while the manifest cannot be read or is wrong. DATA_LOSS when a file is not there
  // or not the one of the manifest. A file of a thing whose owners do not include the person is not
  // opened: the record names the first owner and has no document.
  absl::StatusOr<std::optional<Record>> Find(absl::string_view kind,
                                             const RecordQuery& query) override;
  size_t connections() const override;

  // Whether every file of the manifest is there; digests are compared only when a file is served.
  // INVALID_ARGUMENT names the manifest's line.
  absl::Status CheckFiles() const;

 private:
  struct Served {
    DocumentForm form;
    const config::v1::FolderDocument* document;
  };

  FolderRegister(const config::v1::FolderRegister& config, std::unique_ptr<FolderFiles> files,
                 std::string reference_key);

  // The manifest as it is on the disk.
  absl::StatusOr<std::shared_ptr<const FolderManifest>> Manifest() ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<ReadyDocument> Open(const config::v1::FolderFile& file, const Served& served,
                                     uint64_t max_bytes) const;

  const config::v1::FolderRegister config_;
  const std::unique_ptr<FolderFiles> files_;
  const std::string reference_key_;
  std::map<std::string, Served, std::less<>> documents_;

  mutable absl::Mutex mu_;
  struct stat read_ ABSL_GUARDED_BY(mu_) = {};  // Of the manifest that was read last.
  std::shared_ptr<const FolderManifest> manifest_ ABSL_GUARDED_BY(mu_);  // None when it is wrong.
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_FOLDER_REGISTER_H_
