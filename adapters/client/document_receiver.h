#ifndef NARU_ADAPTERS_CLIENT_DOCUMENT_RECEIVER_H_
#define NARU_ADAPTERS_CLIENT_DOCUMENT_RECEIVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "adapters/client/expected_paper.h"
#include "adapters/client/fetched_case.h"
#include "adapters/client/receipt_check.h"
#include "broker/base/clock.h"
#include "broker/base/random.h"
#include "broker/proof/document_header.h"
#include "broker/proof/ledger_proof.h"
#include "naru/v1/document_service.pb.h"

namespace naru::client {

// What the papers of one fetch share. Must outlive the receivers.
struct ReceivingFetch {
  const Clock* clock = nullptr;
  Random* random = nullptr;
  const KeyRing* keys = nullptr;
  CheckpointKeeper* keeper = nullptr;
  CheckpointKeeper::Known known;  // Whose size went with the request.
  std::string temporary_directory;
  std::string fetch_id;
  std::string consent_id;
  v1::AccessMode mode = v1::ACCESS_MODE_VIEW;
  bool repeated = false;
  uint64_t bytes_left = 0;  // Of what may come in all.
};

// Takes the steps of one paper in the order of the contract and believes none of them: what does
// not fit ends the paper as kMismatch, and its body is gone (P3). Not thread-safe.
class DocumentReceiver {
 public:
  DocumentReceiver(ReceivingFetch* fetch, const v1::FetchedPaper& announced,
                   ExpectedPaper expected);

  void OnHeader(const v1::SignedHeader& signed_header);
  void OnChunk(const v1::DocumentChunk& chunk);
  void OnReceipt(const v1::DocumentReceipt& receipt);
  void OnOutcome(const v1::DocumentOutcome& outcome);
  // The broker broke the protocol of the whole stream: nothing it said counts.
  void Distrust(absl::string_view what) { Mismatch(what); }

  // True once the outcome came.
  bool ended() const { return step_ == Step::kEnded; }
  v1::Outcome outcome() const { return document_.outcome; }
  DocumentResult result() const { return document_.result; }
  // What there is to hand over when the stream is over. Call once, last.
  FetchedDocument Finish();

 private:
  enum class Step { kBegin, kBody, kReceipt, kOutcome, kEnded };

  // `reason` as FetchedDocument::mismatch.
  void Mismatch(absl::string_view what, v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED);
  // Ends the paper without a document, for a reason that is not the broker's.
  void GiveUp(DocumentResult result, absl::string_view what);
  bool given_up() const;
  // False, and a mismatch, unless the holder signed this answer about the asked one.
  bool CheckHeader(const v1::SignedHeader& signed_header, holder::v1::AnswerStatus status);
  ExpectedReceipt ReceiptFor(v1::EntryKind kind) const;
  void OnReleased();
  // What a whole and signed body says of itself.
  void CheckBody();
  // `before`: where the paper stood when its outcome came.
  void OnSignedAnswer(const v1::DocumentOutcome& outcome, Step before, DocumentResult result,
                      holder::v1::AnswerStatus status);

  ReceivingFetch* const fetch_;
  const ExpectedPaper expected_;
  Step step_ = Step::kBegin;
  bool mismatch_ = false;
  std::string header_sha256_;
  std::optional<BodyChecker> body_;
  std::optional<v1::DocumentReceipt> receipt_;  // Came, not checked yet.
  FetchedDocument document_;
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_DOCUMENT_RECEIVER_H_
