#include "broker/proof/honest_answer.h"

#include <glog/logging.h>
#include <google/protobuf/util/json_util.h>

#include "broker/proof/binding.h"
#include "broker/proof/crypto.h"

namespace naru {

using holder::v1::DocumentHeader;

DocumentHeader HonestAnswer(const ExpectedHeader& request, absl::string_view body, absl::Time now) {
  DocumentHeader header = HonestAnswerWithoutDocument(request, holder::v1::ANSWER_STATUS_FOUND);
  for (const std::string& field : request.approved_fields) header.add_fields(field);
  header.set_document_number(kHonestNumber);
  header.mutable_issue_time()->set_seconds(absl::ToUnixSeconds(now));
  header.set_media_type("application/json");
  DigestBody(body, header);
  return header;
}

std::string HonestBody(holder::v1::DocumentBody head, uint64_t bytes) {
  const std::string letters = crypto::Sha256(head.SerializeAsString());
  constexpr char kFilling[] = "filling";
  holder::v1::DocumentField* const field = head.add_fields();
  field->set_name(kFilling);
  field->set_value(kFilling);
  std::string body;
  CHECK(google::protobuf::util::MessageToJsonString(head, &body).ok());
  std::string filling;
  while (body.size() + filling.size() < bytes) {
    filling.push_back(
        static_cast<char>('a' + static_cast<uint8_t>(letters[filling.size() % 32]) % 26));
  }
  return body.insert(body.rfind(kFilling), filling);
}

DocumentHeader HonestAnswerWithoutDocument(const ExpectedHeader& request,
                                           holder::v1::AnswerStatus status) {
  DocumentHeader header;
  header.set_context(std::string(kDocumentHeaderContext));
  header.set_nonce(request.nonce);
  header.set_release_id(request.release_id);
  header.set_holder(request.holder);
  header.set_requester(request.requester);
  header.set_document_kind(request.document_kind);
  for (const v1::Parameter& parameter : request.parameters) *header.add_parameters() = parameter;
  header.set_status(status);
  if (status == holder::v1::ANSWER_STATUS_DEFERRED) {
    header.mutable_deferral()->set_reason(holder::v1::DEFERRAL_REASON_MANUAL_REVIEW);
    header.mutable_deferral()->set_owner("담당 부서");
  }
  header.set_subject_binding(
      SubjectBinding(request.nonce, request.subject.type(), request.subject.number()));
  header.set_person_binding(
      SubjectBinding(request.nonce, request.person.type(), request.person.number()));
  return header;
}

}  // namespace naru
