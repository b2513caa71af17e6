#include "adapters/holder/answer.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapters/holder/document_maker.h"
#include "broker/base/errors.h"
#include "broker/base/identity.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/binding.h"
#include "broker/proof/document_header.h"

namespace naru {
namespace {

using holder::v1::DocumentHeader;
using holder::v1::DocumentRequest;

constexpr size_t kFieldsMax = 256;
constexpr size_t kNumberBytes = 8;  // Of a document number: not to be guessed.
constexpr size_t kLineBytes = static_cast<size_t>(limits::kCatalogueLine) * 4;  // In UTF-8.

bool Same(const v1::Subject& a, const v1::Subject& b) {
  return a.type() == b.type() && a.number() == b.number();
}

absl::Status CheckSubject(const v1::Subject& subject, absl::string_view field) {
  if (subject.number().empty()) return FieldMissing(field);
  if (subject.number().size() > static_cast<size_t>(limits::kSubjectNumber)) {
    return FieldTooLarge(field, limits::kSubjectNumber);
  }
  return absl::OkStatus();
}

RecordQuery QueryFor(const DocumentRequest& request) {
  RecordQuery query;
  query.subject = request.subject();
  query.person = request.person();
  query.parameters = {request.parameters().begin(), request.parameters().end()};
  query.approved_fields = {request.approved_fields().begin(), request.approved_fields().end()};
  query.max_bytes = std::min(
      request.max_size_bytes() == 0 ? limits::kDocumentBytesDefault : request.max_size_bytes(),
      limits::kDocumentBytesMax);
  return query;
}

}  // namespace

absl::Status CheckDocumentRequest(const DocumentRequest& request) {
  if (!ReleaseId::Parse(request.release_id()).ok()) {
    return FieldMalformed("request.release_id", "a release id in text form");
  }
  if (request.nonce().size() != limits::kNonceBytes) {
    return FieldMalformed("request.nonce", "32 bytes");
  }
  if (!IsAgencyCode(request.requester())) {
    return FieldMalformed("request.requester", "an agency code");
  }
  if (request.document_kind().empty()) return FieldMissing("request.document_kind");
  if (request.affair().size() > static_cast<size_t>(limits::kCatalogueCode)) {
    return FieldTooLarge("request.affair", limits::kCatalogueCode);
  }
  if (request.legal_basis().size() > kLineBytes) {
    return FieldTooLarge("request.legal_basis", limits::kCatalogueLine);
  }
  ABSL_RETURN_IF_ERROR(CheckSubject(request.subject(), "request.subject.number"));
  ABSL_RETURN_IF_ERROR(CheckSubject(request.person(), "request.person.number"));
  if (request.person().type() != v1::SUBJECT_TYPE_PERSON) {
    return FieldMalformed("request.person.type", "PERSON");
  }
  if (request.parameters_size() > limits::kParametersPerPaper) {
    return FieldTooLarge("request.parameters", limits::kParametersPerPaper);
  }
  for (const v1::Parameter& parameter : request.parameters()) {
    if (parameter.values_size() > limits::kValuesPerParameter) {
      return FieldTooLarge("request.parameters.values", limits::kValuesPerParameter);
    }
  }
  // Nothing approved is nothing to send.
  if (request.approved_fields().empty()) return FieldMissing("request.approved_fields");
  if (static_cast<size_t>(request.approved_fields_size()) > kFieldsMax) {
    return FieldTooLarge("request.approved_fields", kFieldsMax);
  }
  return absl::OkStatus();
}

AnswerMaker::AnswerMaker(Agency agency, std::vector<std::unique_ptr<Register>> registers,
                         std::unique_ptr<crypto::SigningKey> key, Clock* clock, Random* random,
                         HolderMetrics* metrics)
    : agency_(std::move(agency)),
      registers_(std::move(registers)),
      key_(std::move(key)),
      clock_(clock),
      random_(random),
      metrics_(metrics) {}

size_t AnswerMaker::connections() const {
  size_t count = 0;
  for (const auto& source : registers_) count += source->connections();
  return count;
}

absl::StatusOr<Answer> AnswerMaker::Make(const DocumentRequest& request) const {
  ABSL_RETURN_IF_ERROR(CheckDocumentRequest(request));
  for (const std::unique_ptr<Register>& source : registers_) {
    const DocumentForm* form = source->FindForm(request.document_kind());
    if (form == nullptr) continue;
    if (request.subject().type() != form->subject_type) {
      return FieldMalformed("request.subject.type", "the subject type of the kind");
    }
    ABSL_ASSIGN_OR_RETURN(const std::optional<Record> record,
                          source->Find(request.document_kind(), QueryFor(request)));
    if (!record.has_value()) {
      return Sign(HeaderFor(request, holder::v1::ANSWER_STATUS_NO_RECORD, request.subject(),
                            request.person()));
    }
    // Who may not know of the thing learns nothing of it, not even a digest. A record of another
    // subject is no question of right but a fault, which must not be hidden behind this answer.
    if (!IsAboutPerson(form->subject_type) && Same(record->subject(), request.subject()) &&
        !Same(record->person(), request.person())) {
      DocumentHeader header = HeaderFor(request, holder::v1::ANSWER_STATUS_DECLINED,
                                        request.subject(), request.person());
      header.set_decline_code(holder::v1::DECLINE_CODE_NOT_ENTITLED);
      return Sign(std::move(header));
    }
    return MakeFound(request, *form, *record);
  }
  return NotFound("document kind");
}

absl::StatusOr<Answer> AnswerMaker::MakeFound(const DocumentRequest& request,
                                              const DocumentForm& form,
                                              const Record& record) const {
  ReadyDocument document;
  if (record.ready().has_value()) {
    document = *record.ready();
  } else {
    ABSL_ASSIGN_OR_RETURN(document, Render(request, form, record));
  }
  if (document.body->size() > QueryFor(request).max_bytes) {
    return FieldTooLarge("max_size_bytes", static_cast<int64_t>(QueryFor(request).max_bytes));
  }
  DocumentHeader header =
      HeaderFor(request, holder::v1::ANSWER_STATUS_FOUND, record.subject(), record.person());
  header.MergeFrom(document.head);
  Answer answer = Sign(std::move(header));
  answer.body = std::move(document.body);
  if (!Same(record.subject(), request.subject()) || !Same(record.person(), request.person())) {
    LOG(ERROR) << "kind " << form.kind
               << ": the register gave a record of another subject than was asked for";
    answer.mismatch = true;
    answer.body.reset();
  }
  return answer;
}

absl::StatusOr<ReadyDocument> AnswerMaker::Render(const DocumentRequest& request,
                                                  const DocumentForm& form,
                                                  const Record& record) const {
  if (record.fields().empty()) {
    return FieldMalformed("request.approved_fields", "fields that this holder's document has");
  }
  const absl::Time now = clock_->Now();
  DocumentOrder order;
  order.issued = {request.requester(), request.affair(), request.legal_basis()};
  order.approved_fields = {request.approved_fields().begin(), request.approved_fields().end()};
  order.max_bytes = QueryFor(request).max_bytes;
  holder::v1::DocumentBody& head = order.head;
  head.set_title(form.title);
  head.set_document_kind(form.kind);
  head.set_document_number(NewDocumentNumber(now));
  head.mutable_issue_time()->set_seconds(absl::ToUnixSeconds(now));
  head.set_holder(agency_.code);
  head.set_holder_name(agency_.name);
  *head.mutable_parameters() = request.parameters();

  ABSL_ASSIGN_OR_RETURN(MadeDocument made, MakeDocument(form, order, record, *clock_));
  if (!made.stray_number_field.empty()) {
    LOG(ERROR) << "kind " << form.kind << ": stopped: field " << made.stray_number_field
               << " shows a resident number, which its configuration does not say it may";
    metrics_->StrayNumberStopped(form.kind);
    return InternalFault("a document shows a number that it may not");
  }
  // What is signed is what the finished bytes say, not what was meant to be in them.
  if (!Same(made.subject, record.subject())) {
    return InternalFault("a finished document names another subject than its record");
  }
  ReadyDocument document;
  for (const holder::v1::DocumentField& field : record.fields()) {
    document.head.add_fields(field.name());
  }
  document.head.set_document_number(head.document_number());
  *document.head.mutable_issue_time() = head.issue_time();
  document.head.set_media_type(made.media_type);
  DigestBody(made.bytes, document.head);
  document.body = std::make_shared<TextBody>(std::move(made.bytes));
  return document;
}

DocumentHeader AnswerMaker::HeaderFor(const DocumentRequest& request,
                                      holder::v1::AnswerStatus status, const v1::Subject& subject,
                                      const v1::Subject& person) const {
  DocumentHeader header;
  header.set_context(std::string(kDocumentHeaderContext));
  header.set_nonce(request.nonce());
  header.set_release_id(request.release_id());
  header.set_holder(agency_.code);
  header.set_requester(request.requester());
  header.set_document_kind(request.document_kind());
  *header.mutable_parameters() = request.parameters();
  header.set_status(status);
  header.set_subject_binding(SubjectBinding(request.nonce(), subject.type(), subject.number()));
  header.set_person_binding(SubjectBinding(request.nonce(), person.type(), person.number()));
  return header;
}

Answer AnswerMaker::Sign(DocumentHeader header) const {
  Answer answer;
  answer.signed_header = SignDocumentHeader(header, *key_);
  answer.header = std::move(header);
  return answer;
}

std::string AnswerMaker::NewDocumentNumber(absl::Time now) const {
  // The day as it is in Korea, where the number is read.
  const std::string day = absl::FormatTime("%Y%m%d", now, absl::FixedTimeZone(9 * 60 * 60));
  std::string number = absl::StrCat(agency_.code, "-", day);
  const std::string random =
      absl::AsciiStrToUpper(absl::BytesToHexString(random_->Bytes(kNumberBytes)));
  for (size_t i = 0; i < random.size(); i += 4) absl::StrAppend(&number, "-", random.substr(i, 4));
  return number;
}

}  // namespace naru
