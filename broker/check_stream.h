#ifndef NARU_BROKER_CHECK_STREAM_H_
#define NARU_BROKER_CHECK_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <vector>

#include "absl/status/statusor.h"
#include "broker/call_frame.h"
#include "consent/consent_book.h"
#include "google/protobuf/repeated_field.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {

// Answers the checks in order. One of the wrong form gets its error and fails no other.
absl::StatusOr<std::vector<v1::ConsentCheckResult>> AnswerChecks(
    ConsentBook* book, const Caller& caller,
    const google::protobuf::RepeatedPtrField<v1::ConsentCheck>& checks);

// The reactor of one ConsentService/StreamCheckConsent. Reads a request only when the answer before
// it was written: a caller that does not read is not read from (P10). Every request is admitted
// anew, so a caller whose rights or rate ended is turned away mid-stream. Deletes itself.
// `frame` and `book` must outlive the call.
grpc::ServerBidiReactor<v1::StreamCheckConsentRequest, v1::StreamCheckConsentResponse>*
NewCheckStream(CallFrame* frame, ConsentBook* book, grpc::CallbackServerContext* context);

}  // namespace naru

#endif  // NARU_BROKER_CHECK_STREAM_H_
