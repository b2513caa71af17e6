#include "adapters/holder/other_registers.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/holder/folder_files.h"
#include "adapters/holder/folder_register.h"
#include "adapters/holder/http_register.h"
#include "adapters/holder/json_path.h"
#include "adapters/holder/number_resolver.h"
#include "adapters/holder/resolving_register.h"
#include "adapters/holder/sql_text.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/identity.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

using config::v1::FolderDocument;
using config::v1::FolderRegister;
using config::v1::HttpDocument;
using config::v1::HttpField;
using config::v1::HttpList;
using config::v1::HttpRegister;

constexpr uint32_t kListRowsMax = 100'000;
constexpr size_t kPathBytes = 200;

// The checks of one register; `at` is where it stands.
class RegisterCheck {
 public:
  RegisterCheck(const HolderConfigFile& file, std::string at, std::set<std::string>* names,
                std::set<std::string>* kinds)
      : file_(file), at_(std::move(at)), names_(names), kinds_(kinds) {}

  absl::Status Folder(const FolderRegister& folder) {
    ABSL_RETURN_IF_ERROR(Head(folder));
    if (folder.directory().empty()) return Error("directory", "is missing");
    if (folder.manifest_file().empty()) return Error("manifest_file", "is missing");
    if (folder.has_reference_key() && folder.reference_key().file().empty()) {
      return Error("reference_key.file", "is missing");
    }
    for (int i = 0; i < folder.documents_size(); ++i) {
      const FolderDocument& document = folder.documents(i);
      const std::string at = At("documents", i);
      ABSL_RETURN_IF_ERROR(Kind(document, at));
      std::set<std::string> fields;
      if (document.fields().empty()) return Error(at + ".fields", "is missing");
      for (int j = 0; j < document.fields_size(); ++j) {
        ABSL_RETURN_IF_ERROR(
            Name(document.fields(j), absl::StrCat(at, ".", At("fields", j)), &fields));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Http(const HttpRegister& service) {
    ABSL_RETURN_IF_ERROR(Head(service));
    if (!ParseHttpsAddress(service.url()).has_value()) {
      return Error("url", "is not \"https://host:port\"");
    }
    const std::pair<const char*, const std::string*> required[] = {
        {"tls.certificate_file", &service.tls().certificate_file()},
        {"tls.key_file", &service.tls().key_file()},
        {"tls.ca_file", &service.tls().ca_file()},
    };
    for (const auto& [field, value] : required) {
      if (value->empty()) return Error(field, "is missing");
    }
    if (service.connections() > limits::kHolderConnectionsMax) {
      return Error("connections", absl::StrCat("is more than ", limits::kHolderConnectionsMax));
    }
    if (absl::Milliseconds(service.timeout_ms()) > kHttpTimeMax) {
      return Error("timeout_ms",
                   absl::StrCat("is more than ", absl::ToInt64Milliseconds(kHttpTimeMax)));
    }
    for (int i = 0; i < service.documents_size(); ++i) {
      ABSL_RETURN_IF_ERROR(Document(service.documents(i), At("documents", i)));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Error(absl::string_view field, absl::string_view what) const {
    return file_.ErrorAt(absl::StrCat(at_, ".", field), what);
  }

  template <typename Any>
  absl::Status Head(const Any& any) {
    if (any.name().empty()) return Error("name", "is missing");
    if (!names_->insert(any.name()).second) return Error("name", "stands twice");
    if (any.documents().empty()) return Error("documents", "is missing");
    return absl::OkStatus();
  }

  // What documents of all sorts have.
  template <typename Any>
  absl::Status Kind(const Any& document, const std::string& at) {
    if (!IsKindCode(document.kind())) return Error(at + ".kind", "is not a kind code");
    if (!kinds_->insert(document.kind()).second) return Error(at + ".kind", "stands twice");
    if (document.subject_type() == v1::SUBJECT_TYPE_UNSPECIFIED) {
      return Error(at + ".subject_type", "is missing");
    }
    std::set<std::string> parameters;
    for (int i = 0; i < document.parameters_size(); ++i) {
      ABSL_RETURN_IF_ERROR(
          Name(document.parameters(i), absl::StrCat(at, ".", At("parameters", i)), &parameters));
    }
    return CheckNumberKind(file_, absl::StrCat(at_, ".", at), document.number_kind());
  }

  absl::Status Name(const std::string& name, const std::string& at,
                    std::set<std::string>* names) const {
    if (!IsSqlName(name)) return Error(at, "is not a name of letters, digits and underscores");
    if (!names->insert(name).second) return Error(at, "stands twice");
    return absl::OkStatus();
  }

  absl::Status Path(const std::string& path, const std::string& at) const {
    if (!IsJsonPath(path)) return Error(at, "is not names with dots between them");
    return absl::OkStatus();
  }

  absl::Status Field(const HttpField& field, const std::string& at,
                     std::set<std::string>* names) const {
    ABSL_RETURN_IF_ERROR(Path(field.path(), at + ".path"));
    if (field.label().empty()) return Error(at + ".label", "is missing");
    return Name(field.field(), at + ".field", names);
  }

  absl::Status List(const HttpList& list, const std::string& at, std::set<std::string>* names) {
    ABSL_RETURN_IF_ERROR(Name(list.field(), at + ".field", names));
    ABSL_RETURN_IF_ERROR(Path(list.path(), at + ".path"));
    if (list.label().empty()) return Error(at + ".label", "is missing");
    if (list.max_rows() > kListRowsMax) {
      return Error(at + ".max_rows", absl::StrCat("is more than ", kListRowsMax));
    }
    if (!list.subject_path().empty()) {
      ABSL_RETURN_IF_ERROR(Path(list.subject_path(), at + ".subject_path"));
    }
    if (list.fields().empty()) return Error(at + ".fields", "is missing");
    std::set<std::string> columns;
    for (int i = 0; i < list.fields_size(); ++i) {
      ABSL_RETURN_IF_ERROR(Field(list.fields(i), absl::StrCat(at, ".", At("fields", i)), &columns));
    }
    return absl::OkStatus();
  }

  absl::Status Document(const HttpDocument& document, const std::string& at) {
    ABSL_RETURN_IF_ERROR(Kind(document, at));
    if (document.title().empty()) return Error(at + ".title", "is missing");
    const std::string& path = document.path();
    if (!absl::StartsWith(path, "/") || path.size() > kPathBytes ||
        path.find_first_of("?# \r\n") != std::string::npos) {
      return Error(at + ".path", "is not the path of an address");
    }
    if (!document.record().empty()) ABSL_RETURN_IF_ERROR(Path(document.record(), at + ".record"));
    ABSL_RETURN_IF_ERROR(Path(document.subject_path(), at + ".subject_path"));
    ABSL_RETURN_IF_ERROR(Path(document.person_path(), at + ".person_path"));
    if (IsAboutPerson(document.subject_type()) &&
        document.person_path() != document.subject_path()) {
      return Error(at + ".person_path", "is the subject_path for kinds about a person");
    }
    if (document.has_pdf() && document.format() != config::v1::BODY_FORMAT_PDF) {
      return Error(at + ".pdf", "has no meaning without format BODY_FORMAT_PDF");
    }
    std::set<std::string> names;
    for (int i = 0; i < document.fields_size(); ++i) {
      ABSL_RETURN_IF_ERROR(
          Field(document.fields(i), absl::StrCat(at, ".", At("fields", i)), &names));
    }
    for (int i = 0; i < document.lists_size(); ++i) {
      ABSL_RETURN_IF_ERROR(List(document.lists(i), absl::StrCat(at, ".", At("lists", i)), &names));
    }
    if (names.empty()) return Error(at, "has neither fields nor lists");
    return absl::OkStatus();
  }

  const HolderConfigFile& file_;
  const std::string at_;
  std::set<std::string>* const names_;
  std::set<std::string>* const kinds_;
};

bool KnowsNumbers(const config::v1::HolderConfig& config) {
  bool any = false;
  auto look = [&any](const auto& registers) {
    for (const auto& entry : registers) {
      for (const auto& document : entry.documents()) any = any || !document.number_kind().empty();
    }
  };
  look(config.registers());
  look(config.folders());
  look(config.http_registers());
  return any;
}

}  // namespace

absl::Status CheckNumberKind(const HolderConfigFile& file, const std::string& at,
                             const std::string& number_kind) {
  if (number_kind.empty()) return absl::OkStatus();
  identity::v1::NumberKind kind;
  if (!identity::v1::NumberKind_Parse(number_kind, &kind) ||
      kind == identity::v1::NUMBER_KIND_UNSPECIFIED) {
    return file.ErrorAt(at + ".number_kind", "is no naru.identity.v1.NumberKind");
  }
  if (!file.message().has_resolver()) {
    return file.ErrorAt(at + ".number_kind", "needs `resolver`");
  }
  return absl::OkStatus();
}

absl::Status CheckOtherRegisters(const HolderConfigFile& file, std::set<std::string>* names,
                                 std::set<std::string>* kinds) {
  const config::v1::HolderConfig& config = file.message();
  if (config.has_resolver()) {
    if (!absl::StrContains(config.resolver().address(), ':')) {
      return file.ErrorAt("resolver.address", "is not \"host:port\"");
    }
    if (!ParseIdentity(config.resolver().identity()).ok()) {
      return file.ErrorAt("resolver.identity", "is not of the form urn:naru:<agency>:<service>");
    }
  }
  for (int i = 0; i < config.folders_size(); ++i) {
    RegisterCheck check(file, At("folders", i), names, kinds);
    ABSL_RETURN_IF_ERROR(check.Folder(config.folders(i)));
  }
  for (int i = 0; i < config.http_registers_size(); ++i) {
    RegisterCheck check(file, At("http_registers", i), names, kinds);
    ABSL_RETURN_IF_ERROR(check.Http(config.http_registers(i)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::unique_ptr<Register>>> OpenOtherRegisters(
    const HolderConfigFile& file) {
  const config::v1::HolderConfig& config = file.message();
  std::vector<std::unique_ptr<Register>> registers;
  for (int i = 0; i < config.folders_size(); ++i) {
    const std::string at = At("folders", i);
    const config::v1::FolderRegister& folder = config.folders(i);
    // What can be wrong beside the manifest, each by its own line.
    const auto files = FolderFiles::Open(folder.directory());
    if (!files.ok()) return file.ErrorAt(at + ".directory", files.status().message());
    if (folder.has_reference_key()) {
      absl::StatusOr<std::string> key = crypto::ReadHexSecret(folder.reference_key().file());
      if (!key.ok()) return file.ErrorAt(at + ".reference_key.file", key.status().message());
      crypto::Wipe(*key);
    }
    auto opened = naru::FolderRegister::Open(folder);
    // The manifest's own line stands in the text.
    if (!opened.ok()) return file.ErrorAt(at + ".manifest_file", opened.status().message());
    if (const absl::Status there = (*opened)->CheckFiles(); !there.ok()) {
      return file.ErrorAt(at + ".manifest_file", there.message());
    }
    registers.push_back(*std::move(opened));
  }
  for (int i = 0; i < config.http_registers_size(); ++i) {
    const std::string at = At("http_registers", i);
    auto opened = naru::HttpRegister::Open(config.http_registers(i));
    if (!opened.ok()) return file.ErrorAt(at + ".tls", opened.status().message());
    registers.push_back(*std::move(opened));
  }
  return registers;
}

absl::StatusOr<std::vector<std::unique_ptr<Register>>> WithResolver(
    const HolderConfigFile& file, std::vector<std::unique_ptr<Register>> registers) {
  const config::v1::HolderConfig& config = file.message();
  if (!KnowsNumbers(config)) return registers;
  auto channel = ChannelTo(config.resolver().address(), config.tls(), config.resolver().identity());
  if (!channel.ok()) return file.ErrorAt("resolver", channel.status().message());
  const std::shared_ptr<NumberResolver> resolver = NewNumberResolver(*std::move(channel));
  for (std::unique_ptr<Register>& entry : registers) {
    entry = std::make_unique<ResolvingRegister>(std::move(entry), resolver);
  }
  return registers;
}

}  // namespace naru
