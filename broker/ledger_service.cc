#include "broker/ledger_service.h"

#include <string>
#include <utility>
#include <vector>

namespace naru {
namespace {

template <typename Response>
absl::StatusOr<Response> WithPath(absl::StatusOr<std::vector<std::string>> path) {
  if (!path.ok()) return path.status();
  Response response;
  for (std::string& hash : *path) response.add_path(std::move(hash));
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* LedgerServiceImpl::GetCheckpoint(grpc::CallbackServerContext* context,
                                                           const v1::GetCheckpointRequest* request,
                                                           v1::GetCheckpointResponse* response) {
  return frame_->Unary<v1::GetCheckpointRequest, v1::GetCheckpointResponse>(
      context, "LedgerService/GetCheckpoint", request, response,
      [this](const Caller&, const v1::GetCheckpointRequest&, auto done) {
        v1::GetCheckpointResponse answer;
        answer.set_checkpoint(ledger_->checkpoint());
        done(std::move(answer));
      });
}

grpc::ServerUnaryReactor* LedgerServiceImpl::GetInclusionProof(
    grpc::CallbackServerContext* context, const v1::GetInclusionProofRequest* request,
    v1::GetInclusionProofResponse* response) {
  return frame_->Unary<v1::GetInclusionProofRequest, v1::GetInclusionProofResponse>(
      context, "LedgerService/GetInclusionProof", request, response,
      [this](const Caller&, const v1::GetInclusionProofRequest& proof, auto done) {
        done(WithPath<v1::GetInclusionProofResponse>(
            ledger_->InclusionPath(proof.index(), proof.tree_size())));
      });
}

grpc::ServerUnaryReactor* LedgerServiceImpl::GetConsistencyProof(
    grpc::CallbackServerContext* context, const v1::GetConsistencyProofRequest* request,
    v1::GetConsistencyProofResponse* response) {
  return frame_->Unary<v1::GetConsistencyProofRequest, v1::GetConsistencyProofResponse>(
      context, "LedgerService/GetConsistencyProof", request, response,
      [this](const Caller&, const v1::GetConsistencyProofRequest& proof, auto done) {
        done(WithPath<v1::GetConsistencyProofResponse>(
            ledger_->ConsistencyPath(proof.first_size(), proof.second_size())));
      });
}

}  // namespace naru
