#ifndef NARU_TESTS_SUPPORT_CROSSED_STREAMS_H_
#define NARU_TESTS_SUPPORT_CROSSED_STREAMS_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "broker/holder_stream.h"

namespace naru {

// Stands between a broker's fetches and its holders and does what went wrong in April 2024: when
// told to, it takes the next two documents and gives each the body of the other, chunk for chunk;
// their answers stay as they are. A chunk waits for the other document's; when that one ends
// without, it goes on to its own. Thread-safe.
class CrossedStreams : public HolderStreams {
 public:
  // `holders` must outlive this object and its streams.
  explicit CrossedStreams(HolderStreams* holders) : holders_(holders) {}

  absl::StatusOr<std::shared_ptr<HolderStream>> Open(const std::string& holder) override
      ABSL_LOCKS_EXCLUDED(mu_);

  // Crosses the next two documents that are opened.
  void CrossNextTwo() ABSL_LOCKS_EXCLUDED(mu_);
  // Bodies, or parts of them, that went to the wrong document.
  int crossed() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class Crossing;
  class Stream;
  class Observer;

  HolderStreams* const holders_;
  mutable absl::Mutex mu_;
  int to_cross_ ABSL_GUARDED_BY(mu_) = 0;
  std::shared_ptr<Crossing> crossing_ ABSL_GUARDED_BY(mu_);
  int crossed_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace naru

#endif  // NARU_TESTS_SUPPORT_CROSSED_STREAMS_H_
