#ifndef NARU_ADAPTERS_HOLDER_REGISTER_H_
#define NARU_ADAPTERS_HOLDER_REGISTER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/record.h"
#include "naru/config/v1/config.pb.h"
#include "naru/identity/v1/identity_service.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// How documents of one kind are made, whatever sort of register has their records. Immutable.
struct DocumentForm {
  std::string kind;
  std::string title;  // Empty when documents are ready-made, and so are the next three.
  config::v1::BodyFormat format = config::v1::BODY_FORMAT_JSON;
  config::v1::PdfTemplate pdf;
  // By field, or "list.column"; a field without one is shown.
  std::map<std::string, config::v1::Mask> masks;
  v1::SubjectType subject_type = v1::SUBJECT_TYPE_UNSPECIFIED;
  std::vector<std::string> parameters;
  // By what the register knows persons; UNSPECIFIED for the CI.
  identity::v1::NumberKind number_kind = identity::v1::NUMBER_KIND_UNSPECIFIED;
};

// The form that a document's configuration gives, without masks: what SQL and HTTP documents have
// in common.
template <typename Document>
DocumentForm NewForm(const Document& document) {
  DocumentForm form;
  form.kind = document.kind();
  form.title = document.title();
  if (document.format() != config::v1::BODY_FORMAT_UNSPECIFIED) form.format = document.format();
  form.pdf = document.pdf();
  form.subject_type = document.subject_type();
  form.parameters = {document.parameters().begin(), document.parameters().end()};
  // Has been checked; a name that is none leaves the CI.
  identity::v1::NumberKind_Parse(document.number_kind(), &form.number_kind);
  return form;
}

// True for kinds whose subject is the person, so that one number is both.
bool IsAboutPerson(v1::SubjectType type);

// What is looked for in a register.
struct RecordQuery {
  v1::Subject subject;
  v1::Subject person;
  std::vector<v1::Parameter> parameters;
  std::set<std::string> approved_fields;
  uint64_t max_bytes = 0;  // Of the document.
};

// Whether `asked` are parameters that documents of the form are made with: each of them, once, with
// values. INVALID_ARGUMENT names the field.
absl::Status CheckParameters(const DocumentForm& form, const std::vector<v1::Parameter>& asked);

// An agency's records of some kinds. What every sort must do is in register_conformance.h.
// Thread-safe; calls block, for a bounded time.
class Register {
 public:
  virtual ~Register() = default;

  // How the kind's documents are made, or nullptr when it is not served here. Valid as long as the
  // register.
  virtual const DocumentForm* FindForm(absl::string_view kind) const = 0;

  // The one record of `kind`, which this register serves, or nullopt when there is none. Only what
  // is approved is read, where the register can be asked for less than all.
  // INVALID_ARGUMENT when the parameters are not those of the kind, or (field "max_size_bytes")
  // when the record has more than max_bytes. INTERNAL when the register contradicts its
  // configuration: several records for one, a list longer than allowed, values of a form that
  // cannot be. UNAVAILABLE (DEPENDENCY_UNAVAILABLE) when it cannot be read now, (OVERLOADED) when
  // too many wait for it. DATA_LOSS when what it has is not what it says it has. No error names a
  // person or a value.
  virtual absl::StatusOr<std::optional<Record>> Find(absl::string_view kind,
                                                     const RecordQuery& query) = 0;

  // As many calls as can read at once.
  virtual size_t connections() const = 0;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_REGISTER_H_
