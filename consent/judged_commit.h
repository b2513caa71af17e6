#ifndef NARU_CONSENT_JUDGED_COMMIT_H_
#define NARU_CONSENT_JUDGED_COMMIT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/base/status_macros.h"
#include "consent/change.h"
#include "consent/journal.h"
#include "consent/store/store.h"

namespace naru {

// What a judge found beside its verdict, once that is durable.
template <typename Judged>
struct Stood {
  Judged judged;  // Its verdict is used up.
  Committed committed;
};

// Commits a change whose judge finds more than a verdict: `judge(rows, context)` gives a
// StatusOr<Judged>, whose field `verdict` is committed; `then(StatusOr<Stood<Judged>>)` runs on the
// journal's executor, once.
template <typename Judged, typename Judge, typename Then>
void CommitJudged(Journal* journal, std::vector<std::string> locks, Judge judge, Then then) {
  auto found = std::make_shared<Judged>();
  Change change;
  change.locks = std::move(locks);
  change.judge = [found, judge = std::move(judge)](
                     const Reader& rows, const JudgeContext& context) -> absl::StatusOr<Verdict> {
    ABSL_ASSIGN_OR_RETURN(*found, judge(rows, context));
    return std::exchange(found->verdict, Verdict());
  };
  journal->Commit(std::move(change), [found, then = std::move(then)](
                                         absl::StatusOr<Committed> committed) mutable {
    if (!committed.ok()) {
      then(absl::StatusOr<Stood<Judged>>(std::move(committed).status()));
      return;
    }
    then(absl::StatusOr<Stood<Judged>>(Stood<Judged>{std::move(*found), *std::move(committed)}));
  });
}

// Runs `then(status)` on the journal's executor, as if a judge had said so.
template <typename Then>
void FailOnExecutor(Journal* journal, absl::Status status, Then then) {
  Change change;
  change.judge = [status](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
    return status;
  };
  journal->Commit(std::move(change), [then = std::move(then)](absl::StatusOr<Committed> result) {
    then(std::move(result).status());
  });
}

}  // namespace naru

#endif  // NARU_CONSENT_JUDGED_COMMIT_H_
