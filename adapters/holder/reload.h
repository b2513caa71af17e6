#ifndef NARU_ADAPTERS_HOLDER_RELOAD_H_
#define NARU_ADAPTERS_HOLDER_RELOAD_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "adapters/holder/answer_source.h"
#include "adapters/holder/holder_config.h"
#include "adapters/holder/holder_metrics.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/base/random.h"

namespace naru {

// What answers are made with, and who counts them; everything outlives what is made with it.
struct AnswerTools {
  Clock* clock = nullptr;
  Random* random = nullptr;
  HolderMetrics* metrics = nullptr;
};

// Opens the registers and reads the signing key of a checked configuration. Errors name file and
// line, or the key's file.
absl::StatusOr<std::shared_ptr<const AnswerMaker>> OpenAnswers(const HolderConfigFile& file,
                                                               const AnswerTools& tools);

// Takes a changed configuration or signing key while documents are under way: new documents are
// made with the new, those that have begun with what they began with. Changes of registers,
// resolver, agency_name and signing_key are taken; of anything else refused, as that needs a
// restart (TLS files are watched by gRPC itself). What is refused is logged with file and line, and
// everything stays as it was. As many documents are read at once as when the program began.
// Thread-safe.
class Reload {
 public:
  // `file` is what `source` was opened from. All but `file` outlive this.
  Reload(HolderConfigFile file, AnswerSource* source, const AnswerTools& tools, Timer* timer);
  // Nothing is looked at any more once this has begun; waits for what is under way.
  ~Reload();

  // Looks at configuration and key, and takes them, also when they are what they were: whatever
  // else they name may have changed. The error is why nothing was taken.
  absl::Status Now() ABSL_LOCKS_EXCLUDED(mu_);

  // From now on looks every kHolderReload, on the timer's threads, and takes what changed.
  void Watch() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Look() ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Digest of the bytes of configuration and key; empty when one cannot be read.
  std::string Fingerprint() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  AnswerSource* const source_;
  const AnswerTools tools_;
  Timer* const timer_;

  absl::Mutex mu_;
  HolderConfigFile file_ ABSL_GUARDED_BY(mu_);
  std::string seen_ ABSL_GUARDED_BY(mu_);  // Taken or refused.
  Timer::Token token_ ABSL_GUARDED_BY(mu_) = 0;
  bool ends_ ABSL_GUARDED_BY(mu_) = false;
  int looking_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_RELOAD_H_
