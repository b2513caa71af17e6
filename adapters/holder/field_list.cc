#include "adapters/holder/field_list.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/holder/mask.h"
#include "adapters/holder/resident_number.h"
#include "broker/base/errors.h"

namespace naru {
namespace {

using config::v1::Mask;
using holder::v1::DocumentField;

std::string ColumnName(const DocumentField& field, const holder::v1::DocumentColumn& column) {
  return absl::StrCat(field.name(), ".", column.name());
}

bool ShowsBack(const DocumentForm& form, const std::vector<v1::Parameter>& parameters) {
  const auto& known = form.parameters;
  if (std::find(known.begin(), known.end(), kHideDigits) == known.end()) return false;
  return std::any_of(parameters.begin(), parameters.end(), [](const v1::Parameter& parameter) {
    return parameter.name() == kHideDigits && parameter.values_size() == 1 &&
           parameter.values(0) == "false";
  });
}

// The mask of each field and column, as this request has it.
class Masks {
 public:
  Masks(const DocumentForm& form, bool shows_back) : form_(form), shows_back_(shows_back) {}

  std::string Apply(const std::string& name, const std::string& value) const {
    const auto found = form_.masks.find(name);
    if (found == form_.masks.end()) return value;
    const bool is_shown = found->second == config::v1::MASK_RESIDENT_NUMBER_BACK && shows_back_;
    return is_shown ? value : ApplyMask(found->second, value);
  }

 private:
  const DocumentForm& form_;
  const bool shows_back_;
};

DocumentField MaskField(const Masks& masks, DocumentField field) {
  if (!field.value().empty()) field.set_value(masks.Apply(field.name(), field.value()));
  for (holder::v1::DocumentValue& value : *field.mutable_values()) {
    value.set_value(masks.Apply(field.name(), value.value()));
  }
  if (!field.has_table()) return field;
  std::vector<std::string> names;
  for (const auto& column : field.table().columns()) names.push_back(ColumnName(field, column));
  for (holder::v1::DocumentRow& row : *field.mutable_table()->mutable_rows()) {
    for (int i = 0; i < row.cells_size() && i < static_cast<int>(names.size()); ++i) {
      row.set_cells(i, masks.Apply(names[static_cast<size_t>(i)], row.cells(i)));
    }
  }
  return field;
}

absl::Status NotInList(const DocumentForm& form, absl::string_view name) {
  LOG(ERROR) << "kind " << form.kind << ": stopped: " << name << " is not in the field list";
  return InternalFault("a document shows a field that it may not");
}

// Whether a value under this mask may be a resident number, or look like one.
bool MayShowNumber(const DocumentForm& form, const std::string& name) {
  const auto found = form.masks.find(name);
  return found != form.masks.end() && (found->second == config::v1::MASK_NONE ||
                                       found->second == config::v1::MASK_RESIDENT_NUMBER_BACK);
}

}  // namespace

Record MaskRecord(const DocumentForm& form, const std::vector<v1::Parameter>& parameters,
                  const Record& record) {
  const Masks masks(form, ShowsBack(form, parameters));
  std::vector<DocumentField> fields;
  for (const DocumentField& field : record.fields()) fields.push_back(MaskField(masks, field));
  return Record(record.subject(), record.person(), std::move(fields));
}

absl::Status CheckFieldList(const DocumentForm& form, const std::set<std::string>& approved,
                            const holder::v1::DocumentBody& document) {
  for (const DocumentField& field : document.fields()) {
    if (approved.count(field.name()) == 0) return NotInList(form, field.name());
    if (!field.has_table() && form.masks.count(field.name()) == 0) {
      return NotInList(form, field.name());
    }
    for (const auto& column : field.table().columns()) {
      const std::string name = ColumnName(field, column);
      if (form.masks.count(name) == 0) return NotInList(form, name);
    }
    for (const auto& row : field.table().rows()) {
      // What stands behind the last column has no name, and so no approval.
      if (row.cells_size() > field.table().columns_size()) return NotInList(form, field.name());
    }
  }
  return absl::OkStatus();
}

std::string FieldWithStrayNumber(const DocumentForm& form,
                                 const holder::v1::DocumentBody& document) {
  for (const DocumentField& field : document.fields()) {
    if (!MayShowNumber(form, field.name())) {
      if (HasResidentNumber(field.label()) || HasResidentNumber(field.value())) return field.name();
      for (const auto& value : field.values()) {
        if (HasResidentNumber(value.value())) return field.name();
      }
    }
    for (int i = 0; i < field.table().columns_size(); ++i) {
      const std::string name = ColumnName(field, field.table().columns(i));
      if (MayShowNumber(form, name)) continue;
      for (const auto& row : field.table().rows()) {
        if (i < row.cells_size() && HasResidentNumber(row.cells(i))) return name;
      }
    }
  }
  return "";
}

}  // namespace naru
