#include "adapters/holder/register.h"

#include <algorithm>

#include "broker/base/errors.h"

namespace naru {

bool IsAboutPerson(v1::SubjectType type) {
  return type == v1::SUBJECT_TYPE_PERSON || type == v1::SUBJECT_TYPE_HOUSEHOLD;
}

absl::Status CheckParameters(const DocumentForm& form, const std::vector<v1::Parameter>& asked) {
  std::set<std::string> named;
  for (const v1::Parameter& parameter : asked) {
    const auto& known = form.parameters;
    if (std::find(known.begin(), known.end(), parameter.name()) == known.end()) {
      return FieldMalformed("request.parameters", "parameters of the kind");
    }
    if (parameter.values().empty()) return FieldMissing("request.parameters.values");
    if (!named.insert(parameter.name()).second) {
      return FieldsContradict("request.parameters", "a parameter is named twice");
    }
  }
  if (named.size() != form.parameters.size()) return FieldMissing("request.parameters");
  return absl::OkStatus();
}

}  // namespace naru
