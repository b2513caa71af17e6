#include "adapters/holder/test_folder.h"

#include <glog/logging.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "adapters/holder/test_register.h"
#include "broker/base/file.h"
#include "broker/proof/crypto.h"
#include "google/protobuf/text_format.h"

namespace naru {
namespace {

constexpr char kConfig[] = R"(
  name: "폴더"
  documents {
    kind: "TAX_PAPER"
    subject_type: SUBJECT_TYPE_BUSINESS
    fields: "trade_name"
    fields: "capital"
  }
  documents {
    kind: "INCOME_PAPER"
    subject_type: SUBJECT_TYPE_PERSON
    fields: "name"
    parameters: "tax_years"
  }
)";

}  // namespace

TestFolder::TestFolder(const std::string& path) : path_(path) {
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(directory());
  Replace({});
}

void TestFolder::Write(const std::string& name, absl::string_view content) {
  const std::filesystem::path file = directory() + "/" + name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::trunc | std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  CHECK(out.good()) << file;
}

config::v1::FolderFile TestFolder::Entry(const std::string& name, int i) const {
  const auto content = ReadFile(directory() + "/" + name, size_t{1} << 20);
  CHECK(content.ok()) << content.status();
  config::v1::FolderFile file;
  file.set_kind("TAX_PAPER");
  file.mutable_subject()->set_number(TestBusinessNo(i));
  file.add_persons()->set_number(TestPersonCi(i));
  file.set_file(name);
  file.set_sha256(absl::BytesToHexString(crypto::Sha256(*content)));
  file.set_document_number(absl::StrCat("1210000-", i));
  file.mutable_issue_time()->set_seconds(1'700'000'000 + i);
  file.set_media_type("application/pdf");
  return file;
}

void TestFolder::Replace(config::v1::FolderManifest manifest) {
  manifest.set_file_count(static_cast<uint32_t>(manifest.files_size()));
  std::string text;
  CHECK(google::protobuf::TextFormat::PrintToString(manifest, &text));
  ReplaceText(text);
}

void TestFolder::ReplaceText(absl::string_view manifest) {
  CHECK(AtomicWriteFile(manifest_file(), manifest).ok());
}

config::v1::FolderRegister TestFolder::Config() const {
  config::v1::FolderRegister config;
  CHECK(google::protobuf::TextFormat::ParseFromString(kConfig, &config));
  config.set_directory(directory());
  config.set_manifest_file(manifest_file());
  return config;
}

}  // namespace naru
