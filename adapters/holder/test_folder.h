#ifndef NARU_ADAPTERS_HOLDER_TEST_FOLDER_H_
#define NARU_ADAPTERS_HOLDER_TEST_FOLDER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// A folder of ready-made files with a manifest, for tests. Ends the process when something fails.
class TestFolder {
 public:
  // In a new directory at `path`.
  explicit TestFolder(const std::string& path);

  // Writes a file into the folder.
  void Write(const std::string& name, absl::string_view content);
  // The manifest's entry of a file as it is now: kind TAX_PAPER, of business i of test_register.h.
  config::v1::FolderFile Entry(const std::string& name, int i) const;
  // Puts the manifest in place of the one before, with the right count.
  void Replace(config::v1::FolderManifest manifest);
  void ReplaceText(absl::string_view manifest);

  // A register of it that serves TAX_PAPER (a business) and INCOME_PAPER (a person, parameter
  // tax_years).
  config::v1::FolderRegister Config() const;
  std::string directory() const { return path_ + "/files"; }
  std::string manifest_file() const { return path_ + "/manifest.textproto"; }

 private:
  const std::string path_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_TEST_FOLDER_H_
