#ifndef NARU_ADAPTERS_RESOLVER_LOOK_UP_RECORDER_H_
#define NARU_ADAPTERS_RESOLVER_LOOK_UP_RECORDER_H_

#include <functional>

#include "absl/status/status.h"
#include "naru/v1/history_service.pb.h"

namespace naru {

// Where look-ups of persons are entered. Thread-safe.
class LookUpRecorder {
 public:
  virtual ~LookUpRecorder() = default;

  // Never blocks. `done` is called once, perhaps before Record returns. OK: the entry is durable,
  // and only then may the look-up be answered. UNAVAILABLE (DEPENDENCY_UNAVAILABLE) when nobody
  // can say; REQUEST_ID_REUSED or REQUEST_ID_EXPIRED when the asker has to change its request.
  virtual void Record(const v1::RecordLookUpRequest& look_up,
                      std::function<void(absl::Status)> done) = 0;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_LOOK_UP_RECORDER_H_
