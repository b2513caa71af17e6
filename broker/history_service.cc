#include "broker/history_service.h"

namespace naru {

grpc::ServerUnaryReactor* HistoryServiceImpl::ListPersonHistory(
    grpc::CallbackServerContext* context, const v1::ListPersonHistoryRequest* request,
    v1::ListPersonHistoryResponse* response) {
  return frame_->Unary<v1::ListPersonHistoryRequest, v1::ListPersonHistoryResponse>(
      context, "HistoryService/ListPersonHistory", request, response,
      [this](const Caller& caller, const v1::ListPersonHistoryRequest& list, auto done) {
        book_->ListPerson(caller, list, done);
      });
}

grpc::ServerUnaryReactor* HistoryServiceImpl::ListCaseHistory(
    grpc::CallbackServerContext* context, const v1::ListCaseHistoryRequest* request,
    v1::ListCaseHistoryResponse* response) {
  return frame_->Unary<v1::ListCaseHistoryRequest, v1::ListCaseHistoryResponse>(
      context, "HistoryService/ListCaseHistory", request, response,
      [this](const Caller& caller, const v1::ListCaseHistoryRequest& list, auto done) {
        book_->ListCase(caller, list, done);
      });
}

grpc::ServerUnaryReactor* HistoryServiceImpl::RecordLookUp(grpc::CallbackServerContext* context,
                                                           const v1::RecordLookUpRequest* request,
                                                           v1::RecordLookUpResponse* response) {
  return frame_->Unary<v1::RecordLookUpRequest, v1::RecordLookUpResponse>(
      context, "HistoryService/RecordLookUp", request, response,
      [this](const Caller& caller, const v1::RecordLookUpRequest& look_up, auto done) {
        book_->RecordLookUp(caller, look_up, done);
      });
}

}  // namespace naru
