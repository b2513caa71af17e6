#ifndef NARU_BROKER_PROBE_JUDGE_H_
#define NARU_BROKER_PROBE_JUDGE_H_

#include "absl/time/time.h"

namespace naru {

// What came of one probe of the own listener.
enum class ProbeResult {
  kAnswered,
  // The handshake was done, so the connection was accepted, but the answer is late.
  kSlow,
  // Nobody shook hands: connections are refused, or, as with a deaf listener, the kernel alone
  // takes them.
  kUnheard,
  // The same, but the probe itself ran late by more than kLag: the whole process waits
  // for the machine, and this says nothing about the listener.
  kStarved,
};

// Tells a deaf listener from a slow one. Not thread-safe.
class ProbeJudge {
 public:
  // So many unheard probes in a row are a deaf listener.
  static constexpr int kFailures = 3;
  // And so long without one answer, whatever the reason: a bound for a process that is slow for
  // good, too.
  static constexpr absl::Duration kLongest = absl::Minutes(1);
  static constexpr absl::Duration kLag = absl::Milliseconds(500);

  // `now` is monotonic, here and below.
  explicit ProbeJudge(absl::Duration now) : last_answer_(now) {}

  // Takes the next result. True: the listener is deaf.
  bool IsDeaf(ProbeResult result, absl::Duration now);

 private:
  int failures_ = 0;
  absl::Duration last_answer_;
};

}  // namespace naru

#endif  // NARU_BROKER_PROBE_JUDGE_H_
