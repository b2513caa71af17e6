#include "adapters/client/document_receiver.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/client/body_check.h"

namespace naru::client {

using holder::v1::AnswerStatus;

DocumentReceiver::DocumentReceiver(ReceivingFetch* fetch, const v1::FetchedPaper& announced,
                                   ExpectedPaper expected)
    : fetch_(fetch), expected_(std::move(expected)) {
  document_.paper_id = announced.paper().paper_id();
  document_.kind = announced.paper().kind();
  document_.holder = announced.holder();
  document_.release_id = announced.release_id();
  document_.what = "the stream ended before the paper was whole";
}

void DocumentReceiver::Mismatch(absl::string_view what, v1::RefusalReason reason) {
  mismatch_ = true;
  // What the holder's answer was first found to be stays, whatever else breaks.
  if (document_.mismatch == v1::REFUSAL_REASON_UNSPECIFIED) document_.mismatch = reason;
  document_.result = DocumentResult::kMismatch;
  document_.what = std::string(what);
  document_.file.reset();
  body_.reset();
  receipt_.reset();
}

void DocumentReceiver::GiveUp(DocumentResult result, absl::string_view what) {
  document_.result = result;
  document_.what = std::string(what);
  document_.file.reset();
  body_.reset();
}

bool DocumentReceiver::given_up() const {
  return mismatch_ || document_.result == DocumentResult::kTooLarge ||
         (step_ == Step::kBody && !body_.has_value());
}

bool DocumentReceiver::CheckHeader(const v1::SignedHeader& signed_header, AnswerStatus status) {
  if (!expected_.not_expected.empty()) {
    Mismatch(expected_.not_expected, v1::REFUSAL_REASON_SUBJECT_MISMATCH);
    return false;
  }
  CheckedHeader checked =
      CheckDocumentHeader(signed_header, expected_.header, *fetch_->keys, fetch_->clock->Now());
  if (checked.refused != v1::REFUSAL_REASON_UNSPECIFIED) {
    const bool large = checked.refused == v1::REFUSAL_REASON_DOCUMENT_TOO_LARGE;
    Mismatch(absl::StrCat("header: ", checked.what),
             large ? v1::REFUSAL_REASON_HOLDER_FAULT : checked.refused);
    return false;
  }
  if (checked.header.status() != status) {
    Mismatch("header: another status than the outcome");
    return false;
  }
  header_sha256_ = std::move(checked.header_sha256);
  document_.signed_header = signed_header;
  document_.header = std::move(checked.header);
  return true;
}

void DocumentReceiver::OnHeader(const v1::SignedHeader& signed_header) {
  if (mismatch_) return;
  if (step_ != Step::kBegin) return Mismatch("a second header");
  if (fetch_->repeated) return Mismatch("a header in a repeat");
  step_ = Step::kBody;
  if (!CheckHeader(signed_header, holder::v1::ANSWER_STATUS_FOUND)) return;
  const uint64_t size = document_.header.size_bytes();
  if (size > fetch_->bytes_left) {
    return GiveUp(DocumentResult::kTooLarge, "more bytes than the fetch may have in all");
  }
  if (IsJsonDocument(document_.header.media_type()) && size > kJsonBodyBytes) {
    return GiveUp(DocumentResult::kTooLarge, "a JSON document too large to be read");
  }
  auto file = EncryptedFile::Create(fetch_->temporary_directory, size, fetch_->random);
  if (!file.ok()) return GiveUp(DocumentResult::kInterrupted, file.status().message());
  fetch_->bytes_left -= size;
  document_.file = *std::move(file);
  body_.emplace(document_.header);
}

void DocumentReceiver::OnChunk(const v1::DocumentChunk& chunk) {
  if (step_ != Step::kBody) {
    if (!mismatch_) Mismatch("a chunk out of its place");
    return;
  }
  if (given_up()) return;
  if (const absl::Status added = body_->Add(chunk.index(), chunk.data()); !added.ok()) {
    return Mismatch(added.message(), v1::REFUSAL_REASON_SUBJECT_MISMATCH);
  }
  if (const absl::Status written = document_.file->Append(chunk.data()); !written.ok()) {
    return GiveUp(DocumentResult::kInterrupted, written.message());
  }
  if (body_->complete()) step_ = Step::kReceipt;
}

void DocumentReceiver::OnReceipt(const v1::DocumentReceipt& receipt) {
  if (given_up()) return;
  if (receipt_.has_value()) return Mismatch("a second receipt");
  if (step_ == Step::kBody || step_ == Step::kEnded) {
    return Mismatch("a receipt out of its place");
  }
  receipt_ = receipt;
  if (step_ == Step::kReceipt) step_ = Step::kOutcome;
}

ExpectedReceipt DocumentReceiver::ReceiptFor(v1::EntryKind kind) const {
  ExpectedReceipt expected;
  expected.entry_kind = kind;
  expected.release_id = expected_.header.release_id;
  expected.fetch_id = fetch_->fetch_id;
  expected.consent_id = fetch_->consent_id;
  expected.requester = expected_.header.requester;
  expected.holder = expected_.header.holder;
  expected.document_kind = expected_.header.document_kind;
  expected.paper_id = document_.paper_id;
  expected.nonce = expected_.header.nonce;
  expected.mode = fetch_->mode;
  expected.header_sha256 = header_sha256_;
  expected.document_sha256 = document_.header.body_sha256();
  return expected;
}

// What was released has a receipt, "nothing on file" too: it says something about the person.
void DocumentReceiver::OnReleased() {
  if (!expected_.not_expected.empty()) return Mismatch(expected_.not_expected);
  const bool no_record = document_.outcome == v1::OUTCOME_NO_RECORD;
  if (!receipt_.has_value()) return Mismatch("no receipt");
  const auto checked = CheckReceipt(
      *receipt_,
      ReceiptFor(no_record ? v1::ENTRY_KIND_NO_RECORD_RELEASED : v1::ENTRY_KIND_DOCUMENT_RELEASED),
      *fetch_->keys, *fetch_->keeper, fetch_->known, fetch_->clock->Now());
  if (absl::IsUnavailable(checked.status())) {
    return GiveUp(DocumentResult::kInterrupted, checked.status().message());
  }
  if (!checked.ok()) return Mismatch(checked.status().message());
  document_.receipt = *std::move(receipt_);
  document_.opened_receipt = checked->receipt;
  document_.entry = checked->entry;
}

void DocumentReceiver::CheckBody() {
  if (!IsJsonDocument(document_.header.media_type())) return;
  const absl::StatusOr<BodyDifference> difference =
      CompareJsonBody(*document_.file, document_.header, expected_.header);
  if (!difference.ok()) {
    return GiveUp(DocumentResult::kInterrupted, difference.status().message());
  }
  if (difference->reason != v1::REFUSAL_REASON_UNSPECIFIED) {
    Mismatch(difference->what, difference->reason);
  }
}

// The holder's own words, which a repeat does not have again.
void DocumentReceiver::OnSignedAnswer(const v1::DocumentOutcome& outcome, Step before,
                                      DocumentResult result, AnswerStatus status) {
  if (before != Step::kBegin) return Mismatch("an answer without a document after a header");
  document_.result = fetch_->repeated ? DocumentResult::kRepeated : result;
  if (!fetch_->repeated && !CheckHeader(outcome.signed_answer(), status)) return;
  if (result == DocumentResult::kNoRecord) return OnReleased();
  if (receipt_.has_value()) Mismatch("a receipt of what was not released");
}

void DocumentReceiver::OnOutcome(const v1::DocumentOutcome& outcome) {
  if (ended()) return Mismatch("a second outcome");
  const Step before = step_;
  const bool lost = given_up();
  step_ = Step::kEnded;
  document_.outcome = outcome.outcome();
  document_.outcome_index = outcome.ledger_index();
  if (lost) return;
  document_.what.clear();
  document_.refusal = outcome.refusal();
  switch (outcome.outcome()) {
    case v1::OUTCOME_SENT:
      if (fetch_->repeated && before == Step::kBegin) {
        document_.result = DocumentResult::kRepeated;
        return OnReleased();
      }
      if (before == Step::kReceipt) return Mismatch("no receipt");
      if (before != Step::kOutcome) return Mismatch("said to be sent, but not whole");
      document_.result = DocumentResult::kDelivered;
      OnReleased();
      if (document_.result == DocumentResult::kDelivered) CheckBody();
      return;
    case v1::OUTCOME_NO_RECORD:
      return OnSignedAnswer(outcome, before, DocumentResult::kNoRecord,
                            holder::v1::ANSWER_STATUS_NO_RECORD);
    case v1::OUTCOME_DECLINED:
      return OnSignedAnswer(outcome, before, DocumentResult::kDeclined,
                            holder::v1::ANSWER_STATUS_DECLINED);
    case v1::OUTCOME_DEFERRED:
      return OnSignedAnswer(outcome, before, DocumentResult::kDeferred,
                            holder::v1::ANSWER_STATUS_DEFERRED);
    case v1::OUTCOME_NOT_PERMITTED:
      if (before != Step::kBegin) return Mismatch("not permitted, but released");
      return GiveUp(DocumentResult::kNotPermitted, "");
    case v1::OUTCOME_FAILED:
      return GiveUp(DocumentResult::kFailed, "");
    default:
      return Mismatch("an outcome that is none");
  }
}

FetchedDocument DocumentReceiver::Finish() {
  if (document_.result != DocumentResult::kDelivered) document_.file.reset();
  const bool checked = document_.result == DocumentResult::kDelivered ||
                       document_.result == DocumentResult::kNoRecord ||
                       document_.result == DocumentResult::kDeclined ||
                       document_.result == DocumentResult::kDeferred ||
                       document_.result == DocumentResult::kRepeated;
  if (!checked) {
    document_.signed_header.Clear();
    document_.header.Clear();
    document_.receipt.reset();
    document_.opened_receipt.Clear();
    document_.entry.Clear();
  }
  return std::move(document_);
}

}  // namespace naru::client
