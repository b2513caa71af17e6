#include "adapters/client/fetched_case.h"

namespace naru::client {

absl::string_view ResultName(DocumentResult result) {
  switch (result) {
    case DocumentResult::kDelivered:
      return "DELIVERED";
    case DocumentResult::kNoRecord:
      return "NO_RECORD";
    case DocumentResult::kDeclined:
      return "DECLINED";
    case DocumentResult::kDeferred:
      return "DEFERRED";
    case DocumentResult::kNotPermitted:
      return "NOT_PERMITTED";
    case DocumentResult::kFailed:
      return "FAILED";
    case DocumentResult::kRepeated:
      return "REPEATED";
    case DocumentResult::kInterrupted:
      return "INTERRUPTED";
    case DocumentResult::kTooLarge:
      return "TOO_LARGE";
    case DocumentResult::kMismatch:
      return "MISMATCH";
  }
  return "UNKNOWN";
}

}  // namespace naru::client
