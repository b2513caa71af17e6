#include "adapters/holder/resolving_register.h"

#include <glog/logging.h>

#include <string>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"

namespace naru {

absl::StatusOr<std::optional<Record>> ResolvingRegister::Find(absl::string_view kind,
                                                              const RecordQuery& query) {
  const DocumentForm* form = inner_->FindForm(kind);
  CHECK(form != nullptr) << "a kind of another register";
  if (form->number_kind == identity::v1::NUMBER_KIND_UNSPECIFIED) return inner_->Find(kind, query);
  // Before anybody is asked for a number.
  ABSL_RETURN_IF_ERROR(CheckParameters(*form, query.parameters));

  const bool about_person = IsAboutPerson(form->subject_type);
  RecordQuery own = query;
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> number,
                        resolver_->NumberOf(form->number_kind, query.person.number()));
  if (!number.has_value() && about_person) return std::optional<Record>();
  // The owners of a thing are looked at all the same: none of them is this person.
  own.person.set_number(number.value_or(""));
  if (about_person) own.subject.set_number(*number);

  ABSL_ASSIGN_OR_RETURN(std::optional<Record> record, inner_->Find(kind, own));
  // A record may name somebody by a keyed reference alone, which is no number.
  if (!record.has_value() || record->person().number().empty()) return record;
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> ci,
                        resolver_->PersonOf(form->number_kind, record->person().number()));
  if (!ci.has_value()) {
    LOG(ERROR) << "kind " << form->kind << ": the number in the record is nobody's";
    return InternalFault("the number in the record is nobody's");
  }
  v1::Subject person = record->person();
  person.set_number(*ci);
  v1::Subject subject = record->subject();
  if (about_person) {
    // One number is both; two would be two persons in one record.
    if (subject.number() != record->person().number()) {
      return InternalFault("a record about a person names two");
    }
    subject.set_number(*ci);
  }
  return (*std::move(record)).Naming(std::move(subject), std::move(person));
}

}  // namespace naru
