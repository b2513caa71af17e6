#ifndef NARU_ADAPTERS_HOLDER_DOCUMENT_MAKER_H_
#define NARU_ADAPTERS_HOLDER_DOCUMENT_MAKER_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "adapters/holder/pdf/pdf_document.h"
#include "adapters/holder/record.h"
#include "adapters/holder/register.h"
#include "broker/base/clock.h"
#include "naru/holder/v1/document_body.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// A finished document.
struct MadeDocument {
  std::string bytes;
  std::string media_type;
  // Whom the finished bytes name as their subject: found in them, not remembered.
  v1::Subject subject;
  // When not empty, what must not be: this field's value has a resident number in it that the field
  // is not there to show. Nothing of the document may leave.
  std::string stray_number_field;
};

// What a document is made for.
struct DocumentOrder {
  // Title, kind, number, time of issue, holder and parameters; the same order gives the same bytes.
  holder::v1::DocumentBody head;
  IssuedFor issued;
  std::set<std::string> approved_fields;
  uint64_t max_bytes = 0;
};

// Makes the document of `record`, which has fields, in the form's format: hides what the masks
// hide, writes the bytes, reads them again, and judges what was read. Everything behind the masks,
// digests and faults included, knows only what they show. INTERNAL when the finished bytes do not
// say what the record does, or show what they may not; errors of RenderPdfDocument. Thread-safe;
// takes up to kPdfTime.
absl::StatusOr<MadeDocument> MakeDocument(const DocumentForm& form, const DocumentOrder& order,
                                          const Record& record, const Clock& clock);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_DOCUMENT_MAKER_H_
