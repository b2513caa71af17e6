#ifndef NARU_ADAPTERS_HOLDER_JSON_PATH_H_
#define NARU_ADAPTERS_HOLDER_JSON_PATH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

// Values of a JSON object by their path: names with dots between them. Thread-safe.
namespace naru {

// Names that are not empty, at most 200 bytes together.
bool IsJsonPath(absl::string_view path);

// What stands there; nullptr when nothing does. The object itself has no path.
const google::protobuf::Value* AtJsonPath(const google::protobuf::Struct& object,
                                          absl::string_view path);

// A single value as text: a number as it is written in full, nothing for null. INVALID_ARGUMENT for
// an object, an array and a number that JSON's readers do not agree on (an integer beyond 2^53).
absl::StatusOr<std::string> JsonText(const google::protobuf::Value& value);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_JSON_PATH_H_
