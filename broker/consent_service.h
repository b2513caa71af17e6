#ifndef NARU_BROKER_CONSENT_SERVICE_H_
#define NARU_BROKER_CONSENT_SERVICE_H_

#include "broker/agency_watch.h"
#include "broker/call_frame.h"
#include "broker/proof/crypto.h"
#include "broker/resolver_client.h"
#include "broker/watch.h"
#include "consent/consent_book.h"
#include "consent/consent_lists.h"
#include "naru/v1/consent_service.grpc.pb.h"

namespace naru {

// Translates naru.v1.ConsentService to the consent book; decides nothing. Thread-safe.
class ConsentServiceImpl : public v1::ConsentService::CallbackService {
 public:
  struct Parts {
    CallFrame* frame = nullptr;
    ConsentBook* book = nullptr;
    ConsentLists* lists = nullptr;
    ResolverClient* resolver = nullptr;
    ConsentWatches* watches = nullptr;
    AgencyWatches* agency_watches = nullptr;
    const crypto::SigningKey* receipt_key = nullptr;
  };
  // All must outlive the service.
  explicit ConsentServiceImpl(const Parts& parts)
      : frame_(parts.frame),
        book_(parts.book),
        lists_(parts.lists),
        resolver_(parts.resolver),
        watches_(parts.watches),
        agency_watches_(parts.agency_watches),
        receipt_key_(*parts.receipt_key) {}

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
  grpc::ServerUnaryReactor* PreviewConsent(grpc::CallbackServerContext* context,
                                           const v1::PreviewConsentRequest* request,
                                           v1::PreviewConsentResponse* response) override;
  grpc::ServerUnaryReactor* GrantConsent(grpc::CallbackServerContext* context,
                                         const v1::GrantConsentRequest* request,
                                         v1::GrantConsentResponse* response) override;
  grpc::ServerUnaryReactor* GetConsentReceipt(grpc::CallbackServerContext* context,
                                              const v1::GetConsentReceiptRequest* request,
                                              v1::GetConsentReceiptResponse* response) override;
  grpc::ServerUnaryReactor* ListPersonConsents(grpc::CallbackServerContext* context,
                                               const v1::ListPersonConsentsRequest* request,
                                               v1::ListPersonConsentsResponse* response) override;
  grpc::ServerUnaryReactor* ListAgencyConsents(grpc::CallbackServerContext* context,
                                               const v1::ListAgencyConsentsRequest* request,
                                               v1::ListAgencyConsentsResponse* response) override;
  grpc::ServerUnaryReactor* ListCaseConsents(grpc::CallbackServerContext* context,
                                             const v1::ListCaseConsentsRequest* request,
                                             v1::ListCaseConsentsResponse* response) override;
  grpc::ServerUnaryReactor* BatchCheckConsent(grpc::CallbackServerContext* context,
                                              const v1::BatchCheckConsentRequest* request,
                                              v1::BatchCheckConsentResponse* response) override;
  grpc::ServerBidiReactor<v1::StreamCheckConsentRequest, v1::StreamCheckConsentResponse>*
  StreamCheckConsent(grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<v1::WatchCaseResponse>* WatchCase(
      grpc::CallbackServerContext* context, const v1::WatchCaseRequest* request) override;
  grpc::ServerWriteReactor<v1::WatchAgencyResponse>* WatchAgency(
      grpc::CallbackServerContext* context, const v1::WatchAgencyRequest* request) override;

 private:
  CallFrame* const frame_;
  ConsentBook* const book_;
  ConsentLists* const lists_;
  ResolverClient* const resolver_;
  ConsentWatches* const watches_;
  AgencyWatches* const agency_watches_;
  const crypto::SigningKey& receipt_key_;
};

}  // namespace naru

#endif  // NARU_BROKER_CONSENT_SERVICE_H_
