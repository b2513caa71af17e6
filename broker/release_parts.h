#ifndef NARU_BROKER_RELEASE_PARTS_H_
#define NARU_BROKER_RELEASE_PARTS_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/base/limits.h"
#include "broker/holder_stream.h"
#include "broker/proof/crypto.h"
#include "broker/proof/key_ring.h"
#include "broker/release_record.h"
#include "consent/consent_events.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/error_reason.pb.h"

namespace naru {

// What all fetches share. Plain pointers; the broker owns everything, and it outlives every fetch.
struct ReleaseParts {
  Clock* clock = nullptr;
  Timer* timer = nullptr;
  Executor* executor = nullptr;
  ReleaseRecord* record = nullptr;
  HolderStreams* holders = nullptr;
  ConsentEvents* events = nullptr;
  // Holders' keys.
  const KeyRing* keys = nullptr;
  const crypto::SigningKey* receipt_key = nullptr;

  // What an operator may set.
  absl::Duration holder_answer = limits::kHolderAnswer;
  absl::Duration body_idle = limits::kBodyIdle;

  // For metrics; each may be empty. Called on the executor.
  std::function<void(const std::string& holder, v1::Outcome outcome, v1::RefusalReason reason,
                     absl::Duration took)>
      document_done;
  std::function<void(const std::string& holder, size_t bytes)> document_bytes;
  std::function<void(const std::string& holder, v1::RefusalReason reason)> quarantined;
};

}  // namespace naru

#endif  // NARU_BROKER_RELEASE_PARTS_H_
