#ifndef NARU_ADAPTERS_NOTIFY_MESSAGE_GATEWAY_H_
#define NARU_ADAPTERS_NOTIFY_MESSAGE_GATEWAY_H_

#include "absl/status/status.h"
#include "naru/v1/message_service.pb.h"

namespace naru {

// What brings messages to people: the one place where an opaque contact_ref becomes an address. The
// message's cursor is its idempotency key: a message may be handed over again after a crash.
class MessageGateway {
 public:
  virtual ~MessageGateway() = default;

  // OK: the message is in the gateway's durable hands and may be forgotten here. INVALID_ARGUMENT:
  // the gateway will never take it. Anything else: try again later. Blocks. `message` has the form
  // that message_form.h checks.
  virtual absl::Status HandOver(const v1::Message& message) = 0;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_MESSAGE_GATEWAY_H_
