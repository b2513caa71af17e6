#ifndef NARU_BROKER_ADOPT_HEAD_H_
#define NARU_BROKER_ADOPT_HEAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// What was adopted.
struct AdoptedLedger {
  uint64_t entries = 0;
  std::string root_hex;  // RFC 6962 root.
};

// For an operator whose HEAD is lost for good: opens the store without it, checks the ledger as
// every start does, and makes a HEAD that confirms what is there. What the store may have lost
// cannot be noticed any more, so the operator compares size and root with the last published
// checkpoint. Serves nothing; no broker may run on the store.
//
// FAILED_PRECONDITION when HEAD is there or the store is not; DATA_LOSS when the store or its
// ledger is damaged; as Server::Start for keys and directories. Nothing is adopted then.
absl::StatusOr<AdoptedLedger> AdoptWithoutHead(const config::v1::BrokerConfig& config);

}  // namespace naru

#endif  // NARU_BROKER_ADOPT_HEAD_H_
