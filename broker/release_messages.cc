#include "broker/release_messages.h"

#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/strip.h"
#include "broker/base/errors.h"
#include "broker/proof/receipt.h"
#include "google/protobuf/timestamp.pb.h"
#include "naru/v1/error_reason.pb.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {
namespace {

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(time);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

}  // namespace

v1::FetchStarted StartedMessage(const AdmittedFetch& fetch) {
  v1::FetchStarted started;
  started.set_fetch_id(fetch.fetch.text());
  for (const PlannedPaper& planned : fetch.papers) {
    v1::FetchedPaper& paper = *started.add_papers();
    *paper.mutable_paper() = planned.paper;
    paper.set_holder(planned.holder);
    paper.set_release_id(planned.release.text());
  }
  return started;
}

holder::v1::DocumentRequest HolderRequest(const AdmittedFetch& fetch, const PlannedPaper& paper) {
  holder::v1::DocumentRequest request;
  request.set_release_id(paper.release.text());
  request.set_nonce(fetch.nonce);
  request.set_requester(fetch.requester);
  request.set_consent_id(fetch.consent.text());
  request.set_affair(fetch.affair);
  request.set_legal_basis(fetch.legal_basis);
  request.set_document_kind(paper.paper.kind());
  *request.mutable_subject() = paper.paper.subject();
  *request.mutable_person() = fetch.person;
  *request.mutable_parameters() = paper.paper.parameters();
  for (const std::string& field : paper.approved_fields) request.add_approved_fields(field);
  request.set_max_size_bytes(paper.max_size_bytes);
  return request;
}

ExpectedHeader ExpectedAnswer(const AdmittedFetch& fetch, const PlannedPaper& paper) {
  ExpectedHeader expected;
  expected.nonce = fetch.nonce;
  expected.release_id = paper.release.text();
  expected.holder = paper.holder;
  expected.requester = fetch.requester;
  expected.document_kind = paper.paper.kind();
  expected.parameters.assign(paper.paper.parameters().begin(), paper.paper.parameters().end());
  expected.subject = paper.paper.subject();
  expected.person = fetch.person;
  expected.approved_fields = paper.approved_fields;
  expected.max_size_bytes = paper.max_size_bytes;
  return expected;
}

v1::DocumentReceipt SignedReceipt(const AdmittedFetch& fetch, const PlannedPaper& paper,
                                  const Released& released, absl::string_view header_sha256,
                                  absl::Time now, const crypto::SigningKey& key) {
  v1::Receipt receipt;
  receipt.set_context(std::string(kReceiptContext));
  receipt.set_release_id(paper.release.text());
  receipt.set_fetch_id(fetch.fetch.text());
  receipt.set_consent_id(fetch.consent.text());
  receipt.set_requester(fetch.requester);
  receipt.set_holder(paper.holder);
  receipt.set_paper_id(paper.paper.paper_id());
  receipt.set_document_kind(paper.paper.kind());
  *receipt.mutable_proof() = released.proof;
  receipt.set_header_sha256(std::string(header_sha256));
  SetTime(now, receipt.mutable_time());
  receipt.set_nonce(fetch.nonce);
  v1::DocumentReceipt message;
  message.set_paper_id(paper.paper.paper_id());
  message.set_receipt(receipt.SerializeAsString());
  *message.mutable_signature() = SignReceipt(message.receipt(), key);
  return message;
}

absl::StatusOr<RecordedOutcome> OutcomeOfRelease(const Released& released) {
  v1::OuterEntry entry;
  if (!entry.ParseFromString(released.proof.outer())) {
    return DataDamaged("a release entry cannot be read");
  }
  return RecordedOutcome{released.proof.index(), absl::FromUnixSeconds(entry.time().seconds()) +
                                                     absl::Nanoseconds(entry.time().nanos())};
}

v1::DocumentOutcome OutcomeMessage(const PlannedPaper& paper, v1::Outcome outcome,
                                   const RecordedOutcome& entry) {
  v1::DocumentOutcome message;
  message.set_paper_id(paper.paper.paper_id());
  message.set_outcome(outcome);
  message.set_ledger_index(entry.ledger_index);
  SetTime(entry.time, message.mutable_time());
  return message;
}

v1::Refusal RefusalOf(const holder::v1::DocumentHeader& answer) {
  std::map<std::string, std::string> facts;
  if (answer.status() != holder::v1::ANSWER_STATUS_DEFERRED) {
    if (!answer.decline_ground().empty()) facts["ground"] = answer.decline_ground();
    return MakeRefusal(answer.decline_code() == holder::v1::DECLINE_CODE_NOT_ENTITLED
                           ? v1::REFUSAL_REASON_NOT_ENTITLED
                           : v1::REFUSAL_REASON_HOLDER_DECLINED,
                       std::move(facts));
  }
  const holder::v1::Deferral& deferral = answer.deferral();
  facts["deferral"] = std::string(
      absl::StripPrefix(holder::v1::DeferralReason_Name(deferral.reason()), "DEFERRAL_REASON_"));
  facts["owner"] = deferral.owner();
  if (deferral.has_eta()) {
    facts["eta"] =
        absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", absl::FromUnixSeconds(deferral.eta().seconds()),
                         absl::UTCTimeZone());
  }
  return MakeRefusal(v1::REFUSAL_REASON_HOLDER_DEFERRED, std::move(facts));
}

v1::RefusalReason ReasonOfEnd(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return v1::REFUSAL_REASON_HOLDER_UNAVAILABLE;
    case absl::StatusCode::kDeadlineExceeded:
      return v1::REFUSAL_REASON_HOLDER_TIMEOUT;
    case absl::StatusCode::kResourceExhausted:
      // Its own bound says so with a detail; without one a message was too large for us.
      return GetErrorDetail(status).has_value() ? v1::REFUSAL_REASON_HOLDER_UNAVAILABLE
                                                : v1::REFUSAL_REASON_HOLDER_FAULT;
    default:
      return v1::REFUSAL_REASON_HOLDER_FAULT;
  }
}

}  // namespace naru
