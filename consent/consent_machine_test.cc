#include "consent/consent_machine.h"

#include <gtest/gtest.h>

#include <string>

namespace naru {
namespace {

constexpr v1::ConsentState kNone = v1::CONSENT_STATE_UNSPECIFIED;
constexpr v1::ConsentState kPending = v1::CONSENT_STATE_PENDING;
constexpr v1::ConsentState kGranted = v1::CONSENT_STATE_GRANTED;
constexpr v1::ConsentState kDenied = v1::CONSENT_STATE_DENIED;
constexpr v1::ConsentState kExpired = v1::CONSENT_STATE_EXPIRED;
constexpr v1::ConsentState kCancelled = v1::CONSENT_STATE_CANCELLED;
constexpr v1::ConsentState kSuspended = v1::CONSENT_STATE_SUSPENDED;
constexpr v1::ConsentState kExhausted = v1::CONSENT_STATE_EXHAUSTED;
constexpr v1::ConsentState kWithdrawn = v1::CONSENT_STATE_WITHDRAWN;
constexpr auto kNo = std::nullopt;

// Every state and every event, written down anew: a change of the table must be made twice.
TEST(ConsentMachineTest, P2_EveryStateUnderEveryEvent) {
  struct Line {
    v1::ConsentState state;
    std::optional<v1::ConsentState> next[kConsentEvents];
  };
  // In the order of ConsentEvent: open, grant, deny, expire, cancel, suspend, resume, use,
  // use last, withdraw some, withdraw.
  const Line lines[] = {
      {kNone, {kPending, kGranted, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
      {kPending, {kNo, kGranted, kDenied, kExpired, kCancelled, kNo, kNo, kNo, kNo, kNo, kNo}},
      {kGranted,
       {kNo, kNo, kNo, kExpired, kNo, kSuspended, kNo, kGranted, kExhausted, kGranted, kWithdrawn}},
      {kDenied, {kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
      {kExpired, {kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
      {kCancelled, {kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
      {kSuspended, {kNo, kNo, kNo, kExpired, kNo, kNo, kGranted, kNo, kNo, kSuspended, kWithdrawn}},
      {kExhausted, {kNo, kNo, kNo, kExpired, kNo, kNo, kNo, kNo, kNo, kExhausted, kWithdrawn}},
      {kWithdrawn, {kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
  };
  static_assert(std::size(lines) == v1::ConsentState_ARRAYSIZE);
  for (const Line& line : lines) {
    for (int event = 0; event < kConsentEvents; ++event) {
      EXPECT_EQ(Next(line.state, static_cast<ConsentEvent>(event)), line.next[event])
          << StateName(line.state) << " under event " << event;
    }
  }
}

TEST(ConsentMachineTest, NothingLeadsOutOfAFinalState) {
  for (const v1::ConsentState state : {kDenied, kExpired, kCancelled, kWithdrawn}) {
    EXPECT_TRUE(IsFinal(state)) << StateName(state);
  }
  for (const v1::ConsentState state : {kNone, kPending, kGranted, kSuspended, kExhausted}) {
    EXPECT_FALSE(IsFinal(state)) << StateName(state);
  }
}

TEST(ConsentMachineTest, ExpiryIsTrueWithoutASweepAndOnlyWhereTheTableHasIt) {
  storage::v1::ConsentRow consent;
  consent.set_decide_until_us(1000);
  consent.set_valid_until_us(2000);
  storage::v1::CheckRow check;
  for (int i = v1::ConsentState_MIN + 1; i <= v1::ConsentState_MAX; ++i) {
    const auto state = static_cast<v1::ConsentState>(i);
    const int64_t end = state == kPending ? 1000 : 2000;
    const bool expires = Next(state, ConsentEvent::kExpire).has_value();
    consent.set_state(state);
    check.set_state(state);
    check.set_valid_until_us(static_cast<uint64_t>(end));
    EXPECT_EQ(EffectiveState(consent, absl::FromUnixMicros(end - 1)), state);
    EXPECT_EQ(EffectiveState(check, absl::FromUnixMicros(end - 1)), state);
    EXPECT_EQ(EffectiveState(consent, absl::FromUnixMicros(end)), expires ? kExpired : state);
    EXPECT_EQ(EffectiveState(check, absl::FromUnixMicros(end)), expires ? kExpired : state);
  }
}

}  // namespace
}  // namespace naru
