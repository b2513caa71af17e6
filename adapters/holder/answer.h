#ifndef NARU_ADAPTERS_HOLDER_ANSWER_H_
#define NARU_ADAPTERS_HOLDER_ANSWER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/holder_metrics.h"
#include "adapters/holder/record.h"
#include "adapters/holder/register.h"
#include "broker/base/clock.h"
#include "broker/base/random.h"
#include "broker/proof/crypto.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/document_service.pb.h"

namespace naru {

// A signed answer and, when it is FOUND, the document behind it. Immutable.
struct Answer {
  holder::v1::DocumentHeader header;
  v1::SignedHeader signed_header;
  std::shared_ptr<const Body> body;
  // The record is about somebody or something else than was asked for. The header says so by its
  // binding, so that the broker quarantines and alarms; the body never leaves.
  bool mismatch = false;
};

// Checks the form of a request before anything is looked up. INVALID_ARGUMENT names the field.
absl::Status CheckDocumentRequest(const holder::v1::DocumentRequest& request);

// Answers requests: one record, and everything else from it. Thread-safe; calls block.
class AnswerMaker {
 public:
  struct Agency {
    std::string code;
    std::string name;
  };

  // `registers` have been opened by OpenRegisters; no two serve one kind. `clock`, `random` and
  // `metrics` must outlive this object.
  AnswerMaker(Agency agency, std::vector<std::unique_ptr<Register>> registers,
              std::unique_ptr<crypto::SigningKey> key, Clock* clock, Random* random,
              HolderMetrics* metrics);

  // FOUND with the found one's bindings; NO_RECORD when nothing is on file; DECLINED, NOT_ENTITLED
  // when the record of a thing does not name the consenting person. INVALID_ARGUMENT for a bad
  // request; NOT_FOUND for a kind that is not served; errors of Register::Find; INTERNAL when
  // the finished bytes do not name the record's subject, or show what they may not (field_list.h),
  // and errors of MakeDocument: nothing is signed then.
  absl::StatusOr<Answer> Make(const holder::v1::DocumentRequest& request) const;

  // Connections of all registers: as many calls as can read at once.
  size_t connections() const;

 private:
  absl::StatusOr<Answer> MakeFound(const holder::v1::DocumentRequest& request,
                                   const DocumentForm& form, const Record& record) const;
  // The body, and what the header says of it, for a record of fields.
  absl::StatusOr<ReadyDocument> Render(const holder::v1::DocumentRequest& request,
                                       const DocumentForm& form, const Record& record) const;
  holder::v1::DocumentHeader HeaderFor(const holder::v1::DocumentRequest& request,
                                       holder::v1::AnswerStatus status, const v1::Subject& subject,
                                       const v1::Subject& person) const;
  Answer Sign(holder::v1::DocumentHeader header) const;
  std::string NewDocumentNumber(absl::Time now) const;

  const Agency agency_;
  const std::vector<std::unique_ptr<Register>> registers_;
  const std::unique_ptr<crypto::SigningKey> key_;
  Clock* const clock_;
  Random* const random_;
  HolderMetrics* const metrics_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_ANSWER_H_
