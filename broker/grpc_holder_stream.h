#ifndef NARU_BROKER_GRPC_HOLDER_STREAM_H_
#define NARU_BROKER_GRPC_HOLDER_STREAM_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "broker/holder_stream.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"
#include "naru/holder/v1/holder_service.pb.h"

namespace naru {

// A holder's place that one stream takes, and what is learnt of the holder by it. Thread-safe.
class HolderPlace {
 public:
  // Gives the place back.
  virtual ~HolderPlace() = default;
  // The holder said something, be it that it has no room.
  virtual void Reached() = 0;
  // Nothing was heard of it before the call ended with `status`.
  virtual void NothingHeard(const absl::Status& status) = 0;
};

// A stream over gRPC: one read and one write under way. Steps are begun outside gRPC's reactions,
// so it holds the call until the holder has ended it or Cancel gives it up. Keeps itself alive from
// Start until gRPC is done. Thread-safe.
class GrpcHolderStream : public HolderStream,
                         public std::enable_shared_from_this<GrpcHolderStream>,
                         private grpc::ClientBidiReactor<holder::v1::ProvideDocumentRequest,
                                                         holder::v1::ProvideDocumentResponse> {
 public:
  GrpcHolderStream(std::shared_ptr<holder::v1::HolderService::StubInterface> stub,
                   std::unique_ptr<HolderPlace> place)
      : stub_(std::move(stub)), place_(std::move(place)) {}

  void Start(const holder::v1::DocumentRequest& request,
             std::shared_ptr<Observer> observer) override ABSL_LOCKS_EXCLUDED(mu_);
  void Proceed(const v1::LedgerProof& proof) override ABSL_LOCKS_EXCLUDED(mu_);
  void ReadNext() override ABSL_LOCKS_EXCLUDED(mu_);
  void Cancel() override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone(const grpc::Status& status) override ABSL_LOCKS_EXCLUDED(mu_);

  // No step begins any more; gRPC may be done with the call.
  void LetGo() ABSL_LOCKS_EXCLUDED(mu_);

  const std::shared_ptr<holder::v1::HolderService::StubInterface> stub_;
  grpc::ClientContext context_;
  // The read under way; of OnReadDone when none is.
  holder::v1::ProvideDocumentResponse incoming_;

  absl::Mutex mu_;
  std::unique_ptr<HolderPlace> place_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<Observer> observer_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<GrpcHolderStream> self_ ABSL_GUARDED_BY(mu_);
  // The write under way.
  holder::v1::ProvideDocumentRequest outgoing_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  // A proceed that waits until the request is written.
  std::optional<v1::LedgerProof> proceed_ ABSL_GUARDED_BY(mu_);
  bool answered_ ABSL_GUARDED_BY(mu_) = false;
  // Started and not let go: steps may begin.
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  // The holder broke the order of steps.
  bool out_of_order_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace naru

#endif  // NARU_BROKER_GRPC_HOLDER_STREAM_H_
