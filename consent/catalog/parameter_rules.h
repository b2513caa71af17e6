#ifndef NARU_CONSENT_CATALOG_PARAMETER_RULES_H_
#define NARU_CONSENT_CATALOG_PARAMETER_RULES_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "naru/config/v1/catalogue.pb.h"

// What a kind's parameters and their values may be. Pure.
namespace naru {

// Makes the error for what is wrong at a path such as "kinds[3].holder".
// TextProtoLocations::ErrorAt is one.
using CatalogueErrorAt =
    std::function<absl::Status(absl::string_view path, absl::string_view what)>;

// Whether the rule at `path` is well formed.
absl::Status CheckParameterRule(const config::v1::ParameterRule& rule, const std::string& path,
                                const CatalogueErrorAt& error_at);

// Whether the values at `path` are ones that the rule allows, and not too many. None is fine.
absl::Status CheckParameterValues(const config::v1::ParameterRule& rule,
                                  const google::protobuf::RepeatedPtrField<std::string>& values,
                                  const std::string& path, const CatalogueErrorAt& error_at);

// What is wrong with one value; empty when nothing is.
std::string WrongParameterValue(const config::v1::ParameterRule& rule, absl::string_view value);

// Most values of the parameter.
int MaxParameterValues(const config::v1::ParameterRule& rule);

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_PARAMETER_RULES_H_
