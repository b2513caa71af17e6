#ifndef NARU_ADAPTERS_HOLDER_PDF_ATTACHMENT_H_
#define NARU_ADAPTERS_HOLDER_PDF_ATTACHMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// The machine-readable part of a printed document: a file attached to the PDF (ISO 32000-2, 7.11.4
// and 14.13, relationship Data), which every reader of PDF can show and save. Thread-safe.
namespace naru {

inline constexpr absl::string_view kPdfAttachmentName = "document.json";

// `pdf` with `json` attached, and said to be in Korean. The same input gives the same bytes.
// INTERNAL when `pdf` is none.
absl::StatusOr<std::string> AttachJson(const std::string& pdf, const std::string& json);

// The attachment of a PDF that AttachJson made, read from its bytes with nothing else known.
// INTERNAL when it cannot be read.
absl::StatusOr<std::string> AttachedJson(const std::string& pdf);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_PDF_ATTACHMENT_H_
