#ifndef NARU_ADAPTERS_HOLDER_JSON_DOCUMENT_H_
#define NARU_ADAPTERS_HOLDER_JSON_DOCUMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/record.h"
#include "naru/holder/v1/document_body.pb.h"
#include "naru/v1/common.pb.h"

// The bytes of a document, and what they say. Thread-safe.
namespace naru {

inline constexpr absl::string_view kJsonMediaType = "application/json";

// A document of `record`, whose subject and fields it writes into `head` (title, number, time,
// holder, parameters), in protobuf's JSON mapping. The same input gives the same bytes. INTERNAL
// when the finished bytes, read again, do not say what the record does: text that is not UTF-8, for
// one.
absl::StatusOr<std::string> RenderJsonDocument(holder::v1::DocumentBody head, const Record& record);

// What finished bytes say, whom they name as their subject too (P3). INTERNAL when they cannot be
// read.
absl::StatusOr<holder::v1::DocumentBody> ReadJsonDocument(absl::string_view body);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_JSON_DOCUMENT_H_
