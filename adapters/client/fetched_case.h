#ifndef NARU_ADAPTERS_CLIENT_FETCHED_CASE_H_
#define NARU_ADAPTERS_CLIENT_FETCHED_CASE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "adapters/client/encrypted_file.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/ledger_entry.pb.h"

// What a fetch gives its caller.
namespace naru::client {

// How one paper ended on this side.
enum class DocumentResult {
  kDelivered,     // Whole, every check passed: `file` holds it.
  kNoRecord,      // The holder's signed answer that nothing is on file, checked.
  kDeclined,      // The holder's signed no, checked.
  kDeferred,      // The holder's signed word that it comes later, checked: header.deferral().
  kNotPermitted,  // The broker's no.
  kFailed,        // A fault that the broker tells of; may be fetched again.
  kRepeated,      // Outcome of an earlier fetch under this request id; bodies come once only.
  kInterrupted,   // The stream or this machine's disk broke before the paper was whole.
  kTooLarge,      // More than FetchOptions::max_total_bytes, or a JSON body over kJsonBodyBytes.
  // Not what was asked for, or not proven (P3): header, body against header, what a JSON body says
  // of itself, receipt. Discarded; never handed over. See FetchedDocument::mismatch.
  kMismatch,
};

// "DELIVERED", "NO_RECORD", ...
absl::string_view ResultName(DocumentResult result);

// One paper. What was not checked is not here: header, receipt and entry are set only for
// kDelivered, kNoRecord, kDeclined and kDeferred (header), for kDelivered, kNoRecord and kRepeated
// (receipt, entry).
struct FetchedDocument {
  DocumentResult result = DocumentResult::kInterrupted;
  uint32_t paper_id = 0;
  std::string kind;
  std::string holder;      // Agency code.
  std::string release_id;  // As announced.
  // NOT_PERMITTED, DECLINED, DEFERRED and FAILED, and of an earlier fetch.
  v1::Refusal refusal;
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;  // As the broker says.
  uint64_t outcome_index = 0;                     // Ledger index of the outcome.
  // kMismatch, kInterrupted: which check failed, in English, no value of the answer.
  std::string what;
  // kMismatch: what of the holder's answer was not as asked, as an acknowledgement to the broker
  // names it: SUBJECT_MISMATCH, HOLDER_SIGNATURE_INVALID, FIELD_NOT_APPROVED or HOLDER_FAULT.
  // UNSPECIFIED when the broker broke its own contract or proved nothing.
  v1::RefusalReason mismatch = v1::REFUSAL_REASON_UNSPECIFIED;

  v1::SignedHeader signed_header;
  holder::v1::DocumentHeader header;
  std::optional<v1::DocumentReceipt> receipt;  // As signed.
  v1::Receipt opened_receipt;
  v1::OuterEntry entry;
  std::unique_ptr<EncryptedFile> file;
};

struct FetchedCase {
  std::string request_id;
  std::string fetch_id;
  std::string consent_id;
  // Set when the fetch as a whole was refused; then there are no documents.
  std::optional<v1::Refusal> refusal;
  // One for each paper announced or asked for by number, in that order.
  std::vector<FetchedDocument> documents;
  bool repeated = false;
  v1::FetchSummary summary;
  // What became of the acknowledgement, which is made at the end of every case: ARRIVED of what was
  // delivered, MISMATCH of what has a FetchedDocument::mismatch. OK when it was entered or there
  // was nothing to acknowledge. An error (FAILED_PRECONDITION when the broker refused it) takes
  // nothing from the documents; without ARRIVED the same case may fetch them again for 24 hours.
  absl::Status acknowledged;
  // OK when the stream came to its end as the contract has it. Documents that were delivered
  // before an error are good all the same: each stands on its own proof.
  absl::Status stream;
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_FETCHED_CASE_H_
