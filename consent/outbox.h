#ifndef NARU_CONSENT_OUTBOX_H_
#define NARU_CONSENT_OUTBOX_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/caller.h"
#include "consent/rules_context.h"
#include "naru/v1/message_service.pb.h"

namespace naru {

// The outbox as the notifier sees it: what waits for a person's contact, each message with the
// index of the entry that caused it. A message stays until it is acknowledged or its time is over.
// Thread-safe.
class Outbox {
 public:
  // `context` and all it points to must outlive the outbox.
  explicit Outbox(const RulesContext* context);

  // Messages with index > cursor (0: from the beginning), in ledger order, at most `limit`; expired
  // ones are passed over (and deleted soon after), as are those of a person who was erased. One
  // that does not open is logged by its index and passed over: it must not hold up everybody's.
  // Reads rows: not on a gRPC thread.
  absl::StatusOr<std::vector<v1::Message>> Next(uint64_t cursor, int limit) const;
  // Deletes handed-over messages and enters it (MESSAGE_HANDED_OVER), once a message; cursors that
  // name none do not count. Reads rows: not on a gRPC thread. `done` runs on the journal's
  // executor, once.
  void Acknowledge(const Caller& caller, const v1::AcknowledgeMessagesRequest& request,
                   std::function<void(absl::StatusOr<v1::AcknowledgeMessagesResponse>)> done);

 private:
  const RulesContext* const context_;
};

}  // namespace naru

#endif  // NARU_CONSENT_OUTBOX_H_
