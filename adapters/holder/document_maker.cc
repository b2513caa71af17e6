#include "adapters/holder/document_maker.h"

#include <utility>
#include <vector>

#include "adapters/holder/field_list.h"
#include "adapters/holder/json_document.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

using holder::v1::DocumentBody;

// The finished bytes.
absl::StatusOr<MadeDocument> Write(const DocumentForm& form, const DocumentOrder& order,
                                   const Record& shown, const Clock& clock) {
  MadeDocument made;
  ABSL_ASSIGN_OR_RETURN(made.bytes, RenderJsonDocument(order.head, shown));
  made.media_type = std::string(kJsonMediaType);
  if (form.format != config::v1::BODY_FORMAT_PDF) return made;
  // The pages are drawn from what the attached bytes say.
  ABSL_ASSIGN_OR_RETURN(const DocumentBody body, ReadJsonDocument(made.bytes));
  ABSL_ASSIGN_OR_RETURN(made.bytes, RenderPdfDocument(body, made.bytes, form.pdf, order.issued,
                                                      order.max_bytes, clock));
  made.media_type = std::string(kPdfMediaType);
  return made;
}

absl::StatusOr<DocumentBody> ReadBack(const MadeDocument& made) {
  if (made.media_type != kPdfMediaType) return ReadJsonDocument(made.bytes);
  ABSL_ASSIGN_OR_RETURN(const std::string json, JsonOfPdfDocument(made.bytes));
  return ReadJsonDocument(json);
}

}  // namespace

absl::StatusOr<MadeDocument> MakeDocument(const DocumentForm& form, const DocumentOrder& order,
                                          const Record& record, const Clock& clock) {
  const std::vector<v1::Parameter> parameters(order.head.parameters().begin(),
                                              order.head.parameters().end());
  const Record shown = MaskRecord(form, parameters, record);
  ABSL_ASSIGN_OR_RETURN(MadeDocument made, Write(form, order, shown, clock));
  ABSL_ASSIGN_OR_RETURN(DocumentBody read, ReadBack(made));
  ABSL_RETURN_IF_ERROR(CheckFieldList(form, order.approved_fields, read));
  made.stray_number_field = FieldWithStrayNumber(form, read);
  made.subject = std::move(*read.mutable_subject());
  return made;
}

}  // namespace naru
