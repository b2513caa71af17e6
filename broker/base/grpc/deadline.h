#ifndef NARU_BROKER_BASE_GRPC_DEADLINE_H_
#define NARU_BROKER_BASE_GRPC_DEADLINE_H_

#include <grpc/support/time.h>

#include "absl/time/time.h"

namespace naru {

// A deadline for ClientContext::set_deadline, by the monotonic clock: a wrong wall clock does not
// move it.
inline gpr_timespec DeadlineAfter(absl::Duration wait) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_micros(absl::ToInt64Microseconds(wait), GPR_TIMESPAN));
}

}  // namespace naru

#endif  // NARU_BROKER_BASE_GRPC_DEADLINE_H_
