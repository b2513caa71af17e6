#include "adapters/client/acknowledgement.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"

namespace naru::client {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(30);

// What was released: a mismatch is found in its header, its body, or in the signed NO_RECORD. One
// of a DECLINED or DEFERRED answer is about nothing that was released.
bool MismatchedAfterRelease(const FetchedDocument& document) {
  return document.result == DocumentResult::kMismatch &&
         document.mismatch != v1::REFUSAL_REASON_UNSPECIFIED &&
         document.outcome != v1::OUTCOME_DECLINED && document.outcome != v1::OUTCOME_DEFERRED;
}

}  // namespace

v1::AcknowledgeDocumentsRequest AcknowledgementOf(const FetchedCase& fetched,
                                                  const v1::CaseContext& case_context,
                                                  std::string request_id) {
  v1::AcknowledgeDocumentsRequest request;
  request.set_request_id(std::move(request_id));
  request.set_fetch_id(fetched.fetch_id);
  if (case_context.ByteSizeLong() > 0) *request.mutable_case_() = case_context;
  for (const FetchedDocument& document : fetched.documents) {
    const bool delivered = document.result == DocumentResult::kDelivered;
    if (!delivered && !MismatchedAfterRelease(document)) continue;
    v1::DocumentArrival& arrival = *request.add_arrivals();
    arrival.set_paper_id(document.paper_id);
    arrival.set_arrival(delivered ? v1::ARRIVAL_ARRIVED : v1::ARRIVAL_MISMATCH);
    arrival.set_reason(document.mismatch);
  }
  return request;
}

absl::Status Acknowledge(v1::DocumentService::StubInterface& stub, const Retry& retry,
                         const v1::AcknowledgeDocumentsRequest& request) {
  if (request.arrivals().empty()) return absl::OkStatus();
  v1::AcknowledgeDocumentsResponse response;
  absl::Status called = retry.Run(kDeadline, [&](absl::Duration left) {
    response.Clear();
    grpc::ClientContext context;
    context.set_deadline(DeadlineAfter(left));
    return FromGrpcStatus(stub.AcknowledgeDocuments(&context, request, &response));
  });
  if (!called.ok() || !response.has_refusal()) return called;
  return absl::FailedPreconditionError(
      absl::StrCat("refused: ", v1::RefusalReason_Name(response.refusal().reason())));
}

}  // namespace naru::client
