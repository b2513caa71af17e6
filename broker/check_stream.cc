#include "broker/check_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/status_macros.h"
#include "broker/validation.h"

namespace naru {
namespace {

constexpr absl::string_view kRpc = "ConsentService/StreamCheckConsent";

class CheckStream : public grpc::ServerBidiReactor<v1::StreamCheckConsentRequest,
                                                   v1::StreamCheckConsentResponse> {
 public:
  CheckStream(CallFrame* frame, ConsentBook* book, grpc::CallbackServerContext* context)
      : frame_(frame), book_(book), context_(context) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    start_ = frame_->options().clock->Monotonic();
    absl::StatusOr<Caller> caller = frame_->Admit(*context_, kRpc, request_);
    if (!caller.ok()) return Fail(caller.status());
    // gRPC is not done with the reactor before Finish is called.
    frame_->options().executor->Run([this, caller = *std::move(caller)] { Answer(caller); });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    StartRead(&request_);
  }

  void OnDone() override { delete this; }

 private:
  void Answer(const Caller& caller) {
    auto results = AnswerChecks(book_, caller, request_.checks());
    if (!results.ok()) return Fail(results.status());
    response_.clear_results();
    for (v1::ConsentCheckResult& result : *results) *response_.add_results() = std::move(result);
    frame_->Finish(kRpc, start_, absl::OkStatus());
    StartWrite(&response_);
  }

  void Fail(const absl::Status& status) {
    frame_->Finish(kRpc, start_, status);
    Finish(ToGrpcStatus(status));
  }

  CallFrame* const frame_;
  ConsentBook* const book_;
  grpc::CallbackServerContext* const context_;
  v1::StreamCheckConsentRequest request_;
  v1::StreamCheckConsentResponse response_;
  absl::Duration start_;
};

}  // namespace

absl::StatusOr<std::vector<v1::ConsentCheckResult>> AnswerChecks(
    ConsentBook* book, const Caller& caller,
    const google::protobuf::RepeatedPtrField<v1::ConsentCheck>& checks) {
  // An official's check is an entry before the answer: it is a call of its own.
  if (caller.Has(config::v1::ROLE_COUNTER)) return RoleNotAllowed("ROLE_REQUESTER alone");
  google::protobuf::RepeatedPtrField<v1::ConsentCheck> formed;
  std::vector<absl::Status> forms;
  for (int i = 0; i < checks.size(); ++i) {
    forms.push_back(ValidateCheck(checks[i], absl::StrCat("checks[", i, "]")));
    if (forms.back().ok()) *formed.Add() = checks[i];
  }
  ABSL_ASSIGN_OR_RETURN(std::vector<v1::ConsentCheckResult> answers,
                        book->CheckMany(caller, formed));
  std::vector<v1::ConsentCheckResult> results;
  results.reserve(forms.size());
  auto answer = answers.begin();
  for (const absl::Status& form : forms) {
    if (form.ok()) {
      results.push_back(std::move(*answer++));
    } else {
      *results.emplace_back().mutable_error() = GetErrorDetail(form).value_or(v1::ErrorDetail());
    }
  }
  return results;
}

grpc::ServerBidiReactor<v1::StreamCheckConsentRequest, v1::StreamCheckConsentResponse>*
NewCheckStream(CallFrame* frame, ConsentBook* book, grpc::CallbackServerContext* context) {
  return new CheckStream(frame, book, context);
}

}  // namespace naru
