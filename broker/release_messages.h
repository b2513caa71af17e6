#ifndef NARU_BROKER_RELEASE_MESSAGES_H_
#define NARU_BROKER_RELEASE_MESSAGES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/proof/crypto.h"
#include "broker/proof/document_header.h"
#include "consent/release_book.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/document_service.pb.h"

// The messages of a release, made from its plan. Pure functions.
namespace naru {

// What the requester is told first.
v1::FetchStarted StartedMessage(const AdmittedFetch& fetch);

// What the holder is asked.
holder::v1::DocumentRequest HolderRequest(const AdmittedFetch& fetch, const PlannedPaper& paper);

// What its answer must say: the same.
ExpectedHeader ExpectedAnswer(const AdmittedFetch& fetch, const PlannedPaper& paper);

// The signed proof of a release.
v1::DocumentReceipt SignedReceipt(const AdmittedFetch& fetch, const PlannedPaper& paper,
                                  const Released& released, absl::string_view header_sha256,
                                  absl::Time now, const crypto::SigningKey& key);

// The release entry as the outcome it is for NO_RECORD. DATA_LOSS when it cannot be read.
absl::StatusOr<RecordedOutcome> OutcomeOfRelease(const Released& released);

v1::DocumentOutcome OutcomeMessage(const PlannedPaper& paper, v1::Outcome outcome,
                                   const RecordedOutcome& entry);

// A holder's DECLINED or DEFERRED answer, as the requester is told: its reason with the facts that
// the reason lists.
v1::Refusal RefusalOf(const holder::v1::DocumentHeader& answer);

// Why a holder's stream that ended with `status` before its time gives no document.
v1::RefusalReason ReasonOfEnd(const absl::Status& status);

}  // namespace naru

#endif  // NARU_BROKER_RELEASE_MESSAGES_H_
