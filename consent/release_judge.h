#ifndef NARU_CONSENT_RELEASE_JUDGE_H_
#define NARU_CONSENT_RELEASE_JUDGE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/base/ids.h"
#include "consent/answer_digests.h"
#include "consent/change.h"
#include "consent/fetch_record.h"
#include "consent/rules_context.h"
#include "consent/store/store.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/error_reason.pb.h"

// The judges of what happens to an admitted fetch. Plain functions; all hold the person's lock.
namespace naru {

// One paper of a fetch, by its place in the fetch.
struct FetchStep {
  FetchId fetch;
  size_t paper = 0;
  FetchActor actor;
};

// A release, or why it is refused: then the verdict's entry is the paper's outcome NOT_PERMITTED.
struct JudgedRelease {
  Verdict verdict;
  std::optional<v1::Refusal> refused;
  // The consent has fewer uses left, or none.
  bool took_use = false;
};
// INTERNAL for a paper that was released or has ended, or a fetch that has.
absl::StatusOr<JudgedRelease> JudgeRelease(const RulesContext& context, const FetchStep& step,
                                           const AnswerDigests& answer, const Reader& rows,
                                           const JudgeContext& now);

// All papers of a fetch in one change: all are released, or each has its outcome NOT_PERMITTED,
// with its own reason or BUNDLE_INCOMPLETE.
struct JudgedBundle {
  // One entry for each paper, in order.
  Verdict verdict;
  // Empty when all are released, else one for each paper.
  std::vector<v1::Refusal> refused;
  bool took_use = false;
};
// `answers` are those of all papers of the fetch. INTERNAL as JudgeRelease.
absl::StatusOr<JudgedBundle> JudgeBundle(const RulesContext& context, const FetchId& fetch,
                                         const FetchActor& actor,
                                         const std::vector<AnswerDigests>& answers,
                                         const Reader& rows, const JudgeContext& now);

// How a paper ended.
struct PaperEnd {
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED;
  std::string ground;
  std::string header_sha256;
  // An entry QUARANTINED goes before the outcome's.
  bool quarantined = false;
};
// The outcome's entry is the verdict's last. INTERNAL for a second outcome, for SENT without
// release, and for what only a release can enter (NO_RECORD).
absl::StatusOr<Verdict> JudgeOutcome(const RulesContext& context, const FetchStep& step,
                                     const PaperEnd& end, const Reader& rows,
                                     const JudgeContext& now);

// The end of a fetch.
struct JudgedEnd {
  Verdict verdict;
  v1::FetchSummary summary;
  // It had ended; the verdict is empty and the summary lacks the uses that were left then.
  bool ended_before = false;
};
// Papers without outcome are entered as FAILED, INTERRUPTED.
absl::StatusOr<JudgedEnd> JudgeEnd(const RulesContext& context, const FetchId& fetch,
                                   const FetchActor& actor, const Reader& rows,
                                   const JudgeContext& now);

// The papers of a fetch by outcome, without uses_left.
v1::FetchSummary CountOutcomes(const storage::v1::FetchRow& fetch);

}  // namespace naru

#endif  // NARU_CONSENT_RELEASE_JUDGE_H_
