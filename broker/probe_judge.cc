#include "broker/probe_judge.h"

namespace naru {

bool ProbeJudge::IsDeaf(ProbeResult result, absl::Duration now) {
  switch (result) {
    case ProbeResult::kAnswered:
      last_answer_ = now;
      failures_ = 0;
      return false;
    case ProbeResult::kSlow:
      failures_ = 0;
      break;
    case ProbeResult::kUnheard:
      ++failures_;
      break;
    case ProbeResult::kStarved:
      break;
  }
  return failures_ >= kFailures || now - last_answer_ >= kLongest;
}

}  // namespace naru
