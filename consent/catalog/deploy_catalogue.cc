#include "consent/catalog/deploy_catalogue.h"

#include <glog/logging.h>
#include <stdlib.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/base/file.h"

namespace naru {
namespace {

constexpr char kCatalogue[] = "deploy/catalogue.textproto";

// Key ids and the files that the catalogue names for them.
const std::map<std::string, std::string>& KeyFiles() {
  static const auto* const kFiles = new std::map<std::string, std::string>{
      {"1741000-1", "mois/signing_public.pem"},
      {"1210000-1", "nts/signing_public.pem"},
      {"3210000-1", "seocho/signing_public.pem"},
      {"B550928-1", "nhis/signing_public.pem"},
      {"B552468-1", "nps/signing_public.pem"},
      {"B552015-1", "comwel/signing_public.pem"},
      {"9700000-1", "scourt/signing_public.pem"},
      {"receipt-1", "broker/receipt_public.pem"},
      {"idp-dev-1", "idp/public.pem"},
  };
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
  absl::StatusOr<std::string> text = ReadFile(kCatalogue, 1 << 20);
  CHECK(text.ok()) << text.status();
  std::map<std::string, std::string> tokens = addresses;
  for (const char* name :
       {"MOIS", "NTS", "SEOCHO", "NHIS", "NPS", "COMWEL", "SCOURT", "RESOLVER"}) {
    tokens.emplace(absl::StrCat("@", name, "@"), "127.0.0.1:1");
  }
  text_ = absl::StrReplaceAll(*text, tokens);
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
