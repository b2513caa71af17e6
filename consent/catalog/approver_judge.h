#ifndef NARU_CONSENT_CATALOG_APPROVER_JUDGE_H_
#define NARU_CONSENT_CATALOG_APPROVER_JUDGE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/caller.h"
#include "consent/catalog/catalogue.h"
#include "consent/change.h"
#include "consent/requests.h"
#include "consent/store/store.h"
#include "naru/v1/catalogue_service.pb.h"

namespace naru {

// One call to suspend an approval or to lift the suspension.
struct ApproverCall {
  Caller caller;
  RequestIdentity identity;
  std::string approval_id;
  std::string official;
  // Keyed hash of agency and official, 32 bytes.
  std::string official_hash;
  // Seals the official's name in the entry.
  std::string details_key;
  // Ground of law; for suspending.
  std::string ground;
};

// Judges one such call under the lock of the policy, which every group takes. Used once, by one
// thread; what it is made with must outlive it.
class ApproverJudge {
 public:
  // `catalogue` is the one in force: the journal judges by no other.
  ApproverJudge(const ApproverCall& call, const Reader& rows, const JudgeContext& context,
                std::shared_ptr<const Catalogue> catalogue)
      : call_(call), rows_(rows), context_(context), catalogue_(std::move(catalogue)) {}

  struct Judged {
    Verdict verdict;
    // Set for a no; else the state.
    std::optional<v1::Refusal> refusal;
    v1::ApprovalState state;
  };
  // NotFound when the catalogue has no such approval. A judged no is an entry too; it is not
  // remembered, so a repeat is judged anew (P7).
  absl::StatusOr<Judged> Suspend();
  absl::StatusOr<Judged> Lift();

 private:
  // True when the call is a repeat, and judged_ the answer made again from the entry it caused.
  absl::StatusOr<bool> AnswerRepeat();
  void WriteApproval(std::optional<std::string> value);
  EntryDraft& AddEntry(v1::EntryKind kind);
  void Refuse(v1::EntryKind kind, v1::RefusalReason reason);
  // Raises the generation and remembers the request.
  absl::Status ChangePolicy(v1::EntryKind kind);

  const ApproverCall& call_;
  const Reader& rows_;
  const JudgeContext& context_;
  const std::shared_ptr<const Catalogue> catalogue_;
  Judged judged_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_APPROVER_JUDGE_H_
