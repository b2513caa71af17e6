#ifndef NARU_CONSENT_RELEASE_ANSWER_H_
#define NARU_CONSENT_RELEASE_ANSWER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "broker/base/ids.h"
#include "consent/release_book.h"
#include "consent/rules_context.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/document_service.pb.h"

// The answer of a fetch that has ended, made again from its rows and entries (P7). Plain functions;
// they read rows and the ledger.
namespace naru {

// Started, then for each paper its receipt (SENT and NO_RECORD; unsigned) and its outcome, then the
// summary; no bodies. `known_size` is the requester's. INTERNAL for a fetch that has not ended.
absl::StatusOr<RepeatedFetch> AnswerAgain(const RulesContext& context, const FetchId& fetch,
                                          uint64_t known_size);

// The summary as it was when the fetch ended.
absl::StatusOr<v1::FetchSummary> SummaryAgain(const RulesContext& context, const FetchId& fetch);

}  // namespace naru

#endif  // NARU_CONSENT_RELEASE_ANSWER_H_
