#ifndef NARU_BROKER_CONSENT_SERVICE_H_
#define NARU_BROKER_CONSENT_SERVICE_H_

#include "broker/call_frame.h"
#include "broker/resolver_client.h"
#include "broker/watch.h"
#include "consent/consent_book.h"
#include "naru/v1/consent_service.grpc.pb.h"

namespace naru {

// Translates naru.v1.ConsentService to the consent book; decides nothing. Thread-safe.
class ConsentServiceImpl : public v1::ConsentService::CallbackService {
 public:
  // All must outlive the service.
  ConsentServiceImpl(CallFrame* frame, ConsentBook* book, ResolverClient* resolver,
                     ConsentWatches* watches)
      : frame_(frame), book_(book), resolver_(resolver), watches_(watches) {}

  grpc::ServerUnaryReactor* OpenConsent(grpc::CallbackServerContext* context,
                                        const v1::OpenConsentRequest* request,
                                        v1::OpenConsentResponse* response) override;
  grpc::ServerUnaryReactor* GetConsent(grpc::CallbackServerContext* context,
                                       const v1::GetConsentRequest* request,
                                       v1::GetConsentResponse* response) override;
  grpc::ServerUnaryReactor* CheckConsent(grpc::CallbackServerContext* context,
                                         const v1::CheckConsentRequest* request,
                                         v1::CheckConsentResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchConsentResponse>* WatchConsent(
      grpc::CallbackServerContext* context, const v1::WatchConsentRequest* request) override;
  grpc::ServerUnaryReactor* CancelConsent(grpc::CallbackServerContext* context,
                                          const v1::CancelConsentRequest* request,
                                          v1::CancelConsentResponse* response) override;
  grpc::ServerUnaryReactor* ShowConsent(grpc::CallbackServerContext* context,
                                        const v1::ShowConsentRequest* request,
                                        v1::ShowConsentResponse* response) override;
  grpc::ServerUnaryReactor* SendCode(grpc::CallbackServerContext* context,
                                     const v1::SendCodeRequest* request,
                                     v1::SendCodeResponse* response) override;
  grpc::ServerUnaryReactor* DecideConsent(grpc::CallbackServerContext* context,
                                          const v1::DecideConsentRequest* request,
                                          v1::DecideConsentResponse* response) override;
  grpc::ServerUnaryReactor* WithdrawConsent(grpc::CallbackServerContext* context,
                                            const v1::WithdrawConsentRequest* request,
                                            v1::WithdrawConsentResponse* response) override;
  grpc::ServerUnaryReactor* SuspendConsent(grpc::CallbackServerContext* context,
                                           const v1::SuspendConsentRequest* request,
                                           v1::SuspendConsentResponse* response) override;
  grpc::ServerUnaryReactor* ResumeConsent(grpc::CallbackServerContext* context,
                                          const v1::ResumeConsentRequest* request,
                                          v1::ResumeConsentResponse* response) override;

 private:
  CallFrame* const frame_;
  ConsentBook* const book_;
  ResolverClient* const resolver_;
  ConsentWatches* const watches_;
};

}  // namespace naru

#endif  // NARU_BROKER_CONSENT_SERVICE_H_
