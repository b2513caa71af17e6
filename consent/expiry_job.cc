#include "consent/expiry_job.h"

#include <glog/logging.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/limits.h"
#include "consent/expiry_sweep.h"

namespace naru {

class ExpiryJob::Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(const RulesContext* context, Timer* timer) : sweep_(context), timer_(timer) {}

  void Arm(absl::Duration wait) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (stopped_) return;
    next_ = timer_->After(wait, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->RunPage();
    });
  }

  void Stop() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    stopped_ = true;
    timer_->Cancel(next_);
  }

 private:
  void RunPage() {
    sweep_.RunPage([self = shared_from_this()](const absl::StatusOr<ExpirySweep::Page>& page) {
      if (!page.ok()) LOG(ERROR) << "ends of consents were not read: " << page.status().message();
      const bool goes_on = page.ok() && page->more && page->failed == 0;
      self->Arm(goes_on ? limits::kExpiryPause : limits::kExpiryRound);
    });
  }

  ExpirySweep sweep_;  // The one page that runs uses it.
  Timer* const timer_;
  absl::Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  Timer::Token next_ ABSL_GUARDED_BY(mu_) = 0;
};

ExpiryJob::ExpiryJob(const RulesContext* context, Timer* timer)
    : loop_(std::make_shared<Loop>(context, timer)) {
  loop_->Arm(absl::ZeroDuration());
}

ExpiryJob::~ExpiryJob() { loop_->Stop(); }

}  // namespace naru
