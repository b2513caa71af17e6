#include "consent/catalog/catalogue.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/base/textproto.h"
#include "broker/proof/crypto.h"
#include "consent/catalog/catalogue_validator.h"
#include "consent/catalog/parameter_rules.h"
#include "google/protobuf/text_format.h"

namespace naru {
namespace {

using File = TextProtoFile<config::v1::Catalogue>;
using PublicKeys = google::protobuf::RepeatedPtrField<config::v1::PublicKey>;

constexpr absl::string_view kFilePrefix = "file:";
constexpr size_t kPemBytes = 64 * 1024;

// Replaces "file:<name>" by what is in the file.
absl::Status ReadKeys(const File& file, const std::string& directory, const std::string& path,
                      PublicKeys* keys) {
  for (int i = 0; i < keys->size(); ++i) {
    absl::string_view name = keys->Get(i).pem();
    if (!absl::ConsumePrefix(&name, kFilePrefix)) continue;
    const std::string field = absl::StrCat(path, "[", i, "].pem");
    if (name.empty() || absl::StartsWith(name, "/") || absl::StrContains(name, "..")) {
      return file.ErrorAt(field, "must name a file inside the key directory");
    }
    absl::StatusOr<std::string> pem = ReadFile(absl::StrCat(directory, "/", name), kPemBytes);
    if (!pem.ok()) return file.ErrorAt(field, pem.status().message());
    keys->Mutable(i)->set_pem(*std::move(pem));
  }
  return absl::OkStatus();
}

absl::Status ReadAllKeys(const std::string& directory, File* file) {
  config::v1::Catalogue* catalogue = file->mutable_message();
  for (int i = 0; i < catalogue->agencies_size(); ++i) {
    ABSL_RETURN_IF_ERROR(ReadKeys(*file, directory, absl::StrCat("agencies[", i, "].signing_keys"),
                                  catalogue->mutable_agencies(i)->mutable_signing_keys()));
  }
  for (int i = 0; i < catalogue->providers_size(); ++i) {
    ABSL_RETURN_IF_ERROR(ReadKeys(*file, directory, absl::StrCat("providers[", i, "].keys"),
                                  catalogue->mutable_providers(i)->mutable_keys()));
  }
  for (int i = 0; i < catalogue->signers_size(); ++i) {
    ABSL_RETURN_IF_ERROR(ReadKeys(*file, directory, absl::StrCat("signers[", i, "].keys"),
                                  catalogue->mutable_signers(i)->mutable_keys()));
  }
  return ReadKeys(*file, directory, "receipt_keys", catalogue->mutable_receipt_keys());
}

template <typename Map>
auto FindOrNull(const Map& map, absl::string_view code) -> typename Map::mapped_type {
  const auto found = map.find(code);
  return found == map.end() ? nullptr : found->second;
}

// Where the parameter stands; -1 when it is not there.
int IndexOf(const Catalogue::Parameters& parameters, absl::string_view name) {
  for (int i = 0; i < parameters.size(); ++i) {
    if (parameters.Get(i).name() == name) return i;
  }
  return -1;
}

std::vector<std::string> Sorted(const google::protobuf::RepeatedPtrField<std::string>& values) {
  std::vector<std::string> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// The values that were given for a parameter, checked and in order.
absl::StatusOr<std::vector<std::string>> CheckedValues(const config::v1::ParameterRule& rule,
                                                       const v1::Parameter& given,
                                                       const std::string& field) {
  if (given.values().empty()) return FieldMissing(field);
  if (given.values_size() > MaxParameterValues(rule)) {
    return FieldTooLarge(field, MaxParameterValues(rule));
  }
  for (int i = 0; i < given.values_size(); ++i) {
    const std::string wrong = WrongParameterValue(rule, given.values(i));
    if (!wrong.empty()) return FieldMalformed(absl::StrCat(field, "[", i, "]"), wrong);
  }
  std::vector<std::string> values = Sorted(given.values());
  if (std::adjacent_find(values.begin(), values.end()) != values.end()) {
    return FieldsContradict(field, "names the same value twice");
  }
  return values;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Catalogue>> Catalogue::Load(const std::string& path,
                                                                 const std::string& key_directory) {
  ABSL_ASSIGN_OR_RETURN(File file, File::Load(path));
  ABSL_RETURN_IF_ERROR(ReadAllKeys(key_directory, &file));
  ABSL_RETURN_IF_ERROR(ValidateCatalogue(
      file.message(),
      [&](absl::string_view field, absl::string_view what) { return file.ErrorAt(field, what); }));
  std::string bytes = file.message().SerializeAsString();
  if (bytes.size() > limits::kCatalogueBytes) {
    return file.ErrorAt("", absl::StrCat("is larger than ", limits::kCatalogueBytes, " bytes"));
  }
  return std::shared_ptr<const Catalogue>(
      new Catalogue(std::move(bytes), std::move(*file.mutable_message())));
}

absl::StatusOr<std::shared_ptr<const Catalogue>> Catalogue::FromText(std::string name,
                                                                     absl::string_view text) {
  ABSL_ASSIGN_OR_RETURN(File file, File::Parse(std::move(name), text));
  ABSL_RETURN_IF_ERROR(ValidateCatalogue(
      file.message(),
      [&](absl::string_view field, absl::string_view what) { return file.ErrorAt(field, what); }));
  std::string bytes = file.message().SerializeAsString();
  return std::shared_ptr<const Catalogue>(
      new Catalogue(std::move(bytes), std::move(*file.mutable_message())));
}

absl::StatusOr<std::string> Catalogue::Text() const {
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  if (!printer.PrintToString(message_, &text)) return InternalFault("the catalogue has no text");
  return text;
}

absl::StatusOr<std::shared_ptr<const Catalogue>> Catalogue::Parse(std::string bytes) {
  if (bytes.size() > limits::kCatalogueBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("catalogue: is larger than ", limits::kCatalogueBytes, " bytes"));
  }
  config::v1::Catalogue message;
  if (!message.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("catalogue: cannot be read");
  }
  ABSL_RETURN_IF_ERROR(
      ValidateCatalogue(message, [](absl::string_view field, absl::string_view what) {
        return absl::InvalidArgumentError(absl::StrCat("catalogue: ", field, ": ", what));
      }));
  return std::shared_ptr<const Catalogue>(new Catalogue(std::move(bytes), std::move(message)));
}

Catalogue::Catalogue(std::string bytes, config::v1::Catalogue message)
    : bytes_(std::move(bytes)), sha256_(crypto::Sha256(bytes_)), message_(std::move(message)) {
  std::map<std::string, const Party*> holders_by_agency;
  for (const config::v1::Agency& agency : message_.agencies()) {
    agencies_[agency.code()] = &agency;
    for (const config::v1::Service& service : agency.services()) {
      Party party{&agency, &service, {}};
      for (const int role : service.roles())
        party.roles.insert(static_cast<config::v1::Role>(role));
      const Party& kept =
          services_.emplace(PeerIdentity{agency.code(), service.name()}, std::move(party))
              .first->second;
      if (kept.roles.count(config::v1::ROLE_HOLDER) != 0) holders_by_agency[agency.code()] = &kept;
      if (kept.roles.count(config::v1::ROLE_RESOLVER) != 0) resolver_ = &kept;
    }
  }
  for (const config::v1::DocumentKind& kind : message_.kinds()) {
    kinds_[kind.code()] = &kind;
    holders_[kind.code()] = holders_by_agency[kind.holder()];
  }
  for (const auto& [code, kind] : kinds_) sorted_kinds_.push_back(kind);
  for (const config::v1::Affair& affair : message_.affairs()) {
    affairs_[affair.code()] = &affair;
    for (int i = 0; i < affair.kinds_size(); ++i) {
      affair_kinds_[{affair.code(), affair.kinds(i).kind()}] = static_cast<uint32_t>(i);
    }
  }
  for (const config::v1::UseApproval& approval : message_.approvals()) {
    approvals_[approval.id()] = &approval;
    for (const std::string& kind : approval.kinds()) {
      // emplace: with the mode left out the first approval of the file is found.
      uses_.emplace(Use{approval.agency(), approval.affair(), kind, v1::ACCESS_MODE_UNSPECIFIED},
                    &approval);
      for (const int mode : approval.modes()) {
        uses_.emplace(
            Use{approval.agency(), approval.affair(), kind, static_cast<v1::AccessMode>(mode)},
            &approval);
      }
    }
  }
}

const config::v1::Agency* Catalogue::FindAgency(absl::string_view code) const {
  return FindOrNull(agencies_, code);
}

const Catalogue::Party* Catalogue::FindService(const PeerIdentity& identity) const {
  const auto found = services_.find(identity);
  return found == services_.end() ? nullptr : &found->second;
}

const Catalogue::Party* Catalogue::HolderOf(absl::string_view kind) const {
  return FindOrNull(holders_, kind);
}

const config::v1::DocumentKind* Catalogue::FindKind(absl::string_view code) const {
  return FindOrNull(kinds_, code);
}

const config::v1::Affair* Catalogue::FindAffair(absl::string_view code) const {
  return FindOrNull(affairs_, code);
}

const config::v1::AffairKind* Catalogue::FindAffairKind(absl::string_view affair,
                                                        absl::string_view kind) const {
  const std::optional<uint32_t> index = AffairKindIndex(affair, kind);
  if (!index.has_value()) return nullptr;
  return &FindAffair(affair)->kinds(static_cast<int>(*index));
}

std::optional<uint32_t> Catalogue::AffairKindIndex(absl::string_view affair,
                                                   absl::string_view kind) const {
  const auto found = affair_kinds_.find({std::string(affair), std::string(kind)});
  if (found == affair_kinds_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Catalogue::ApprovedFields(absl::string_view kind,
                                                   absl::string_view affair) const {
  const config::v1::AffairKind* affair_kind = FindAffairKind(affair, kind);
  const auto& all = FindKind(kind)->fields();
  if (affair_kind == nullptr) return {};
  const std::set<std::string> wanted(affair_kind->fields().begin(), affair_kind->fields().end());
  std::vector<std::string> fields;
  for (const std::string& field : all) {
    if (wanted.empty() || wanted.count(field) != 0) fields.push_back(field);
  }
  return fields;
}

uint64_t Catalogue::MaxSizeBytes(absl::string_view kind) const {
  const uint64_t size = FindKind(kind)->max_size_bytes();
  return size == 0 ? limits::kDocumentBytesDefault : size;
}

absl::Duration Catalogue::DecideWithin(absl::string_view affair) const {
  return absl::Seconds(FindAffair(affair)->decide_within_seconds());
}

absl::Duration Catalogue::ValidFor(absl::string_view affair) const {
  return absl::Seconds(FindAffair(affair)->valid_for_seconds());
}

absl::StatusOr<std::vector<v1::Parameter>> Catalogue::ExplicitParameters(
    absl::string_view kind, absl::string_view affair, const Parameters& given,
    absl::string_view field) const {
  const auto& rules = FindKind(kind)->parameters();
  const config::v1::AffairKind* affair_kind = FindAffairKind(affair, kind);
  if (affair_kind == nullptr) return InternalFault("the affair does not need the kind");
  const std::string path = absl::StrCat(field, ".parameters");
  if (given.size() > limits::kParametersPerPaper) {
    return FieldTooLarge(path, limits::kParametersPerPaper);
  }
  std::set<std::string> names;
  for (int i = 0; i < given.size(); ++i) {
    const std::string name_field = absl::StrCat(path, "[", i, "].name");
    const bool known = std::any_of(rules.begin(), rules.end(), [&](const auto& rule) {
      return rule.name() == given.Get(i).name();
    });
    if (!known) return FieldMalformed(name_field, "must be a parameter of the kind");
    if (!names.insert(given.Get(i).name()).second) {
      return FieldsContradict(name_field, "the parameter is given twice");
    }
  }

  std::map<std::string, std::vector<std::string>> chosen;
  for (const config::v1::ParameterRule& rule : rules) {
    std::vector<std::string>& values = chosen[rule.name()];
    const int fixed = IndexOf(affair_kind->fixed_parameters(), rule.name());
    values =
        Sorted(fixed < 0 ? rule.default_values() : affair_kind->fixed_parameters(fixed).values());
    const int own = IndexOf(given, rule.name());
    if (own < 0) {
      if (values.empty()) return FieldMissing(path);
      continue;
    }
    const std::string values_field = absl::StrCat(path, "[", own, "].values");
    ABSL_ASSIGN_OR_RETURN(std::vector<std::string> checked,
                          CheckedValues(rule, given.Get(own), values_field));
    if (fixed >= 0 && checked != values) {
      return FieldsContradict(values_field, "the affair fixes other values");
    }
    values = std::move(checked);
  }

  std::vector<v1::Parameter> parameters;
  for (const auto& [name, values] : chosen) {
    v1::Parameter& parameter = parameters.emplace_back();
    parameter.set_name(name);
    for (const std::string& value : values) parameter.add_values(value);
  }
  return parameters;
}

const config::v1::UseApproval* Catalogue::FindApproval(absl::string_view agency,
                                                       absl::string_view affair,
                                                       absl::string_view kind,
                                                       v1::AccessMode mode) const {
  const auto found =
      uses_.find(Use{std::string(agency), std::string(affair), std::string(kind), mode});
  return found == uses_.end() ? nullptr : found->second;
}

const config::v1::UseApproval* Catalogue::ApprovalById(absl::string_view id) const {
  return FindOrNull(approvals_, id);
}

}  // namespace naru
