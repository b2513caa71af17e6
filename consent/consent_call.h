#ifndef NARU_CONSENT_CONSENT_CALL_H_
#define NARU_CONSENT_CONSENT_CALL_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/base/ids.h"
#include "consent/caller.h"
#include "consent/change.h"
#include "consent/consent_rows.h"
#include "consent/requests.h"
#include "consent/rules_context.h"
#include "naru/v1/error_reason.pb.h"
#include "naru/v1/ledger_entry.pb.h"

// How a changing call about a consent goes from request to answer: repeats (P7), the person's lock
// (P2), the refusal that is entered (P8), and who is told. What the call means is its rule.
namespace naru {

// What a call that stands left, now or the first time.
struct ConsentAnswer {
  v1::OuterEntry entry;
  uint64_t index = 0;
  StoredConsent consent;
  // The call is a repeat: the entry is the one it caused the first time.
  bool repeated = false;
};
using ConsentResult = std::variant<ConsentAnswer, v1::Refusal>;
using ConsentDone = std::function<void(absl::StatusOr<ConsentResult>)>;

// The consent at the moment of judgement.
struct ConsentMoment {
  const Reader& rows;
  absl::Time now;
  // Index of the call's first entry.
  uint64_t next_index;
  // Expiry included.
  v1::ConsentState state;
};

// A changing call about one consent.
struct ConsentCall {
  Caller caller;
  RequestIdentity request;
  // nullopt when the link is not one of ours.
  std::optional<ConsentId> consent;
  // Beside the person's and the request's.
  std::vector<std::string> locks;
  // Official, terminal and case of the caller; kept in the entry's details.
  v1::CaseContext case_context;
  // False for a step before the answer: a repeat then makes it again.
  bool remember = true;
  // Whether those who follow the consent are told (P2).
  bool tell = true;

  // The answer when there is no such consent; judged in its place.
  std::function<absl::StatusOr<v1::Refusal>(const Reader& rows, absl::Time now)> unknown;
  // Judges the call: a refusal, which is entered; or nothing, and then the row as changed, and the
  // verdict's entries, the call's own first, and what it writes beside the consent's rows. A status
  // leaves nothing behind.
  std::function<absl::StatusOr<std::optional<v1::Refusal>>(
      const ConsentMoment& moment, StoredConsent& consent, Verdict& verdict)>
      rule;
};

// Reads one row to find whom to lock, then commits; `done` runs once, after those who follow the
// consent were told. `context` must outlive the call.
void RunConsentCall(const RulesContext* context, ConsentCall call, ConsentDone done);

// An entry about the consent as it is in `consent`.
EntryDraft DraftConsentEntry(v1::EntryKind kind, const StoredConsent& consent, const Caller& caller,
                             const storage::v1::Details& details);
// A REFUSED entry; `consent` is nullptr when there is none the entry could be about.
EntryDraft DraftRefused(const StoredConsent* consent, v1::ConsentState state, const Caller& caller,
                        const v1::CaseContext& case_context, v1::RefusalReason reason);
// The entry at that index, as it is durable.
absl::StatusOr<v1::OuterEntry> ReadOuterEntry(const RulesContext& context, uint64_t index);

// A refusal of a move that the state does not allow.
v1::Refusal StateConflict(v1::ConsentState state);

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_CALL_H_
