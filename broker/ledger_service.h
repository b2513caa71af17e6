#ifndef NARU_BROKER_LEDGER_SERVICE_H_
#define NARU_BROKER_LEDGER_SERVICE_H_

#include "broker/call_frame.h"
#include "consent/ledger/ledger.h"
#include "naru/v1/ledger_service.grpc.pb.h"

namespace naru {

// Serves the public face of the ledger. Thread-safe.
class LedgerServiceImpl : public v1::LedgerService::CallbackService {
 public:
  // Both must outlive the service.
  LedgerServiceImpl(CallFrame* frame, const Ledger* ledger) : frame_(frame), ledger_(ledger) {}

  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override;
  grpc::ServerUnaryReactor* GetInclusionProof(grpc::CallbackServerContext* context,
                                              const v1::GetInclusionProofRequest* request,
                                              v1::GetInclusionProofResponse* response) override;
  grpc::ServerUnaryReactor* GetConsistencyProof(grpc::CallbackServerContext* context,
                                                const v1::GetConsistencyProofRequest* request,
                                                v1::GetConsistencyProofResponse* response) override;

 private:
  CallFrame* const frame_;
  const Ledger* const ledger_;
};

}  // namespace naru

#endif  // NARU_BROKER_LEDGER_SERVICE_H_
