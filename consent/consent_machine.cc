#include "consent/consent_machine.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace naru {
namespace {

struct Move {
  v1::ConsentState from;
  ConsentEvent event;
  v1::ConsentState to;
};

constexpr v1::ConsentState kNone = v1::CONSENT_STATE_UNSPECIFIED;
constexpr v1::ConsentState kPending = v1::CONSENT_STATE_PENDING;
constexpr v1::ConsentState kGranted = v1::CONSENT_STATE_GRANTED;
constexpr v1::ConsentState kDenied = v1::CONSENT_STATE_DENIED;
constexpr v1::ConsentState kExpired = v1::CONSENT_STATE_EXPIRED;
constexpr v1::ConsentState kCancelled = v1::CONSENT_STATE_CANCELLED;
constexpr v1::ConsentState kSuspended = v1::CONSENT_STATE_SUSPENDED;
constexpr v1::ConsentState kExhausted = v1::CONSENT_STATE_EXHAUSTED;
constexpr v1::ConsentState kWithdrawn = v1::CONSENT_STATE_WITHDRAWN;

constexpr Move kMoves[] = {
    {kNone, ConsentEvent::kOpen, kPending},
    {kNone, ConsentEvent::kGrant, kGranted},  // Beforehand.

    {kPending, ConsentEvent::kGrant, kGranted},
    {kPending, ConsentEvent::kDeny, kDenied},
    {kPending, ConsentEvent::kExpire, kExpired},
    {kPending, ConsentEvent::kCancel, kCancelled},

    {kGranted, ConsentEvent::kSuspend, kSuspended},
    {kGranted, ConsentEvent::kUse, kGranted},
    {kGranted, ConsentEvent::kUseLast, kExhausted},
    {kGranted, ConsentEvent::kWithdrawSome, kGranted},
    {kGranted, ConsentEvent::kWithdraw, kWithdrawn},
    {kGranted, ConsentEvent::kExpire, kExpired},

    {kSuspended, ConsentEvent::kResume, kGranted},
    {kSuspended, ConsentEvent::kWithdrawSome, kSuspended},
    {kSuspended, ConsentEvent::kWithdraw, kWithdrawn},
    {kSuspended, ConsentEvent::kExpire, kExpired},

    {kExhausted, ConsentEvent::kWithdrawSome, kExhausted},
    {kExhausted, ConsentEvent::kWithdraw, kWithdrawn},
    {kExhausted, ConsentEvent::kExpire, kExpired},
};

// Its stored state, unless its end has come.
v1::ConsentState At(v1::ConsentState state, int64_t end_us, absl::Time now) {
  if (!Next(state, ConsentEvent::kExpire).has_value()) return state;
  return absl::ToUnixMicros(now) < end_us ? state : kExpired;
}

}  // namespace

std::optional<v1::ConsentState> Next(v1::ConsentState state, ConsentEvent event) {
  for (const Move& move : kMoves) {
    if (move.from == state && move.event == event) return move.to;
  }
  return std::nullopt;
}

bool IsFinal(v1::ConsentState state) {
  return std::none_of(std::begin(kMoves), std::end(kMoves),
                      [state](const Move& move) { return move.from == state; });
}

v1::ConsentState EffectiveState(const storage::v1::ConsentRow& consent, absl::Time now) {
  const int64_t end =
      consent.state() == kPending ? consent.decide_until_us() : consent.valid_until_us();
  return At(consent.state(), end, now);
}

v1::ConsentState EffectiveState(const storage::v1::CheckRow& check, absl::Time now) {
  return At(check.state(), static_cast<int64_t>(check.valid_until_us()), now);
}

const char* StateName(v1::ConsentState state) {
  switch (state) {
    case kPending:
      return "PENDING";
    case kGranted:
      return "GRANTED";
    case kDenied:
      return "DENIED";
    case kExpired:
      return "EXPIRED";
    case kCancelled:
      return "CANCELLED";
    case kSuspended:
      return "SUSPENDED";
    case kExhausted:
      return "EXHAUSTED";
    case kWithdrawn:
      return "WITHDRAWN";
    default:
      return "UNKNOWN";
  }
}

}  // namespace naru
