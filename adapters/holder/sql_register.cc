#include "adapters/holder/sql_register.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "adapters/holder/sql_text.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

using config::v1::SqlDocument;
using config::v1::SqlField;
using config::v1::SqlList;
using holder::v1::DocumentField;

DocumentForm FormOf(const SqlDocument& document) {
  DocumentForm form = NewForm(document);
  for (const SqlField& field : document.fields()) form.masks[field.field()] = field.mask();
  for (const SqlList& list : document.lists()) {
    for (const SqlField& column : list.fields()) {
      form.masks[absl::StrCat(list.field(), ".", column.field())] = column.mask();
    }
  }
  return form;
}

}  // namespace

// One look into the register: what is known before the database is asked, and the steps.
class SqlRegister::Finder {
 public:
  Finder(const Served& served, absl::string_view text_type, const RecordQuery& query)
      : text_type_(text_type),
        form_(served.form),
        document_(*served.document),
        query_(query),
        bytes_left_(query.max_bytes) {}

  // Sets the values that queries may name.
  absl::Status TakeParameters() {
    values_["subject"] = query_.subject.number();
    values_["person"] = query_.person.number();
    ABSL_RETURN_IF_ERROR(CheckParameters(form_, query_.parameters));
    for (const v1::Parameter& parameter : query_.parameters) {
      if (parameter.values_size() > 1 && !RunsForEach(parameter.name())) {
        return FieldMalformed("request.parameters.values", "one value for this parameter");
      }
      values_[parameter.name()] = parameter.values(0);
      several_[parameter.name()] = parameter.values();
    }
    return absl::OkStatus();
  }

  // Leaves the record in `record`, if there is one.
  absl::Status Find(SqlReader& reader, std::optional<Record>* record) {
    ABSL_RETURN_IF_ERROR(ReadRows(reader));
    if (rows_.empty()) return absl::OkStatus();
    ABSL_RETURN_IF_ERROR(TakeFields());
    for (const SqlList& list : document_.lists()) {
      if (query_.approved_fields.count(list.field()) != 0) {
        ABSL_RETURN_IF_ERROR(ReadList(reader, list));
      }
    }
    record->emplace(std::move(subject_), std::move(person_), std::move(fields_));
    return absl::OkStatus();
  }

 private:
  // A row of the main query, and the parameter's value it is of.
  struct MainRow {
    std::string of;
    SqlRow cells;
  };

  absl::Status Contradiction(absl::string_view what) const {
    LOG(ERROR) << "kind " << document_.kind() << ": " << what;
    return InternalFault("the register contradicts its configuration");
  }

  bool RunsForEach(const std::string& parameter) const {
    if (document_.for_each_parameter() == parameter) return true;
    return std::any_of(
        document_.lists().begin(), document_.lists().end(),
        [&parameter](const SqlList& list) { return list.for_each_parameter() == parameter; });
  }

  // The values a query runs for; one empty text for a query that runs once.
  std::vector<std::string> ValuesOf(const std::string& parameter) const {
    if (parameter.empty()) return {""};
    const auto& values = several_.at(parameter);
    return {values.begin(), values.end()};
  }

  absl::StatusOr<std::vector<SqlRow>> Select(SqlReader& reader, const std::string& query,
                                             const std::vector<std::string>& columns,
                                             const std::vector<std::string>& order_by,
                                             const std::string& value, size_t rows_max) {
    SqlSelect select{SelectColumns(query, columns, order_by, text_type_), columns.size(), {}};
    for (const std::string& name : NamedParameters(query)) {
      select.values[name] = name == "value" ? value : values_.at(name);
    }
    auto rows = reader.Select(select, SqlBounds{rows_max, &bytes_left_});
    if (absl::IsOutOfRange(rows.status())) return Contradiction("more rows than allowed");
    if (absl::IsResourceExhausted(rows.status())) {
      return FieldTooLarge("max_size_bytes", static_cast<int64_t>(query_.max_bytes));
    }
    return rows;
  }

  absl::Status ReadRows(SqlReader& reader) {
    std::vector<std::string> columns = {document_.subject_column(), document_.person_column()};
    for (const SqlField& field : document_.fields()) {
      if (query_.approved_fields.count(field.field()) == 0) continue;
      approved_.push_back(&field);
      columns.push_back(field.column());
    }
    for (const std::string& value : ValuesOf(document_.for_each_parameter())) {
      ABSL_ASSIGN_OR_RETURN(auto found, Select(reader, document_.query(), columns, {}, value, 1));
      if (found.empty()) {
        if (document_.allow_partial()) continue;
        rows_.clear();
        return absl::OkStatus();
      }
      rows_.push_back({value, std::move(found[0])});
    }
    return absl::OkStatus();
  }

  absl::Status TakeFields() {
    subject_.set_type(document_.subject_type());
    subject_.set_number(rows_[0].cells[0]);
    person_.set_type(v1::SUBJECT_TYPE_PERSON);
    person_.set_number(rows_[0].cells[1]);
    if (subject_.number().empty() || person_.number().empty()) {
      return Contradiction("a row names no subject or no person");
    }
    for (const MainRow& row : rows_) {
      if (row.cells[0] != subject_.number() || row.cells[1] != person_.number()) {
        return Contradiction("rows of one record are about several subjects or persons");
      }
    }
    for (size_t i = 0; i < approved_.size(); ++i) {
      const size_t column = i + 2;
      DocumentField field;
      field.set_name(approved_[i]->field());
      field.set_label(approved_[i]->label());
      if (!approved_[i]->each()) field.set_value(rows_[0].cells[column]);
      for (const MainRow& row : rows_) {
        if (approved_[i]->each()) {
          holder::v1::DocumentValue& value = *field.add_values();
          value.set_of(row.of);
          value.set_value(row.cells[column]);
        } else if (row.cells[column] != field.value()) {
          return Contradiction(absl::StrCat("field ", field.name(), " is not the same for each ",
                                            document_.for_each_parameter()));
        }
      }
      fields_.push_back(std::move(field));
    }
    return absl::OkStatus();
  }

  // The values of the list's parameter that the record has a row for.
  std::vector<std::string> ValuesOfList(const SqlList& list) const {
    if (list.for_each_parameter().empty() ||
        list.for_each_parameter() != document_.for_each_parameter()) {
      return ValuesOf(list.for_each_parameter());
    }
    std::vector<std::string> values;
    for (const MainRow& row : rows_) values.push_back(row.of);
    return values;
  }

  absl::Status ReadList(SqlReader& reader, const SqlList& list) {
    DocumentField field;
    field.set_name(list.field());
    field.set_label(list.label());
    std::vector<std::string> columns = {list.subject_column()};
    for (const SqlField& column : list.fields()) {
      columns.push_back(column.column());
      holder::v1::DocumentColumn& printed = *field.mutable_table()->add_columns();
      printed.set_name(column.field());
      printed.set_label(column.label());
    }
    size_t rows_left = list.max_rows() == 0 ? limits::kHolderListRows : list.max_rows();
    const std::vector<std::string> order_by(list.order_by().begin(), list.order_by().end());
    for (const std::string& value : ValuesOfList(list)) {
      ABSL_ASSIGN_OR_RETURN(const auto found,
                            Select(reader, list.query(), columns, order_by, value, rows_left));
      rows_left -= found.size();
      for (const SqlRow& cells : found) {
        if (cells[0] != subject_.number()) {
          return Contradiction(absl::StrCat("list ", list.field(), " is about another subject"));
        }
        holder::v1::DocumentRow& row = *field.mutable_table()->add_rows();
        row.set_of(value);
        for (size_t i = 1; i < cells.size(); ++i) row.add_cells(cells[i]);
      }
    }
    fields_.push_back(std::move(field));
    return absl::OkStatus();
  }

  const absl::string_view text_type_;
  const DocumentForm& form_;
  const SqlDocument& document_;
  const RecordQuery& query_;
  uint64_t bytes_left_;
  std::map<std::string, std::string> values_;
  std::map<std::string, google::protobuf::RepeatedPtrField<std::string>> several_;
  std::vector<const SqlField*> approved_;
  std::vector<MainRow> rows_;
  v1::Subject subject_;
  v1::Subject person_;
  std::vector<DocumentField> fields_;
};

SqlRegister::SqlRegister(const config::v1::SqlRegister& config,
                         std::unique_ptr<SqlConnections> connections)
    : config_(config), connections_(std::move(connections)) {
  for (const SqlDocument& document : config_.documents()) {
    documents_[document.kind()] = {FormOf(document), &document};
  }
}

absl::StatusOr<std::unique_ptr<SqlRegister>> SqlRegister::Open(
    const config::v1::SqlRegister& config, Timer* timer) {
  const size_t connections =
      config.connections() == 0 ? limits::kHolderConnections : config.connections();
  ABSL_ASSIGN_OR_RETURN(
      auto opened, SqlConnections::Open(config.name(), config.connection(), connections, timer));
  return absl::WrapUnique(new SqlRegister(config, std::move(opened)));
}

const DocumentForm* SqlRegister::FindForm(absl::string_view kind) const {
  const auto found = documents_.find(kind);
  return found == documents_.end() ? nullptr : &found->second.form;
}

absl::StatusOr<std::optional<Record>> SqlRegister::Find(absl::string_view kind,
                                                        const RecordQuery& query) {
  const auto served = documents_.find(kind);
  CHECK(served != documents_.end()) << "a kind of another register";
  Finder finder(served->second, connections_->text_type(), query);
  ABSL_RETURN_IF_ERROR(finder.TakeParameters());
  std::optional<Record> record;
  ABSL_RETURN_IF_ERROR(connections_->Read(
      [&finder, &record](SqlReader& reader) { return finder.Find(reader, &record); }));
  return record;
}

std::optional<SqlRegister::Objection> SqlRegister::Try(const std::string& query,
                                                       const std::vector<std::string>& columns,
                                                       const std::vector<std::string>& order_by) {
  auto objection_to = [&](const std::vector<std::string>& some, const auto& order) {
    return connections_->Objection(
        {SelectColumns(query, some, order, connections_->text_type()), some.size(), {}});
  };
  const auto objection = objection_to(columns, order_by);
  if (!objection.has_value()) return std::nullopt;
  // Which of them? The query alone, then each column alone.
  const std::string alone = absl::StrCat("SELECT '1' FROM (", query, "\n) q");
  if (const auto whole = connections_->Objection({alone, 1, {}})) return Objection{"", *whole};
  std::vector<std::string> all = columns;
  all.insert(all.end(), order_by.begin(), order_by.end());
  for (const std::string& column : all) {
    if (const auto one = objection_to({column}, std::vector<std::string>())) {
      return Objection{column, *one};
    }
  }
  return Objection{"", *objection};
}

}  // namespace naru
