#include "adapters/holder/holder_config.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/holder/field_list.h"
#include "adapters/holder/other_registers.h"
#include "adapters/holder/pdf/pdf_document.h"
#include "adapters/holder/sql_register.h"
#include "adapters/holder/sql_text.h"
#include "broker/base/identity.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/checkpoint.h"

namespace naru {
namespace {

using config::v1::HolderConfig;
using config::v1::SqlDocument;
using config::v1::SqlField;
using config::v1::SqlList;

constexpr uint32_t kListRowsMax = 100000;
constexpr uint32_t kDocumentsMax = 1024;

// Is in every query's reach without being declared.
bool IsBuiltIn(absl::string_view name) { return name == "subject" || name == "person"; }

bool IsLoopback(absl::string_view address) {
  return absl::StartsWith(address, "127.") || absl::StartsWith(address, "localhost:") ||
         absl::StartsWith(address, "[::1]:");
}

// Checks one kind; `at` is where it stands.
class DocumentCheck {
 public:
  DocumentCheck(const HolderConfigFile& file, std::string at, const SqlDocument& document)
      : file_(file), at_(std::move(at)), document_(document) {}

  absl::Status Run() {
    ABSL_RETURN_IF_ERROR(Head());
    ABSL_RETURN_IF_ERROR(Parameters());
    ABSL_RETURN_IF_ERROR(Query(document_.query(), document_.for_each_parameter(), at_));
    for (int i = 0; i < document_.fields_size(); ++i) {
      const std::string at = absl::StrCat(at_, ".", At("fields", i));
      const SqlField& field = document_.fields(i);
      ABSL_RETURN_IF_ERROR(Field(field, at, &fields_));
      if (field.each() && document_.for_each_parameter().empty()) {
        return file_.ErrorAt(at + ".each", "has no meaning without for_each_parameter");
      }
    }
    for (int i = 0; i < document_.lists_size(); ++i) {
      ABSL_RETURN_IF_ERROR(List(document_.lists(i), absl::StrCat(at_, ".", At("lists", i))));
    }
    if (fields_.empty()) return file_.ErrorAt(at_, "has neither fields nor lists");
    if (document_.has_pdf() && document_.format() != config::v1::BODY_FORMAT_PDF) {
      return Error("pdf", "has no meaning without format BODY_FORMAT_PDF");
    }
    if (hides_back_) used_.insert(std::string(kHideDigits));
    for (int i = 0; i < document_.parameters_size(); ++i) {
      if (used_.count(document_.parameters(i)) == 0) {
        return file_.ErrorAt(absl::StrCat(at_, ".", At("parameters", i)),
                             "no query uses it, so documents would not obey it");
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Error(absl::string_view field, absl::string_view what) const {
    return file_.ErrorAt(absl::StrCat(at_, ".", field), what);
  }

  absl::Status Head() const {
    if (document_.title().empty()) return Error("title", "is missing");
    if (document_.subject_type() == v1::SUBJECT_TYPE_UNSPECIFIED) {
      return Error("subject_type", "is missing");
    }
    if (!IsSqlName(document_.subject_column())) {
      return Error("subject_column", "is not the name of a column");
    }
    if (!IsSqlName(document_.person_column())) {
      return Error("person_column", "is not the name of a column");
    }
    const bool about_person = document_.subject_type() == v1::SUBJECT_TYPE_PERSON ||
                              document_.subject_type() == v1::SUBJECT_TYPE_HOUSEHOLD;
    if (about_person && document_.person_column() != document_.subject_column()) {
      return Error("person_column", "is the subject_column for kinds about a person");
    }
    return absl::OkStatus();
  }

  absl::Status Parameters() {
    for (int i = 0; i < document_.parameters_size(); ++i) {
      const std::string& name = document_.parameters(i);
      const std::string at = At("parameters", i);
      if (!IsSqlName(name) || IsBuiltIn(name) || name == "value") {
        return Error(at, "is not a name that a parameter can have");
      }
      if (!parameters_.insert(name).second) return Error(at, "stands twice");
    }
    ABSL_RETURN_IF_ERROR(ForEach(document_.for_each_parameter(), at_));
    for (int i = 0; i < document_.lists_size(); ++i) {
      ABSL_RETURN_IF_ERROR(
          ForEach(document_.lists(i).for_each_parameter(), absl::StrCat(at_, ".", At("lists", i))));
    }
    return absl::OkStatus();
  }

  absl::Status ForEach(const std::string& parameter, const std::string& at) {
    if (parameter.empty()) return absl::OkStatus();
    if (parameters_.count(parameter) == 0) {
      return file_.ErrorAt(at + ".for_each_parameter", "is none of `parameters`");
    }
    for_each_.insert(parameter);
    return absl::OkStatus();
  }

  absl::Status Query(const std::string& query, const std::string& for_each,
                     const std::string& parent) {
    const std::string at = parent + ".query";
    const std::set<std::string> names = NamedParameters(query);
    if (names.count("subject") == 0) {
      return file_.ErrorAt(at, "does not name :subject, so it would find anybody");
    }
    if ((names.count("value") != 0) != !for_each.empty()) {
      return file_.ErrorAt(at, for_each.empty() ? "names :value without for_each_parameter"
                                                : "does not name :value");
    }
    for (const std::string& name : names) {
      if (IsBuiltIn(name) || name == "value") continue;
      if (parameters_.count(name) == 0) {
        return file_.ErrorAt(at, absl::StrCat(":", name, " is none of `parameters`"));
      }
      if (for_each_.count(name) != 0) {
        return file_.ErrorAt(at, absl::StrCat(":", name, " can have several values; use ",
                                              "for_each_parameter and :value"));
      }
      used_.insert(name);
    }
    if (!for_each.empty()) used_.insert(for_each);
    return absl::OkStatus();
  }

  absl::Status Field(const SqlField& field, const std::string& at, std::set<std::string>* names) {
    if (!IsSqlName(field.column())) {
      return file_.ErrorAt(at + ".column", "is not the name of a column");
    }
    if (field.label().empty()) return file_.ErrorAt(at + ".label", "is missing");
    hides_back_ = hides_back_ || field.mask() == config::v1::MASK_RESIDENT_NUMBER_BACK;
    return Name(field.field(), at, names);
  }

  absl::Status Name(const std::string& name, const std::string& at,
                    std::set<std::string>* names) const {
    if (!IsSqlName(name)) return file_.ErrorAt(at + ".field", "is not the name of a field");
    if (!names->insert(name).second) return file_.ErrorAt(at + ".field", "stands twice");
    return absl::OkStatus();
  }

  absl::Status List(const SqlList& list, const std::string& at) {
    ABSL_RETURN_IF_ERROR(Name(list.field(), at, &fields_));
    if (list.label().empty()) return file_.ErrorAt(at + ".label", "is missing");
    if (!IsSqlName(list.subject_column())) {
      return file_.ErrorAt(at + ".subject_column", "is not the name of a column");
    }
    if (list.max_rows() > kListRowsMax) {
      return file_.ErrorAt(at + ".max_rows", absl::StrCat("is more than ", kListRowsMax));
    }
    ABSL_RETURN_IF_ERROR(Query(list.query(), list.for_each_parameter(), at));
    if (list.fields_size() == 0) return file_.ErrorAt(at, "has no fields");
    std::set<std::string> columns;
    for (int i = 0; i < list.fields_size(); ++i) {
      const std::string field_at = absl::StrCat(at, ".", At("fields", i));
      ABSL_RETURN_IF_ERROR(Field(list.fields(i), field_at, &columns));
      if (list.fields(i).each()) return file_.ErrorAt(field_at + ".each", "is not for lists");
    }
    for (int i = 0; i < list.order_by_size(); ++i) {
      if (!IsSqlName(list.order_by(i))) {
        return file_.ErrorAt(absl::StrCat(at, ".", At("order_by", i)),
                             "is not the name of a column");
      }
    }
    return absl::OkStatus();
  }

  const HolderConfigFile& file_;
  const std::string at_;
  const SqlDocument& document_;
  std::set<std::string> parameters_;
  std::set<std::string> for_each_;
  std::set<std::string> used_;
  bool hides_back_ = false;
  std::set<std::string> fields_;
};

absl::Status CheckProgram(const HolderConfigFile& file) {
  const HolderConfig& config = file.message();
  if (!absl::StrContains(config.listen_address(), ':')) {
    return file.ErrorAt("listen_address", "is not \"host:port\"");
  }
  if (!config.ops_address().empty() && !IsLoopback(config.ops_address())) {
    return file.ErrorAt("ops_address", "is not a loopback address");
  }
  const std::pair<const char*, const std::string*> required[] = {
      {"tls.certificate_file", &config.tls().certificate_file()},
      {"tls.key_file", &config.tls().key_file()},
      {"tls.ca_file", &config.tls().ca_file()},
      {"agency_name", &config.agency_name()},
      {"signing_key.key_id", &config.signing_key().key_id()},
      {"signing_key.file", &config.signing_key().file()},
      {"checkpoint_file", &config.checkpoint_file()},
  };
  for (const auto& [field, value] : required) {
    if (value->empty()) return file.ErrorAt(field, "is missing");
  }
  if (!IsAgencyCode(config.agency())) return file.ErrorAt("agency", "is not an agency code");
  if (!ParseIdentity(config.broker_identity()).ok()) {
    return file.ErrorAt("broker_identity", "is not of the form urn:naru:<agency>:<service>");
  }
  if (config.max_documents() > kDocumentsMax) {
    return file.ErrorAt("max_documents", absl::StrCat("is more than ", kDocumentsMax));
  }
  const auto verifier = CheckpointVerifier::Create(
      {config.ledger_verifier_keys().begin(), config.ledger_verifier_keys().end()});
  if (!verifier.ok()) return file.ErrorAt("ledger_verifier_keys", verifier.status().message());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HolderConfigFile> LoadHolderConfig(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(HolderConfigFile file, HolderConfigFile::Load(path));
  ABSL_RETURN_IF_ERROR(CheckHolderConfig(file));
  return file;
}

absl::Status CheckHolderConfig(const HolderConfigFile& file) {
  ABSL_RETURN_IF_ERROR(CheckProgram(file));
  const HolderConfig& config = file.message();
  if (config.registers().empty() && config.folders().empty() && config.http_registers().empty()) {
    return file.ErrorAt("registers", "is missing, and so are folders and http_registers");
  }
  std::set<std::string> names;
  std::set<std::string> kinds;
  for (int i = 0; i < config.registers_size(); ++i) {
    const config::v1::SqlRegister& entry = config.registers(i);
    const std::string at = At("registers", i);
    if (entry.name().empty()) return file.ErrorAt(at + ".name", "is missing");
    if (!names.insert(entry.name()).second) return file.ErrorAt(at + ".name", "stands twice");
    if (entry.connections() > limits::kHolderConnectionsMax) {
      return file.ErrorAt(at + ".connections",
                          absl::StrCat("is more than ", limits::kHolderConnectionsMax));
    }
    if (entry.documents().empty()) return file.ErrorAt(at + ".documents", "is missing");
    for (int j = 0; j < entry.documents_size(); ++j) {
      const std::string document_at = absl::StrCat(at, ".", At("documents", j));
      const std::string& kind = entry.documents(j).kind();
      if (!IsKindCode(kind)) return file.ErrorAt(document_at + ".kind", "is not a kind code");
      if (!kinds.insert(kind).second) return file.ErrorAt(document_at + ".kind", "stands twice");
      ABSL_RETURN_IF_ERROR(DocumentCheck(file, document_at, entry.documents(j)).Run());
      ABSL_RETURN_IF_ERROR(CheckNumberKind(file, document_at, entry.documents(j).number_kind()));
    }
  }
  return CheckOtherRegisters(file, &names, &kinds);
}

namespace {

// Where the column stands that the database objects to.
std::string PlaceOf(const std::string& at, const std::string& column,
                    const google::protobuf::RepeatedPtrField<SqlField>& fields) {
  for (int i = 0; i < fields.size(); ++i) {
    if (fields[i].column() == column) return absl::StrCat(at, ".", At("fields", i), ".column");
  }
  return at;
}

absl::Status TryDocument(const HolderConfigFile& file, const std::string& at,
                         const SqlDocument& document, SqlRegister& source) {
  std::vector<std::string> columns = {document.subject_column(), document.person_column()};
  for (const SqlField& field : document.fields()) columns.push_back(field.column());
  if (const auto objection = source.Try(document.query(), columns, {})) {
    std::string place = at + ".query";
    if (objection->column == document.subject_column()) {
      place = at + ".subject_column";
    } else if (objection->column == document.person_column()) {
      place = at + ".person_column";
    } else if (!objection->column.empty()) {
      place = PlaceOf(at, objection->column, document.fields());
    }
    return file.ErrorAt(place, objection->what);
  }
  for (int i = 0; i < document.lists_size(); ++i) {
    const SqlList& list = document.lists(i);
    const std::string list_at = absl::StrCat(at, ".", At("lists", i));
    columns = {list.subject_column()};
    for (const SqlField& field : list.fields()) columns.push_back(field.column());
    const auto objection =
        source.Try(list.query(), columns, {list.order_by().begin(), list.order_by().end()});
    if (!objection.has_value()) continue;
    std::string place = list_at + ".query";
    if (objection->column == list.subject_column()) {
      place = list_at + ".subject_column";
    } else if (!objection->column.empty()) {
      place = PlaceOf(list_at, objection->column, list.fields());
      const auto ordered =
          std::find(list.order_by().begin(), list.order_by().end(), objection->column);
      if (place == list_at && ordered != list.order_by().end()) {
        place = absl::StrCat(list_at, ".",
                             At("order_by", static_cast<int>(ordered - list.order_by().begin())));
      }
    }
    return file.ErrorAt(place, objection->what);
  }
  return absl::OkStatus();
}

}  // namespace

namespace {

// That documents of the form can be printed on this machine.
template <typename Document>
absl::Status TryPrinting(const HolderConfigFile& file, const std::string& at,
                         const Document& document) {
  if (document.format() != config::v1::BODY_FORMAT_PDF) return absl::OkStatus();
  const absl::Status can = CheckPdfTemplate(document.pdf());
  if (can.ok()) return can;
  return file.ErrorAt(at + (document.pdf().seal_file().empty() ? ".format" : ".pdf.seal_file"),
                      can.message());
}

}  // namespace

absl::StatusOr<std::vector<std::unique_ptr<Register>>> OpenRegisters(const HolderConfigFile& file) {
  std::vector<std::unique_ptr<Register>> registers;
  for (int i = 0; i < file.message().registers_size(); ++i) {
    const config::v1::SqlRegister& entry = file.message().registers(i);
    const std::string at = At("registers", i);
    absl::StatusOr<std::unique_ptr<SqlRegister>> opened = SqlRegister::Open(entry);
    if (!opened.ok()) return file.ErrorAt(at + ".connection", opened.status().message());
    for (int j = 0; j < entry.documents_size(); ++j) {
      const std::string document_at = absl::StrCat(at, ".", At("documents", j));
      ABSL_RETURN_IF_ERROR(TryPrinting(file, document_at, entry.documents(j)));
      ABSL_RETURN_IF_ERROR(TryDocument(file, document_at, entry.documents(j), **opened));
    }
    registers.push_back(*std::move(opened));
  }
  for (int i = 0; i < file.message().http_registers_size(); ++i) {
    const config::v1::HttpRegister& entry = file.message().http_registers(i);
    for (int j = 0; j < entry.documents_size(); ++j) {
      ABSL_RETURN_IF_ERROR(
          TryPrinting(file, absl::StrCat(At("http_registers", i), ".", At("documents", j)),
                      entry.documents(j)));
    }
  }
  ABSL_ASSIGN_OR_RETURN(auto others, OpenOtherRegisters(file));
  for (std::unique_ptr<Register>& other : others) registers.push_back(std::move(other));
  return WithResolver(file, std::move(registers));
}

}  // namespace naru
