#include "adapters/holder/json_path.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "absl/strings/str_split.h"

namespace naru {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr size_t kPathBytes = 200;
constexpr double kExact = 9007199254740992;  // 2^53

}  // namespace

bool IsJsonPath(absl::string_view path) {
  const std::vector<absl::string_view> names = absl::StrSplit(path, '.');
  return path.size() <= kPathBytes &&
         std::none_of(names.begin(), names.end(),
                      [](absl::string_view name) { return name.empty(); });
}

const Value* AtJsonPath(const Struct& object, absl::string_view path) {
  const Struct* at = &object;
  const Value* value = nullptr;
  for (absl::string_view name : absl::StrSplit(path, '.')) {
    if (at == nullptr) return nullptr;
    const auto member = at->fields().find(std::string(name));
    if (member == at->fields().end()) return nullptr;
    value = &member->second;
    at = value->has_struct_value() ? &value->struct_value() : nullptr;
  }
  return value;
}

absl::StatusOr<std::string> JsonText(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNullValue:
      return "";
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kNumberValue: {
      const double number = value.number_value();
      if (!(std::abs(number) < kExact)) {
        return absl::InvalidArgumentError("a number that is not exact");
      }
      char text[512];
      const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::fixed);
      if (end.ec != std::errc()) return absl::InvalidArgumentError("a number too long");
      return std::string(text, end.ptr);
    }
    default:
      return absl::InvalidArgumentError("not a single value");
  }
}

}  // namespace naru
