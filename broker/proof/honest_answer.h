#ifndef NARU_BROKER_PROOF_HONEST_ANSWER_H_
#define NARU_BROKER_PROOF_HONEST_ANSWER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/proof/document_header.h"
#include "naru/holder/v1/document_body.pb.h"
#include "naru/holder/v1/holder_service.pb.h"

// What an honest holder answers, not signed yet: for tests of what checks headers, which then
// change something.
namespace naru {

// FOUND, with this body, every approved field, and `now` as the time of issue.
holder::v1::DocumentHeader HonestAnswer(const ExpectedHeader& request, absl::string_view body,
                                        absl::Time now);

// The number of HonestAnswer's documents.
inline constexpr char kHonestNumber[] = "2026-11-0001";

// A body of `bytes` bytes that says `head` of itself, filled up with a field; longer when the head
// alone is. Every stretch of two with different heads differs.
std::string HonestBody(holder::v1::DocumentBody head, uint64_t bytes);

// Without a document. DECLINED still needs its code. DEFERRED is by manual review, by an office
// named "담당 부서", with no time.
holder::v1::DocumentHeader HonestAnswerWithoutDocument(const ExpectedHeader& request,
                                                       holder::v1::AnswerStatus status);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_HONEST_ANSWER_H_
