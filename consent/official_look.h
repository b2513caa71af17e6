#ifndef NARU_CONSENT_OFFICIAL_LOOK_H_
#define NARU_CONSENT_OFFICIAL_LOOK_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "broker/base/ids.h"
#include "consent/caller.h"
#include "consent/rules_context.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {

// A named official is about to see something: entered before the answer, once for each person it is
// about, so that each of them sees the look.
struct OfficialLook {
  v1::EntryKind kind = v1::ENTRY_KIND_UNSPECIFIED;
  Caller caller;
  // Kept in the details under each person's own key; an entry about nobody holds none of it.
  v1::CaseContext case_context;
  // Without repeats; may be empty. Who was erased meanwhile is left out.
  std::vector<SubjectId> subjects;
};

// `done` runs once, on the journal's executor, when the look is durable. `context` must outlive the
// call. Thread-safe; never blocks.
void EnterLook(const RulesContext* context, OfficialLook look,
               std::function<void(absl::Status)> done);

}  // namespace naru

#endif  // NARU_CONSENT_OFFICIAL_LOOK_H_
