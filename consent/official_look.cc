#include "consent/official_look.h"

#include <optional>
#include <utility>

#include "broker/base/status_macros.h"
#include "consent/journal.h"
#include "consent/person_directory.h"
#include "naru/storage/v1/storage.pb.h"

namespace naru {
namespace {

absl::StatusOr<Verdict> JudgeLook(const RulesContext& context, const OfficialLook& look,
                                  const Reader& rows) {
  EntryDraft draft;
  draft.outer.set_kind(look.kind);
  draft.outer.set_caller(look.caller.text());
  draft.outer.set_requester(look.caller.agency);
  if (!look.case_context.case_number().empty()) {
    draft.case_hash =
        context.directory->CaseHash(look.caller.agency, look.case_context.case_number());
  }
  storage::v1::Details details;
  if (look.case_context.ByteSizeLong() > 0) *details.mutable_case_() = look.case_context;

  Verdict verdict;
  for (const SubjectId& subject : look.subjects) {
    ABSL_ASSIGN_OR_RETURN(std::optional<std::string> data_key,
                          context.directory->DataKey(rows, subject));
    if (!data_key.has_value()) continue;
    EntryDraft& own = verdict.entries.emplace_back(draft);
    own.subject = subject;
    own.details = details.SerializeAsString();
    own.data_key = *std::move(data_key);
  }
  if (verdict.entries.empty()) verdict.entries.push_back(std::move(draft));
  return verdict;
}

}  // namespace

void EnterLook(const RulesContext* context, OfficialLook look,
               std::function<void(absl::Status)> done) {
  Change change;
  for (const SubjectId& subject : look.subjects) change.locks.push_back(subject.bytes());
  change.judge = [context, look = std::move(look)](const Reader& rows, const JudgeContext&) {
    return JudgeLook(*context, look, rows);
  };
  context->journal->Commit(std::move(change),
                           [done = std::move(done)](absl::StatusOr<Committed> committed) {
                             done(committed.ok() ? absl::OkStatus() : committed.status());
                           });
}

}  // namespace naru
