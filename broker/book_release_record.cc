#include "broker/book_release_record.h"

#include <utility>

namespace naru {

void BookReleaseRecord::Release(const AdmittedFetch& fetch, size_t paper,
                                const std::string& header_sha256,
                                const std::string& document_sha256, bool no_record,
                                std::function<void(absl::StatusOr<ReleaseBook::Commitment>)> done) {
  book_->Release(fetch, paper, header_sha256, document_sha256, no_record, std::move(done));
}

void BookReleaseRecord::ReleaseAll(
    const AdmittedFetch& fetch, std::vector<AnswerDigests> answers,
    std::function<void(absl::StatusOr<std::vector<ReleaseBook::Commitment>>)> done) {
  book_->ReleaseAll(fetch, std::move(answers), std::move(done));
}

void BookReleaseRecord::RecordOutcome(const AdmittedFetch& fetch, size_t paper, v1::Outcome outcome,
                                      v1::RefusalReason reason, const std::string& ground,
                                      const std::string& header_sha256, Recorded done) {
  book_->RecordOutcome(fetch, paper, outcome, reason, ground, header_sha256, std::move(done));
}

void BookReleaseRecord::Quarantine(const AdmittedFetch& fetch, size_t paper,
                                   v1::RefusalReason reason, const std::string& header_sha256,
                                   Recorded done) {
  book_->Quarantine(fetch, paper, reason, header_sha256, std::move(done));
}

void BookReleaseRecord::Finish(const AdmittedFetch& fetch,
                               std::function<void(absl::StatusOr<v1::FetchSummary>)> done) {
  book_->Finish(fetch, std::move(done));
}

absl::StatusOr<v1::LedgerProof> BookReleaseRecord::ProofFor(const Released& released,
                                                            uint64_t known_size) {
  return book_->ProofFor(released, known_size);
}

absl::StatusOr<std::optional<v1::Refusal>> BookReleaseRecord::WhyNotPermitted(
    const AdmittedFetch& fetch, size_t paper) {
  return book_->WhyNotPermitted(fetch, paper);
}

}  // namespace naru
