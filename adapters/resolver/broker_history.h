#ifndef NARU_ADAPTERS_RESOLVER_BROKER_HISTORY_H_
#define NARU_ADAPTERS_RESOLVER_BROKER_HISTORY_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>

#include "adapters/resolver/look_up_recorder.h"
#include "naru/v1/history_service.grpc.pb.h"

namespace naru {

// Enters look-ups through the broker's HistoryService. Thread-safe.
class BrokerHistory final : public LookUpRecorder {
 public:
  explicit BrokerHistory(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::HistoryService::NewStub(channel)) {}

  // Waits at most limits::kLookUpEntry for the broker, and not at all for one that is not there.
  void Record(const v1::RecordLookUpRequest& look_up,
              std::function<void(absl::Status)> done) override;

 private:
  const std::unique_ptr<v1::HistoryService::Stub> stub_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_BROKER_HISTORY_H_
