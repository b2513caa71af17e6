#ifndef NARU_ADAPTERS_NOTIFY_BACKOFF_H_
#define NARU_ADAPTERS_NOTIFY_BACKOFF_H_

#include "absl/time/time.h"
#include "broker/base/random.h"

namespace naru {

// How long to wait before the next try: twice as long each time, up to a bound, and by chance
// between the half and the whole of it, so that many do not come back at once. Not thread-safe.
class Backoff {
 public:
  // `random` must outlive this object.
  Backoff(Random* random, absl::Duration first, absl::Duration most)
      : random_(random), first_(first), most_(most), next_(first) {}

  absl::Duration Next();
  // Something went well.
  void Reset() { next_ = first_; }

 private:
  Random* const random_;
  const absl::Duration first_;
  const absl::Duration most_;
  absl::Duration next_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_BACKOFF_H_
