#include "adapters/holder/json_document.h"

#include <utility>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"

namespace naru {

using holder::v1::DocumentBody;

absl::StatusOr<DocumentBody> ReadJsonDocument(absl::string_view body) {
  DocumentBody read;
  if (!google::protobuf::util::JsonStringToMessage({body.data(), body.size()}, &read).ok()) {
    return InternalFault("a finished document cannot be read");
  }
  return read;
}

absl::StatusOr<std::string> RenderJsonDocument(DocumentBody head, const Record& record) {
  *head.mutable_subject() = record.subject();
  for (const holder::v1::DocumentField& field : record.fields()) *head.add_fields() = field;
  std::string body;
  if (!google::protobuf::util::MessageToJsonString(head, &body).ok()) {
    return InternalFault("a document cannot be written");
  }
  ABSL_ASSIGN_OR_RETURN(const DocumentBody read, ReadJsonDocument(body));
  if (!google::protobuf::util::MessageDifferencer::Equals(read, head)) {
    return InternalFault("a finished document does not say what its record does");
  }
  return body;
}

}  // namespace naru
