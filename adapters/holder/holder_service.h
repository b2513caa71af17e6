#ifndef NARU_ADAPTERS_HOLDER_HOLDER_SERVICE_H_
#define NARU_ADAPTERS_HOLDER_HOLDER_SERVICE_H_

#include <atomic>

#include "adapters/holder/document_call.h"
#include "broker/base/identity.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"

namespace naru {

// holder.v1 for the one broker: lets it in, counts its calls, and leaves each to a DocumentCall.
// Thread-safe; no call blocks a thread of gRPC.
class HolderService final : public holder::v1::HolderService::CallbackService {
 public:
  // Everything in `parts` must outlive the server that serves this.
  HolderService(PeerIdentity broker, int documents_max, const HolderParts& parts)
      : broker_(std::move(broker)), documents_max_(documents_max), parts_(parts) {}

  // UNAUTHENTICATED for a certificate without one name, PERMISSION_DENIED for any but the broker's,
  // RESOURCE_EXHAUSTED when documents_max are under way; else as DocumentCall.
  grpc::ServerBidiReactor<holder::v1::ProvideDocumentRequest, holder::v1::ProvideDocumentResponse>*
  ProvideDocument(grpc::CallbackServerContext* context) override;

 private:
  absl::Status Admit(const grpc::CallbackServerContext& context);

  const PeerIdentity broker_;
  const int documents_max_;
  const HolderParts parts_;
  std::atomic<int> under_way_{0};
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_HOLDER_SERVICE_H_
