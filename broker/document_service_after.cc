// What a requester says of a fetch afterwards.
#include <utility>

#include "broker/document_service.h"
#include "glog/logging.h"

namespace naru {

grpc::ServerUnaryReactor* DocumentServiceImpl::AcknowledgeDocuments(
    grpc::CallbackServerContext* context, const v1::AcknowledgeDocumentsRequest* request,
    v1::AcknowledgeDocumentsResponse* response) {
  using Request = v1::AcknowledgeDocumentsRequest;
  using Response = v1::AcknowledgeDocumentsResponse;
  return options_.frame->Unary<Request, Response>(
      context, "DocumentService/AcknowledgeDocuments", request, response,
      [this](const Caller& caller, const Request& acknowledged,
             std::function<void(absl::StatusOr<Response>)> done) {
        options_.acknowledgements->Acknowledge(
            caller, acknowledged,
            [this, done = std::move(done)](absl::StatusOr<AcknowledgeBook::Answer> answer) {
              if (!answer.ok()) return done(std::move(answer).status());
              for (const AcknowledgeBook::Mismatch& mismatch : answer->mismatches) {
                LOG(ERROR) << "a requester found another paper than it asked for: release "
                           << mismatch.release_id;
                options_.frame->options().metrics->Quarantined(mismatch.holder, mismatch.reason);
              }
              done(std::move(answer->response));
            });
      });
}

}  // namespace naru
