#include "broker/call_frame.h"

#include <glog/logging.h>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"

namespace naru {

absl::Status CallFrame::Limit(const Caller& caller, const std::string& official) const {
  const absl::Duration wait = options_.callers->TryTake(caller.text(), options_.limit_of(caller));
  if (wait > absl::ZeroDuration()) return QuotaExceeded("caller", wait);
  if (official.empty()) return absl::OkStatus();
  const absl::Duration official_wait =
      options_.officials->TryTake(options_.official_hash(caller, official));
  if (official_wait > absl::ZeroDuration()) return QuotaExceeded("official", official_wait);
  return absl::OkStatus();
}

bool CallFrame::Enter() {
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) < limits::kCallsInFlight) return true;
  Leave();
  return false;
}

void CallFrame::Leave() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }

void CallFrame::Finish(absl::string_view rpc, absl::Duration start,
                       const absl::Status& status) const {
  options_.metrics->RpcDone(rpc, status, options_.clock->Monotonic() - start);
  // Bad calls are the caller's business; a fault is ours. The text of a fault comes from errors.h
  // or from a library and never from a request.
  if (status.code() == absl::StatusCode::kInternal ||
      status.code() == absl::StatusCode::kDataLoss || status.code() == absl::StatusCode::kUnknown) {
    LOG(ERROR) << rpc << ": " << status.message();
  }
}

}  // namespace naru
