#include <utility>

#include "broker/check_stream.h"
#include "broker/consent_service.h"

// The calls about many consents.
namespace naru {

grpc::ServerUnaryReactor* ConsentServiceImpl::ListPersonConsents(
    grpc::CallbackServerContext* context, const v1::ListPersonConsentsRequest* request,
    v1::ListPersonConsentsResponse* response) {
  using Done = ConsentLists::Done<v1::ListPersonConsentsResponse>;
  return frame_->Unary<v1::ListPersonConsentsRequest, v1::ListPersonConsentsResponse>(
      context, "ConsentService/ListPersonConsents", request, response,
      [this](const Caller& caller, const v1::ListPersonConsentsRequest& list, Done done) {
        lists_->ListPerson(caller, list, done);
      });
}

grpc::ServerUnaryReactor* ConsentServiceImpl::ListAgencyConsents(
    grpc::CallbackServerContext* context, const v1::ListAgencyConsentsRequest* request,
    v1::ListAgencyConsentsResponse* response) {
  using Done = ConsentLists::Done<v1::ListAgencyConsentsResponse>;
  return frame_->Unary<v1::ListAgencyConsentsRequest, v1::ListAgencyConsentsResponse>(
      context, "ConsentService/ListAgencyConsents", request, response,
      [this](const Caller& caller, const v1::ListAgencyConsentsRequest& list, Done done) {
        lists_->ListAgency(caller, list, std::move(done));
      });
}

grpc::ServerUnaryReactor* ConsentServiceImpl::ListCaseConsents(
    grpc::CallbackServerContext* context, const v1::ListCaseConsentsRequest* request,
    v1::ListCaseConsentsResponse* response) {
  using Done = ConsentLists::Done<v1::ListCaseConsentsResponse>;
  return frame_->Unary<v1::ListCaseConsentsRequest, v1::ListCaseConsentsResponse>(
      context, "ConsentService/ListCaseConsents", request, response,
      [this](const Caller& caller, const v1::ListCaseConsentsRequest& list, Done done) {
        lists_->ListCase(caller, list, std::move(done));
      });
}

grpc::ServerUnaryReactor* ConsentServiceImpl::BatchCheckConsent(
    grpc::CallbackServerContext* context, const v1::BatchCheckConsentRequest* request,
    v1::BatchCheckConsentResponse* response) {
  using Done = ConsentBook::Done<v1::BatchCheckConsentResponse>;
  return frame_->Unary<v1::BatchCheckConsentRequest, v1::BatchCheckConsentResponse>(
      context, "ConsentService/BatchCheckConsent", request, response,
      [this](const Caller& caller, const v1::BatchCheckConsentRequest& batch, const Done& done) {
        auto results = AnswerChecks(book_, caller, batch.checks());
        if (!results.ok()) return done(results.status());
        v1::BatchCheckConsentResponse answer;
        for (v1::ConsentCheckResult& result : *results) *answer.add_results() = std::move(result);
        done(std::move(answer));
      });
}

grpc::ServerBidiReactor<v1::StreamCheckConsentRequest, v1::StreamCheckConsentResponse>*
ConsentServiceImpl::StreamCheckConsent(grpc::CallbackServerContext* context) {
  return NewCheckStream(frame_, book_, context);
}

grpc::ServerWriteReactor<v1::WatchCaseResponse>* ConsentServiceImpl::WatchCase(
    grpc::CallbackServerContext* context, const v1::WatchCaseRequest* request) {
  return agency_watches_->WatchCase(frame_->Admit(*context, "ConsentService/WatchCase", *request),
                                    *request);
}

grpc::ServerWriteReactor<v1::WatchAgencyResponse>* ConsentServiceImpl::WatchAgency(
    grpc::CallbackServerContext* context, const v1::WatchAgencyRequest* request) {
  return agency_watches_->WatchAgency(
      frame_->Admit(*context, "ConsentService/WatchAgency", *request), *request);
}

}  // namespace naru
