#ifndef NARU_ADAPTERS_NOTIFY_FAKE_MESSAGE_SERVICE_H_
#define NARU_ADAPTERS_NOTIFY_FAKE_MESSAGE_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "naru/v1/message_service.grpc.pb.h"

namespace naru {

// A message with a good form that does not expire while a test runs.
v1::Message TestMessage(uint64_t cursor, absl::string_view text = "나루: 확인 번호 123456");

// The broker's MessageService as the notifier meets it: an outbox in memory, sent from a cursor on,
// at most `ahead` messages before their acknowledgement, deleted by it. Thread-safe.
class FakeMessageService final : public v1::MessageService::Service {
 public:
  struct Hooks {
    // Before and after a message is deleted; called without lock.
    std::function<void(uint64_t cursor)> before_delete = [](uint64_t) {};
    std::function<void(uint64_t cursor)> after_delete = [](uint64_t) {};
  };
  enum class Acknowledgements { kTaken, kRefused, kTakenButAnswerLost };

  explicit FakeMessageService(size_t ahead) : ahead_(ahead) {}
  ~FakeMessageService() override = default;

  // Before the server starts.
  void SetHooks(Hooks hooks) { hooks_ = std::move(hooks); }
  void Add(v1::Message message) ABSL_LOCKS_EXCLUDED(mu_);
  void Acknowledge(Acknowledgements how) ABSL_LOCKS_EXCLUDED(mu_);
  // From now on a heartbeat goes whenever there is nothing else to send.
  void SendHeartbeats() ABSL_LOCKS_EXCLUDED(mu_);
  // Ends the calls under way as UNAVAILABLE; new ones are served.
  void EndCalls() ABSL_LOCKS_EXCLUDED(mu_);

  std::set<uint64_t> acknowledged() const ABSL_LOCKS_EXCLUDED(mu_);
  size_t left() const ABSL_LOCKS_EXCLUDED(mu_);
  // The cursors that calls began with, in order.
  std::vector<uint64_t> starts() const ABSL_LOCKS_EXCLUDED(mu_);
  // Cursors of the largest acknowledgement.
  size_t largest() const ABSL_LOCKS_EXCLUDED(mu_);
  // False when it does not come to that in time.
  bool AwaitAcknowledged(size_t count, absl::Duration wait) const ABSL_LOCKS_EXCLUDED(mu_);
  bool AwaitStarts(size_t count, absl::Duration wait) const ABSL_LOCKS_EXCLUDED(mu_);

  grpc::Status FollowMessages(grpc::ServerContext* context,
                              const v1::FollowMessagesRequest* request,
                              grpc::ServerWriter<v1::FollowMessagesResponse>* writer) override
      ABSL_LOCKS_EXCLUDED(mu_);
  grpc::Status AcknowledgeMessages(grpc::ServerContext* context,
                                   const v1::AcknowledgeMessagesRequest* request,
                                   v1::AcknowledgeMessagesResponse* response) override
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const size_t ahead_;
  Hooks hooks_;
  mutable absl::Mutex mu_;
  std::map<uint64_t, v1::Message> outbox_ ABSL_GUARDED_BY(mu_);
  std::set<uint64_t> acknowledged_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> starts_ ABSL_GUARDED_BY(mu_);
  size_t largest_ ABSL_GUARDED_BY(mu_) = 0;
  Acknowledgements how_ ABSL_GUARDED_BY(mu_) = Acknowledgements::kTaken;
  bool heartbeats_ ABSL_GUARDED_BY(mu_) = false;
  int epoch_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_FAKE_MESSAGE_SERVICE_H_
