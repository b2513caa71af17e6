#ifndef NARU_CONSENT_EXPIRY_JOB_H_
#define NARU_CONSENT_EXPIRY_JOB_H_

#include <memory>

#include "broker/base/executor.h"
#include "consent/rules_context.h"

namespace naru {

// Runs an ExpirySweep round after round while it lives: a page at a time, limits::kExpiryPause
// between pages and limits::kExpiryRound between rounds, or after a page of which something failed.
// Thread-safe.
class ExpiryJob {
 public:
  // The first page runs at once, on the timer. `context`, all it points to and `timer` must outlive
  // the job, and the journal's callbacks.
  ExpiryJob(const RulesContext* context, Timer* timer);
  // No page begins any more. One that runs ends with the journal.
  ~ExpiryJob();

 private:
  class Loop;
  const std::shared_ptr<Loop> loop_;
};

}  // namespace naru

#endif  // NARU_CONSENT_EXPIRY_JOB_H_
