#include "adapters/holder/holder_service.h"

#include <utility>

#include "absl/status/statusor.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// A call that ends before it begins.
class RefusedCall final : public grpc::ServerBidiReactor<holder::v1::ProvideDocumentRequest,
                                                         holder::v1::ProvideDocumentResponse> {
 public:
  explicit RefusedCall(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

absl::Status HolderService::Admit(const grpc::CallbackServerContext& context) {
  const absl::StatusOr<PeerIdentity> caller = PeerIdentityOf(context);
  if (!caller.ok() || *caller != broker_) {
    parts_.metrics->CallerRefused();
    return caller.ok() ? RoleNotAllowed("BROKER") : caller.status();
  }
  if (under_way_.fetch_add(1) >= documents_max_) {
    under_way_.fetch_sub(1);
    parts_.metrics->Overloaded();
    return QuotaExceeded("this holder's documents", kRetryAfter);
  }
  return absl::OkStatus();
}

grpc::ServerBidiReactor<holder::v1::ProvideDocumentRequest, holder::v1::ProvideDocumentResponse>*
HolderService::ProvideDocument(grpc::CallbackServerContext* context) {
  const absl::Status admitted = Admit(*context);
  if (!admitted.ok()) return new RefusedCall(admitted);
  return DocumentCall::Begin(context, parts_, [this] { under_way_.fetch_sub(1); });
}

}  // namespace naru
