#include "consent/catalog/deploy_catalogue.h"

#include <glog/logging.h>
#include <stdlib.h>

#include <filesystem>
#include <regex>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/base/file.h"

namespace naru {
namespace {

constexpr char kCatalogue[] = "deploy/catalogue";

// The text as one file: what a folder's files say one after another.
std::string ReadCatalogue() {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kCatalogue)) {
    files.insert(entry.path().string());
  }
  std::string all;
  for (const std::string& file : files) {
    const absl::StatusOr<std::string> text = ReadFile(file, 1 << 20);
    CHECK(text.ok()) << text.status();
    all += *text;
  }
  return all;
}

// Key ids and the files that the catalogue names for them.
const std::map<std::string, std::string>& KeyFiles() {
  static const auto* const kFiles = [] {
    auto* files = new std::map<std::string, std::string>;
    const std::string text = ReadCatalogue();
    const std::regex key("key_id: \"([^\"]+)\" pem: \"file:([^\"]+)\"");
    for (std::sregex_iterator at(text.begin(), text.end(), key), end; at != end; ++at) {
      files->emplace((*at)[1], (*at)[2]);
    }
    return files;
  }();
  return *kFiles;
}

void CheckOk(const absl::Status& status) { CHECK(status.ok()) << status; }

std::string TestDirectory() {
  const char* base = getenv("TEST_TMPDIR");
  std::string name = absl::StrCat(base == nullptr ? "/tmp" : base, "/catalogue.XXXXXX");
  CHECK(mkdtemp(name.data()) != nullptr) << name;
  return name;
}

}  // namespace

DeployCatalogue::DeployCatalogue(const std::map<std::string, std::string>& addresses)
    : directory_(TestDirectory()), path_(directory_ + "/catalogue.textproto") {
  text_ = absl::StrReplaceAll(ReadCatalogue(), addresses);
  text_ = std::regex_replace(text_, std::regex("\"@[A-Z]+@\""), "\"127.0.0.1:1\"");
  CheckOk(AtomicWriteFile(path_, text_));
  for (const auto& [key_id, file] : KeyFiles()) {
    const std::string path = absl::StrCat(directory_, "/", file);
    CheckOk(MakeDirectories(path.substr(0, path.rfind('/'))));
    CheckOk(AtomicWriteFile(path, Key(key_id).PublicPem()));
  }
}

std::shared_ptr<const Catalogue> DeployCatalogue::Load() const {
  absl::StatusOr<std::shared_ptr<const Catalogue>> loaded = Catalogue::Load(path_, directory_);
  CHECK(loaded.ok()) << loaded.status();
  return *std::move(loaded);
}

const crypto::SigningKey& DeployCatalogue::Key(const std::string& key_id) {
  static const auto* const kKeys = [] {
    auto* keys = new std::map<std::string, std::unique_ptr<crypto::SigningKey>>();
    for (const auto& [id, file] : KeyFiles()) {
      (*keys)[id] = crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, id);
    }
    return keys;
  }();
  return *kKeys->at(key_id);
}

}  // namespace naru
