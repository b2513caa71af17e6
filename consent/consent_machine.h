#ifndef NARU_CONSENT_CONSENT_MACHINE_H_
#define NARU_CONSENT_CONSENT_MACHINE_H_

#include <optional>

#include "absl/time/time.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/common.pb.h"

// The states of a consent and every move between them: the one table that all changes go by. Pure
// functions.
namespace naru {

// What can happen to a consent.
enum class ConsentEvent {
  kOpen,          // A requester asks.
  kGrant,         // The citizen agrees to at least one paper, asked or beforehand.
  kDeny,          // The citizen agrees to none.
  kExpire,        // Its time passes.
  kCancel,        // The requester takes the request back.
  kSuspend,       // The citizen stops it for a while.
  kResume,        // The citizen lets it go on.
  kUse,           // A fetch takes a use, and some are left.
  kUseLast,       // A fetch takes the last use.
  kWithdrawSome,  // The citizen withdraws papers, and some are left.
  kWithdraw,      // The citizen withdraws the last paper, or all.
};
inline constexpr int kConsentEvents = 11;

// The state after the event; nullopt when the state does not allow it. A consent that is not there
// yet has CONSENT_STATE_UNSPECIFIED.
std::optional<v1::ConsentState> Next(v1::ConsentState state, ConsentEvent event);

// True for states that nothing leads out of.
bool IsFinal(v1::ConsentState state);

// The state at `now`: expiry is true without a sweep. A consent counts while now < its end.
v1::ConsentState EffectiveState(const storage::v1::ConsentRow& consent, absl::Time now);
v1::ConsentState EffectiveState(const storage::v1::CheckRow& check, absl::Time now);

// "GRANTED", for facts of a refusal.
const char* StateName(v1::ConsentState state);

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_MACHINE_H_
