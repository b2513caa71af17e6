#ifndef NARU_ADAPTERS_RESOLVER_FAKE_HISTORY_H_
#define NARU_ADAPTERS_RESOLVER_FAKE_HISTORY_H_

#include <grpcpp/support/server_callback.h>

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "naru/v1/history_service.grpc.pb.h"

namespace naru {

// The broker's HistoryService as the resolver meets it: keeps what was entered, can hold its
// answers back and can fail. Thread-safe.
class FakeHistory final : public v1::HistoryService::CallbackService {
 public:
  // Answers held back would outlive the server otherwise.
  ~FakeHistory() override { LetGo(); }

  // What comes from now on is entered but not answered until LetGo.
  void HoldBack() ABSL_LOCKS_EXCLUDED(mu_);
  void LetGo() ABSL_LOCKS_EXCLUDED(mu_);
  // What comes from now on ends so, without an entry unless OK.
  void AnswerWith(absl::Status status) ABSL_LOCKS_EXCLUDED(mu_);

  std::vector<v1::RecordLookUpRequest> entries() const ABSL_LOCKS_EXCLUDED(mu_);
  // False when there are not so many in time.
  bool AwaitEntries(size_t count, absl::Duration wait) const ABSL_LOCKS_EXCLUDED(mu_);

  grpc::ServerUnaryReactor* RecordLookUp(grpc::CallbackServerContext* context,
                                         const v1::RecordLookUpRequest* request,
                                         v1::RecordLookUpResponse* response) override
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  std::vector<v1::RecordLookUpRequest> entries_ ABSL_GUARDED_BY(mu_);
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  bool holding_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<grpc::ServerUnaryReactor*> held_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_FAKE_HISTORY_H_
