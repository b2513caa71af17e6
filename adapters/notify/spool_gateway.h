#ifndef NARU_ADAPTERS_NOTIFY_SPOOL_GATEWAY_H_
#define NARU_ADAPTERS_NOTIFY_SPOOL_GATEWAY_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/notify/message_gateway.h"

namespace naru {

// A folder as the gateway: one file a message (MessageFileName), mode 0600, with the text and
// nothing else, whole or not there at all. Whoever delivers takes files out of it. A message handed
// over twice is one file. Not thread-safe.
class SpoolGateway final : public MessageGateway {
 public:
  // Makes the folder if it is not there and removes what a crash left half-written in it.
  // FAILED_PRECONDITION when another process has the folder open; errors of the file system name
  // the path.
  static absl::StatusOr<std::unique_ptr<SpoolGateway>> Open(const std::string& directory);
  ~SpoolGateway() override;

  SpoolGateway(const SpoolGateway&) = delete;
  SpoolGateway& operator=(const SpoolGateway&) = delete;

  absl::Status HandOver(const v1::Message& message) override;

 private:
  SpoolGateway(std::string directory, int lock) : directory_(std::move(directory)), lock_(lock) {}

  const std::string directory_;
  const int lock_;  // The folder, locked for this process.
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_SPOOL_GATEWAY_H_
