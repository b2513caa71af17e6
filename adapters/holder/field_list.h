#ifndef NARU_ADAPTERS_HOLDER_FIELD_LIST_H_
#define NARU_ADAPTERS_HOLDER_FIELD_LIST_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/record.h"
#include "adapters/holder/register.h"
#include "naru/holder/v1/document_body.pb.h"
#include "naru/v1/common.pb.h"

// What a document may show: the fields that its configuration names and its request approves, each
// as far as its mask shows it. In April 2024 a changed form printed the representative's resident
// number on 587 corporate tax papers; here such a form is stopped (P3). Thread-safe.
namespace naru {

// The parameter by which a citizen chooses whether the back of resident numbers is hidden ("true",
// as for all kinds without it) or, where a law wants the number, shown ("false").
inline constexpr absl::string_view kHideDigits = "hide_digits";

// `record` with what the form's masks hide. From here on nothing knows more.
Record MaskRecord(const DocumentForm& form, const std::vector<v1::Parameter>& parameters,
                  const Record& record);

// Whether `document`, read from finished bytes, shows no more than it may: INTERNAL for a field
// that is not approved, or not in the form, or a column that is not in the form.
absl::Status CheckFieldList(const DocumentForm& form, const std::set<std::string>& approved,
                            const holder::v1::DocumentBody& document);

// The first field ("field" or "list.column") with a value that has what looks like a whole resident
// number although its mask is none that can show one; empty when there is none.
std::string FieldWithStrayNumber(const DocumentForm& form,
                                 const holder::v1::DocumentBody& document);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_FIELD_LIST_H_
