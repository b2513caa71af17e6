#ifndef NARU_CONSENT_EVIDENCED_CALL_H_
#define NARU_CONSENT_EVIDENCED_CALL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/assertion_evidence.h"
#include "consent/consent_call.h"
#include "consent/rules_context.h"
#include "naru/v1/consent_service.pb.h"

// A change that only the citizen makes (P9): on an assertion for this very change, in one commit;
// or on a code, in two: the try is entered and durable before it is compared, and the comparison
// counts only for the code that the try was entered for.
namespace naru {

// Which consent, and on what evidence.
struct EvidencedTarget {
  // nullopt when the link is not one of ours.
  std::optional<ConsentId> consent;
  bool by_link = false;
  // Exactly one of the two.
  std::shared_ptr<const AssertionEvidence> assertion;
  std::string code;
};
// `token` or `consent_id` is empty. FieldMissing, FieldMalformed; FieldsContradict for a code
// without link.
absl::StatusOr<EvidencedTarget> FindTarget(const RulesContext* context, const std::string& token,
                                           const std::string& consent_id,
                                           const v1::Evidence& evidence);

// What the change makes of the consent.
struct EvidencedChange {
  v1::EntryKind kind = v1::ENTRY_KIND_UNSPECIFIED;
  // For the person's contact.
  std::optional<storage::v1::OutboxMessage> message;
};

struct EvidencedCall {
  Caller caller;
  RequestIdentity request;
  EvidencedTarget target;
  // What the evidence must be for: the code's purpose, the assertion's action.
  v1::CodePurpose purpose = v1::CODE_PURPOSE_UNSPECIFIED;
  std::string action;

  // Why the consent cannot be changed so now, whatever the evidence says; a status for a call that
  // does not fit the consent.
  std::function<absl::StatusOr<std::optional<v1::Refusal>>(const ConsentMoment& moment,
                                                           const StoredConsent& consent)>
      refuse;
  // The decisions that an assertion must be bound to; asked when `refuse` found nothing.
  std::function<std::vector<v1::PaperDecision>(const StoredConsent& consent)> bound;
  // Makes the change in the row.
  std::function<EvidencedChange(const ConsentMoment& moment, v1::EvidenceKind evidence,
                                StoredConsent& consent)>
      apply;
};

// `context` must outlive the call.
void RunEvidencedCall(const RulesContext* context, EvidencedCall call, ConsentDone done);

}  // namespace naru

#endif  // NARU_CONSENT_EVIDENCED_CALL_H_
