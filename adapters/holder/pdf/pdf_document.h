#ifndef NARU_ADAPTERS_HOLDER_PDF_PDF_DOCUMENT_H_
#define NARU_ADAPTERS_HOLDER_PDF_PDF_DOCUMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/base/clock.h"
#include "naru/config/v1/config.pb.h"
#include "naru/holder/v1/document_body.pb.h"

// Documents to read and print. The pages and the machine-readable part, an attached file with the
// very JSON that would have been the body (json_document.h), are made of one DocumentBody.
// Thread-safe; for threads that may work for kPdfTime.
namespace naru {

inline constexpr absl::string_view kPdfMediaType = "application/pdf";

// For whom and what a document is made, printed on it.
struct IssuedFor {
  std::string requester;    // Agency code.
  std::string affair;       // Code.
  std::string legal_basis;  // Law article.
};

// The PDF of `body`, with `json`, which says the same, attached. The same input gives the same
// bytes, whatever the time. FIELD_TOO_LARGE (field "max_size_bytes") when it has more than
// `max_bytes`; INTERNAL when it has more than limits.h allows of text, of pages or of time, when
// some text has no glyph in the fonts, or when the seal cannot be read.
absl::StatusOr<std::string> RenderPdfDocument(const holder::v1::DocumentBody& body,
                                              const std::string& json,
                                              const config::v1::PdfTemplate& form,
                                              const IssuedFor& issued, uint64_t max_bytes,
                                              const Clock& clock);

// The machine-readable part of finished bytes, found in them alone. It shows what a machine that
// receives them will read (P3); that the pages show the same rests on both being made of one
// message, and on the tests, which read the pages with another program. INTERNAL when there is
// none.
absl::StatusOr<std::string> JsonOfPdfDocument(const std::string& bytes);

// Whether documents of this form can be made on this machine: fonts, and the seal if there is one.
// FAILED_PRECONDITION, or what ReadFile says of the seal.
absl::Status CheckPdfTemplate(const config::v1::PdfTemplate& form);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_PDF_PDF_DOCUMENT_H_
