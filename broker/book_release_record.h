#ifndef NARU_BROKER_BOOK_RELEASE_RECORD_H_
#define NARU_BROKER_BOOK_RELEASE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/release_record.h"
#include "consent/release_book.h"

namespace naru {

// The real record: hands every call to the book. Thread-safe.
class BookReleaseRecord : public ReleaseRecord {
 public:
  // `book` must outlive this object.
  explicit BookReleaseRecord(ReleaseBook* book) : book_(book) {}

  void Release(const AdmittedFetch& fetch, size_t paper, const std::string& header_sha256,
               const std::string& document_sha256, bool no_record,
               std::function<void(absl::StatusOr<ReleaseBook::Commitment>)> done) override;
  void ReleaseAll(
      const AdmittedFetch& fetch, std::vector<AnswerDigests> answers,
      std::function<void(absl::StatusOr<std::vector<ReleaseBook::Commitment>>)> done) override;
  void RecordOutcome(const AdmittedFetch& fetch, size_t paper, v1::Outcome outcome,
                     v1::RefusalReason reason, const std::string& ground,
                     const std::string& header_sha256, Recorded done) override;
  void Quarantine(const AdmittedFetch& fetch, size_t paper, v1::RefusalReason reason,
                  const std::string& header_sha256, Recorded done) override;
  void Finish(const AdmittedFetch& fetch,
              std::function<void(absl::StatusOr<v1::FetchSummary>)> done) override;
  absl::StatusOr<v1::LedgerProof> ProofFor(const Released& released, uint64_t known_size) override;
  absl::StatusOr<std::optional<v1::Refusal>> WhyNotPermitted(const AdmittedFetch& fetch,
                                                             size_t paper) override;

 private:
  ReleaseBook* const book_;
};

}  // namespace naru

#endif  // NARU_BROKER_BOOK_RELEASE_RECORD_H_
