#ifndef NARU_BROKER_CATALOGUE_SERVICE_H_
#define NARU_BROKER_CATALOGUE_SERVICE_H_

#include "broker/call_frame.h"
#include "consent/catalog/policy.h"
#include "consent/consent_events.h"
#include "naru/v1/catalogue_service.grpc.pb.h"

namespace naru {

// Translates naru.v1.CatalogueService to the policy; decides nothing. Thread-safe.
class CatalogueServiceImpl : public v1::CatalogueService::CallbackService {
 public:
  // All must outlive the service.
  CatalogueServiceImpl(CallFrame* frame, Policy* policy, ConsentEvents* events)
      : frame_(frame), policy_(policy), events_(events) {}

  grpc::ServerUnaryReactor* GetCatalogue(grpc::CallbackServerContext* context,
                                         const v1::GetCatalogueRequest* request,
                                         v1::GetCatalogueResponse* response) override;
  grpc::ServerUnaryReactor* ListKinds(grpc::CallbackServerContext* context,
                                      const v1::ListKindsRequest* request,
                                      v1::ListKindsResponse* response) override;
  grpc::ServerUnaryReactor* GetAffair(grpc::CallbackServerContext* context,
                                      const v1::GetAffairRequest* request,
                                      v1::GetAffairResponse* response) override;
  grpc::ServerUnaryReactor* SuspendApproval(grpc::CallbackServerContext* context,
                                            const v1::SuspendApprovalRequest* request,
                                            v1::SuspendApprovalResponse* response) override;
  grpc::ServerUnaryReactor* LiftApproval(grpc::CallbackServerContext* context,
                                         const v1::LiftApprovalRequest* request,
                                         v1::LiftApprovalResponse* response) override;

  grpc::ServerUnaryReactor* GetSignedCatalogue(grpc::CallbackServerContext* context,
                                               const v1::GetSignedCatalogueRequest* request,
                                               v1::GetSignedCatalogueResponse* response) override;
  grpc::ServerUnaryReactor* ApplyCatalogue(grpc::CallbackServerContext* context,
                                           const v1::ApplyCatalogueRequest* request,
                                           v1::ApplyCatalogueResponse* response) override;

 private:
  CallFrame* const frame_;
  Policy* const policy_;
  ConsentEvents* const events_;
};

}  // namespace naru

#endif  // NARU_BROKER_CATALOGUE_SERVICE_H_
