#ifndef NARU_CONSENT_EXPIRY_SWEEP_H_
#define NARU_CONSENT_EXPIRY_SWEEP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/rules_context.h"
#include "consent/store/store.h"

namespace naru {

// Enters what time has done: a consent past its end gets the state EXPIRED, its entry
// CONSENT_EXPIRED, and those who follow it are told. No rule waits for it: expiry is true without a
// sweep (EffectiveState), so a sweep that is late, or never runs, changes no answer.
//
// It goes round the shards, a page at a time. Each consent is a change of its own, judged under its
// person's lock and by the group's time: one that was decided, withdrawn or cancelled meanwhile is
// left as it is. One page at a time; otherwise thread-safe.
class ExpirySweep {
 public:
  struct Page {
    int entered = 0;
    // Could not be entered (a damaged row, a full disk); the next round tries again.
    int failed = 0;
    // The page was full and the round goes on: call again. False: every shard was looked at.
    bool more = false;
  };

  // `context` and all it points to must outlive the sweep and its pages.
  explicit ExpirySweep(const RulesContext* context) : context_(context) {}

  // Enters at most limits::kExpiriesAtOnce ends. Reads rows, so it belongs on an executor. `done`
  // runs once, when all of them are durable, on the journal's executor, or inside the call when
  // there is nothing to enter; a status when the rows could not be read.
  void RunPage(std::function<void(absl::StatusOr<Page>)> done);

 private:
  // Takes the next ends that are past; sets `more`.
  absl::StatusOr<std::vector<Row>> TakeEnds(bool* more);

  const RulesContext* const context_;
  // Where the round stands: the shard, and the last key looked at in it, so that an end that cannot
  // be entered never holds up those behind it.
  uint16_t shard_ = 0;
  std::string last_key_;
};

}  // namespace naru

#endif  // NARU_CONSENT_EXPIRY_SWEEP_H_
