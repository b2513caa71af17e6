#include "adapters/holder/http_register.h"

#include <glog/logging.h>

#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapters/holder/json_path.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace naru {
namespace {

using config::v1::HttpDocument;
using config::v1::HttpField;
using config::v1::HttpList;
using google::protobuf::Struct;
using google::protobuf::Value;
using holder::v1::DocumentField;

DocumentForm FormOf(const HttpDocument& document) {
  DocumentForm form = NewForm(document);
  for (const HttpField& field : document.fields()) form.masks[field.field()] = field.mask();
  for (const HttpList& list : document.lists()) {
    for (const HttpField& column : list.fields()) {
      form.masks[absl::StrCat(list.field(), ".", column.field())] = column.mask();
    }
  }
  return form;
}

void SetSubject(const v1::Subject& subject, Value& value) {
  auto& members = *value.mutable_struct_value()->mutable_fields();
  const std::string& name = v1::SubjectType_Name(subject.type());
  members["type"].set_string_value(std::string(absl::StripPrefix(name, "SUBJECT_TYPE_")));
  members["number"].set_string_value(subject.number());
}

// The question, in the form that config.proto gives.
std::string QuestionFor(const HttpDocument& document, const RecordQuery& query) {
  Struct question;
  auto& members = *question.mutable_fields();
  members["kind"].set_string_value(document.kind());
  SetSubject(query.subject, members["subject"]);
  SetSubject(query.person, members["person"]);
  auto& parameters = *members["parameters"].mutable_struct_value()->mutable_fields();
  for (const v1::Parameter& parameter : query.parameters) {
    auto& values = *parameters[parameter.name()].mutable_list_value();
    for (const std::string& value : parameter.values()) {
      values.add_values()->set_string_value(value);
    }
  }
  auto& fields = *members["fields"].mutable_list_value();
  auto add = [&](const std::string& name) {
    if (query.approved_fields.count(name) != 0) fields.add_values()->set_string_value(name);
  };
  for (const HttpField& field : document.fields()) add(field.field());
  for (const HttpList& list : document.lists()) add(list.field());
  std::string json;
  // Text that is not UTF-8 cannot be written; the question is then one that nobody answers.
  if (!google::protobuf::util::MessageToJsonString(question, &json).ok()) return "";
  return json;
}

}  // namespace

// Reads one answer.
class HttpRegister::Reader {
 public:
  Reader(const HttpDocument& document, const RecordQuery& query)
      : document_(document), query_(query), bytes_left_(query.max_bytes) {}

  absl::StatusOr<std::optional<Record>> Read(const std::string& json) {
    Struct answer;
    // A name that stands twice in an object is an error here: nobody could say which one counts.
    if (!google::protobuf::util::JsonStringToMessage(json, &answer).ok()) {
      return Contradiction("the answer is no JSON object");
    }
    ABSL_ASSIGN_OR_RETURN(const Struct* record, RecordIn(answer));
    if (record == nullptr) return std::optional<Record>();
    v1::Subject subject;
    subject.set_type(document_.subject_type());
    ABSL_RETURN_IF_ERROR(Text(*record, document_.subject_path(), subject.mutable_number()));
    v1::Subject person;
    person.set_type(v1::SUBJECT_TYPE_PERSON);
    ABSL_RETURN_IF_ERROR(Text(*record, document_.person_path(), person.mutable_number()));
    if (subject.number().empty() || person.number().empty()) {
      return Contradiction("a record names no subject or no person");
    }
    std::vector<DocumentField> fields;
    for (const HttpField& wanted : document_.fields()) {
      if (query_.approved_fields.count(wanted.field()) == 0) continue;
      DocumentField& field = fields.emplace_back();
      field.set_name(wanted.field());
      field.set_label(wanted.label());
      ABSL_RETURN_IF_ERROR(Text(*record, wanted.path(), field.mutable_value()));
    }
    for (const HttpList& wanted : document_.lists()) {
      if (query_.approved_fields.count(wanted.field()) == 0) continue;
      ABSL_RETURN_IF_ERROR(List(*record, wanted, subject, &fields.emplace_back()));
    }
    return Record(std::move(subject), std::move(person), std::move(fields));
  }

 private:
  absl::Status Contradiction(absl::string_view what) const {
    LOG(ERROR) << "kind " << document_.kind() << ": " << what;
    return InternalFault("the register contradicts its configuration");
  }

  // nullptr when there is none.
  absl::StatusOr<const Struct*> RecordIn(const Struct& answer) const {
    if (document_.record().empty()) return &answer;
    const Value* value = AtJsonPath(answer, document_.record());
    if (value == nullptr) return Contradiction("the answer has no record where one should be");
    if (value->has_list_value()) {
      const auto& list = value->list_value();
      if (list.values().empty()) return nullptr;
      if (list.values_size() > 1) return Contradiction("several records for one");
      value = &list.values(0);
    }
    if (value->has_null_value()) return nullptr;
    if (!value->has_struct_value()) return Contradiction("a record is no object");
    return &value->struct_value();
  }

  absl::Status Text(const Struct& object, const std::string& path, std::string* text) {
    const Value* value = AtJsonPath(object, path);
    if (value == nullptr) return Contradiction(absl::StrCat("nothing stands at ", path));
    absl::StatusOr<std::string> found = JsonText(*value);
    if (!found.ok()) {
      return Contradiction(absl::StrCat("what stands at ", path, " is ", found.status().message()));
    }
    if (found->size() > bytes_left_) {
      return FieldTooLarge("max_size_bytes", static_cast<int64_t>(query_.max_bytes));
    }
    bytes_left_ -= found->size();
    *text = *std::move(found);
    return absl::OkStatus();
  }

  absl::Status List(const Struct& record, const HttpList& list, const v1::Subject& subject,
                    DocumentField* field) {
    field->set_name(list.field());
    field->set_label(list.label());
    for (const HttpField& column : list.fields()) {
      holder::v1::DocumentColumn& printed = *field->mutable_table()->add_columns();
      printed.set_name(column.field());
      printed.set_label(column.label());
    }
    const Value* value = AtJsonPath(record, list.path());
    if (value == nullptr || !(value->has_list_value() || value->has_null_value())) {
      return Contradiction(absl::StrCat("no list stands at ", list.path()));
    }
    const int most = list.max_rows() == 0 ? static_cast<int>(limits::kHolderListRows)
                                          : static_cast<int>(list.max_rows());
    if (value->list_value().values_size() > most) return Contradiction("more rows than allowed");
    for (const Value& row : value->list_value().values()) {
      if (!row.has_struct_value()) return Contradiction("a row is no object");
      if (!list.subject_path().empty()) {
        std::string about;
        ABSL_RETURN_IF_ERROR(Text(row.struct_value(), list.subject_path(), &about));
        if (about != subject.number()) {
          return Contradiction(absl::StrCat("list ", list.field(), " is about another subject"));
        }
      }
      holder::v1::DocumentRow& cells = *field->mutable_table()->add_rows();
      for (const HttpField& column : list.fields()) {
        ABSL_RETURN_IF_ERROR(Text(row.struct_value(), column.path(), cells.add_cells()));
      }
    }
    return absl::OkStatus();
  }

  const HttpDocument& document_;
  const RecordQuery& query_;
  uint64_t bytes_left_;
};

HttpRegister::HttpRegister(const config::v1::HttpRegister& config,
                           std::unique_ptr<HttpService> service)
    : config_(config), service_(std::move(service)) {
  for (const HttpDocument& document : config_.documents()) {
    documents_[document.kind()] = {FormOf(document), &document};
  }
}

absl::StatusOr<std::unique_ptr<HttpRegister>> HttpRegister::Open(
    const config::v1::HttpRegister& config, Timer* timer) {
  ABSL_ASSIGN_OR_RETURN(auto service, HttpService::Open(config, timer));
  return absl::WrapUnique(new HttpRegister(config, std::move(service)));
}

const DocumentForm* HttpRegister::FindForm(absl::string_view kind) const {
  const auto found = documents_.find(kind);
  return found == documents_.end() ? nullptr : &found->second.form;
}

absl::StatusOr<std::optional<Record>> HttpRegister::Find(absl::string_view kind,
                                                         const RecordQuery& query) {
  const auto found = documents_.find(kind);
  CHECK(found != documents_.end()) << "a kind of another register";
  const Served& served = found->second;
  ABSL_RETURN_IF_ERROR(CheckParameters(served.form, query.parameters));
  ABSL_ASSIGN_OR_RETURN(
      const std::optional<std::string> answer,
      service_->Post(served.document->path(), QuestionFor(*served.document, query)));
  if (!answer.has_value()) return std::optional<Record>();
  return Reader(*served.document, query).Read(*answer);
}

}  // namespace naru
