#ifndef NARU_BROKER_RELEASE_RECORD_H_
#define NARU_BROKER_RELEASE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/release_book.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/error_reason.pb.h"

namespace naru {

// What a release asks of the record: the part of consent/release_book.h that comes after the
// admission, where each call is described. In the broker it is that book (book_release_record.h).
// Thread-safe; never blocks but for a read of rows; callbacks run once, on any thread, never from
// inside the call.
class ReleaseRecord {
 public:
  using Recorded = std::function<void(absl::StatusOr<RecordedOutcome>)>;

  virtual ~ReleaseRecord() = default;

  virtual void Release(const AdmittedFetch& fetch, size_t paper, const std::string& header_sha256,
                       const std::string& document_sha256, bool no_record,
                       std::function<void(absl::StatusOr<ReleaseBook::Commitment>)> done) = 0;
  virtual void ReleaseAll(
      const AdmittedFetch& fetch, std::vector<AnswerDigests> answers,
      std::function<void(absl::StatusOr<std::vector<ReleaseBook::Commitment>>)> done) = 0;
  virtual void RecordOutcome(const AdmittedFetch& fetch, size_t paper, v1::Outcome outcome,
                             v1::RefusalReason reason, const std::string& ground,
                             const std::string& header_sha256, Recorded done) = 0;
  virtual void Quarantine(const AdmittedFetch& fetch, size_t paper, v1::RefusalReason reason,
                          const std::string& header_sha256, Recorded done) = 0;
  virtual void Finish(const AdmittedFetch& fetch,
                      std::function<void(absl::StatusOr<v1::FetchSummary>)> done) = 0;
  virtual absl::StatusOr<v1::LedgerProof> ProofFor(const Released& released,
                                                   uint64_t known_size) = 0;
  virtual absl::StatusOr<std::optional<v1::Refusal>> WhyNotPermitted(const AdmittedFetch& fetch,
                                                                     size_t paper) = 0;
};

}  // namespace naru

#endif  // NARU_BROKER_RELEASE_RECORD_H_
