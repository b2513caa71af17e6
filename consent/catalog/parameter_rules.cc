#include "consent/catalog/parameter_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "consent/catalog/text_rules.h"

namespace naru {
namespace {

using config::v1::ParameterRule;

bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= limits::kCatalogueCode &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

absl::Status CheckLine(const std::string& text, int max, const std::string& path,
                       const CatalogueErrorAt& error_at) {
  const std::string wrong = WrongLine(text, max);
  return wrong.empty() ? absl::OkStatus() : error_at(path, wrong);
}

absl::Status CheckChoices(const ParameterRule& rule, const std::string& path,
                          const CatalogueErrorAt& error_at) {
  const bool choice = rule.type() == config::v1::PARAMETER_TYPE_CHOICE;
  if (choice == rule.choices().empty()) {
    return error_at(path, choice ? "is missing" : "is for CHOICE alone");
  }
  std::set<std::string> seen;
  for (int i = 0; i < rule.choices_size(); ++i) {
    const std::string one = absl::StrCat(path, "[", i, "]");
    ABSL_RETURN_IF_ERROR(CheckLine(rule.choices(i), limits::kParameterValue, one, error_at));
    if (rule.choices(i).size() > limits::kParameterValue) {
      return error_at(one, absl::StrCat("must have at most ", limits::kParameterValue, " bytes"));
    }
    if (!seen.insert(rule.choices(i)).second) return error_at(one, "is there twice");
  }
  return absl::OkStatus();
}

bool IsYear(absl::string_view value) {
  int year = 0;
  return value.size() == 4 && std::all_of(value.begin(), value.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(value, &year) && year >= 1900 && year <= 2100;
}

// A day that exists, written as ISO 8601 has it.
bool IsDate(absl::string_view value) {
  absl::CivilDay day;
  return value.size() == 10 && absl::ParseCivilTime(value, &day) && day.year() >= 1900 &&
         day.year() <= 2100 && absl::FormatCivilTime(day) == value;
}

}  // namespace

absl::Status CheckParameterRule(const ParameterRule& rule, const std::string& path,
                                const CatalogueErrorAt& error_at) {
  if (!IsName(rule.name())) {
    return error_at(path + ".name", "must have 1 to 40 lower-case letters and underscores");
  }
  ABSL_RETURN_IF_ERROR(
      CheckLine(rule.label_ko(), limits::kCatalogueName, path + ".label_ko", error_at));
  ABSL_RETURN_IF_ERROR(
      CheckLine(rule.label_en(), limits::kCatalogueLine, path + ".label_en", error_at));
  if (rule.type() == config::v1::PARAMETER_TYPE_UNSPECIFIED ||
      !config::v1::ParameterType_IsValid(rule.type())) {
    return error_at(path + ".type", "is missing");
  }
  ABSL_RETURN_IF_ERROR(CheckChoices(rule, path + ".choices", error_at));
  if (rule.max_values() > limits::kValuesPerParameter) {
    return error_at(path + ".max_values",
                    absl::StrCat("must be at most ", limits::kValuesPerParameter));
  }
  return CheckParameterValues(rule, rule.default_values(), path + ".default_values", error_at);
}

absl::Status CheckParameterValues(const ParameterRule& rule,
                                  const google::protobuf::RepeatedPtrField<std::string>& values,
                                  const std::string& path, const CatalogueErrorAt& error_at) {
  if (values.size() > MaxParameterValues(rule)) {
    return error_at(path, "has more values than max_values");
  }
  std::set<std::string> seen;
  for (int i = 0; i < values.size(); ++i) {
    const std::string one = absl::StrCat(path, "[", i, "]");
    const std::string wrong = WrongParameterValue(rule, values.Get(i));
    if (!wrong.empty()) return error_at(one, wrong);
    if (!seen.insert(values.Get(i)).second) return error_at(one, "is there twice");
  }
  return absl::OkStatus();
}

std::string WrongParameterValue(const ParameterRule& rule, absl::string_view value) {
  switch (rule.type()) {
    case config::v1::PARAMETER_TYPE_YEAR:
      return IsYear(value) ? "" : "must be a year, 1900 to 2100";
    case config::v1::PARAMETER_TYPE_CHOICE: {
      const auto& choices = rule.choices();
      const bool known = std::find(choices.begin(), choices.end(), value) != choices.end();
      return known ? "" : "must be one of the kind's choices";
    }
    case config::v1::PARAMETER_TYPE_BOOL:
      return value == "true" || value == "false" ? "" : "must be true or false";
    case config::v1::PARAMETER_TYPE_DATE:
      return IsDate(value) ? "" : "must be a day like 2026-11-01, 1900 to 2100";
    default:
      return "has a type that this version does not know";
  }
}

int MaxParameterValues(const ParameterRule& rule) {
  return rule.max_values() == 0 ? 1 : static_cast<int>(rule.max_values());
}

}  // namespace naru
