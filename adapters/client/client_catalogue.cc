#include "adapters/client/client_catalogue.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "broker/base/textproto.h"
#include "broker/proof/catalogue_keys.h"

namespace naru::client {
namespace {

constexpr size_t kPemBytes = 16 * 1024;
constexpr absl::string_view kFilePrefix = "file:";

absl::Status ReadIn(const std::string& directory,
                    google::protobuf::RepeatedPtrField<config::v1::PublicKey>* keys) {
  for (config::v1::PublicKey& key : *keys) {
    absl::string_view name = key.pem();
    if (!absl::ConsumePrefix(&name, kFilePrefix)) continue;
    const std::string path =
        absl::StartsWith(name, "/") ? std::string(name) : absl::StrCat(directory, "/", name);
    ABSL_ASSIGN_OR_RETURN(std::string pem, ReadFile(path, kPemBytes));
    key.set_pem(std::move(pem));
  }
  return absl::OkStatus();
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClientCatalogue>> ClientCatalogue::Load(
    const std::string& path, const std::string& key_directory) {
  config::v1::Catalogue message;
  ABSL_RETURN_IF_ERROR(LoadTextProto(path, &message));
  const std::string directory = key_directory.empty() ? DirectoryOf(path) : key_directory;
  for (config::v1::Agency& agency : *message.mutable_agencies()) {
    ABSL_RETURN_IF_ERROR(ReadIn(directory, agency.mutable_signing_keys()));
  }
  for (config::v1::IdentityProvider& provider : *message.mutable_providers()) {
    ABSL_RETURN_IF_ERROR(ReadIn(directory, provider.mutable_keys()));
  }
  for (config::v1::CatalogueSigner& signer : *message.mutable_signers()) {
    ABSL_RETURN_IF_ERROR(ReadIn(directory, signer.mutable_keys()));
  }
  ABSL_RETURN_IF_ERROR(ReadIn(directory, message.mutable_receipt_keys()));
  return Make(std::move(message));
}

absl::StatusOr<std::unique_ptr<ClientCatalogue>> ClientCatalogue::Make(
    config::v1::Catalogue message) {
  // Identity providers are the broker's concern.
  ABSL_ASSIGN_OR_RETURN(CatalogueKeys keys,
                        LoadCatalogueKeys(message, DevelopmentProviders::kRefuse));
  auto catalogue = std::unique_ptr<ClientCatalogue>(new ClientCatalogue);
  catalogue->message_ = std::move(message);
  catalogue->keys_ = std::move(keys.keys);
  for (const config::v1::DocumentKind& kind : catalogue->message_.kinds()) {
    if (!catalogue->kinds_.emplace(kind.code(), &kind).second) {
      return absl::InvalidArgumentError(absl::StrCat("catalogue: kind ", kind.code(), " twice"));
    }
  }
  for (const config::v1::Affair& affair : catalogue->message_.affairs()) {
    if (!catalogue->affairs_.emplace(affair.code(), &affair).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("catalogue: affair ", affair.code(), " twice"));
    }
  }
  return catalogue;
}

const config::v1::DocumentKind* ClientCatalogue::FindKind(absl::string_view code) const {
  const auto found = kinds_.find(code);
  return found == kinds_.end() ? nullptr : found->second;
}

const config::v1::Affair* ClientCatalogue::FindAffair(absl::string_view code) const {
  const auto found = affairs_.find(code);
  return found == affairs_.end() ? nullptr : found->second;
}

const config::v1::AffairKind* ClientCatalogue::FindKindOf(const config::v1::Affair& affair,
                                                          absl::string_view kind) {
  for (const config::v1::AffairKind& one : affair.kinds()) {
    if (one.kind() == kind) return &one;
  }
  return nullptr;
}

}  // namespace naru::client
