#ifndef NARU_BROKER_HISTORY_SERVICE_H_
#define NARU_BROKER_HISTORY_SERVICE_H_

#include "broker/call_frame.h"
#include "consent/history_book.h"
#include "naru/v1/history_service.grpc.pb.h"

namespace naru {

// Translates naru.v1.HistoryService to the history book; decides nothing. Thread-safe.
class HistoryServiceImpl : public v1::HistoryService::CallbackService {
 public:
  // Both must outlive the service.
  HistoryServiceImpl(CallFrame* frame, HistoryBook* book) : frame_(frame), book_(book) {}

  grpc::ServerUnaryReactor* ListPersonHistory(grpc::CallbackServerContext* context,
                                              const v1::ListPersonHistoryRequest* request,
                                              v1::ListPersonHistoryResponse* response) override;
  grpc::ServerUnaryReactor* ListCaseHistory(grpc::CallbackServerContext* context,
                                            const v1::ListCaseHistoryRequest* request,
                                            v1::ListCaseHistoryResponse* response) override;
  grpc::ServerUnaryReactor* RecordLookUp(grpc::CallbackServerContext* context,
                                         const v1::RecordLookUpRequest* request,
                                         v1::RecordLookUpResponse* response) override;

 private:
  CallFrame* const frame_;
  HistoryBook* const book_;
};

}  // namespace naru

#endif  // NARU_BROKER_HISTORY_SERVICE_H_
