#ifndef NARU_ADAPTERS_CLIENT_ACKNOWLEDGEMENT_H_
#define NARU_ADAPTERS_CLIENT_ACKNOWLEDGEMENT_H_

#include <string>

#include "absl/status/status.h"
#include "adapters/client/fetched_case.h"
#include "adapters/client/retry.h"
#include "naru/v1/document_service.grpc.pb.h"

namespace naru::client {

// What the broker is told of a fetch at its end: ARRIVED for what is handed over, MISMATCH for what
// its holder answered wrongly. No arrivals when there is nothing to tell: a repeat, an answer
// without a document, what a broken stream lost.
v1::AcknowledgeDocumentsRequest AcknowledgementOf(const FetchedCase& fetched,
                                                  const v1::CaseContext& case_context,
                                                  std::string request_id);

// Tells it, repeated while UNAVAILABLE; blocks. OK when it was entered or there are no arrivals;
// FAILED_PRECONDITION when it was refused.
absl::Status Acknowledge(v1::DocumentService::StubInterface& stub, const Retry& retry,
                         const v1::AcknowledgeDocumentsRequest& request);

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_ACKNOWLEDGEMENT_H_
