#ifndef NARU_TESTS_SUPPORT_TEST_CLIENTS_H_
#define NARU_TESTS_SUPPORT_TEST_CLIENTS_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"
#include "naru/v1/catalogue_service.grpc.pb.h"
#include "naru/v1/consent_service.grpc.pb.h"
#include "naru/v1/document_service.grpc.pb.h"
#include "naru/v1/history_service.grpc.pb.h"
#include "naru/v1/ledger_service.grpc.pb.h"
#include "naru/v1/message_service.grpc.pb.h"
#include "tests/support/test_site.h"

namespace naru {

// How long a call of a test may take, on a machine that does much else.
inline constexpr absl::Duration kTestDeadline = absl::Seconds(30);

// One certificate's connection to the broker. Thread-safe.
class TestPeer {
 public:
  explicit TestPeer(std::shared_ptr<grpc::Channel> channel);

  template <typename Service>
  typename Service::Stub& stub() {
    return *std::get<std::unique_ptr<typename Service::Stub>>(stubs_);
  }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // One unary call: peer.Call(&v1::ConsentService::Stub::OpenConsent, request). Errors carry their
  // ErrorDetail again.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(DeadlineAfter(kTestDeadline));
    Response response;
    const grpc::Status status =
        ((*std::get<std::unique_ptr<Stub>>(stubs_)).*method)(&context, request, &response);
    if (!status.ok()) return FromGrpcStatus(status);
    return response;
  }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  std::tuple<std::unique_ptr<v1::ConsentService::Stub>, std::unique_ptr<v1::DocumentService::Stub>,
             std::unique_ptr<v1::CatalogueService::Stub>, std::unique_ptr<v1::HistoryService::Stub>,
             std::unique_ptr<v1::LedgerService::Stub>, std::unique_ptr<v1::MessageService::Stub>>
      stubs_;
};

// Subjects of a test, by number.
v1::Subject PersonOf(uint64_t number);    // A CI.
v1::Subject BusinessOf(uint64_t number);  // 10 digits.
v1::Paper PaperOf(uint32_t id, const std::string& kind);
v1::Paper PaperOf(uint32_t id, const std::string& kind, const v1::Subject& subject);

// Everybody who calls one running broker, and what they do, one method a step of the story. Makes
// every request id itself. Thread-safe.
class TestClients {
 public:
  // `site` must outlive this object.
  TestClients(TestSite* site, std::string broker_address);

  // The connection of "<agency>:<service>"; made with the first use, kept for ever.
  TestPeer& As(absl::string_view party);
  // A connection with any certificate.
  std::unique_ptr<TestPeer> With(const config::v1::TlsFiles& files) const;
  const std::string& address() const { return address_; }
  std::string RequestId() const;

  // --- The asking side ---

  v1::OpenConsentRequest OpenRequest(const v1::Subject& person,
                                     const std::vector<v1::Paper>& papers, uint32_t uses = 0);
  absl::StatusOr<v1::OpenedConsent> Open(const v1::OpenConsentRequest& request,
                                         absl::string_view party = kSystemParty);
  absl::StatusOr<v1::CheckConsentResponse> Check(const std::string& consent_id,
                                                 absl::string_view party = kSystemParty);
  absl::StatusOr<v1::Consent> Get(const std::string& consent_id,
                                  absl::string_view party = kSystemParty);
  v1::FetchDocumentsRequest FetchRequest(const std::string& consent_id, const v1::Subject& person);

  // --- The citizen ---

  v1::SessionAssertion SessionOf(const v1::Subject& person) const;
  // An assertion for one change.
  v1::Evidence EvidenceOf(const v1::Subject& person, absl::string_view action,
                          const v1::Consent& consent,
                          const std::vector<v1::PaperDecision>& decisions) const;
  // Every paper of the consent, decided so.
  static std::vector<v1::PaperDecision> AllOf(const v1::Consent& consent, v1::Decision decision);
  v1::DecideConsentRequest AgreeRequest(const v1::Consent& consent, const v1::Subject& person);
  absl::StatusOr<v1::DecideConsentResponse> DecideByCode(const v1::OpenedConsent& opened,
                                                         const std::string& code);
  v1::WithdrawConsentRequest WithdrawRequest(const v1::Consent& consent, const v1::Subject& person);
  absl::StatusOr<v1::DecidedConsent> Withdraw(const v1::Consent& consent,
                                              const v1::Subject& person);
  // Opened and agreed to, every paper, by assertion.
  absl::StatusOr<v1::Consent> Granted(const v1::Subject& person,
                                      const std::vector<v1::Paper>& papers, uint32_t uses = 0);
  // All entries about the person, oldest first.
  absl::StatusOr<std::vector<v1::HistoryEntry>> HistoryOf(const v1::Subject& person);

  // --- The notifier ---

  // The first message after `cursor` to the person's contact for which `wanted` is true, with
  // whatever comes before it. DEADLINE_EXCEEDED when none comes.
  absl::StatusOr<v1::Message> AwaitMessage(const v1::Subject& person, v1::MessageKind kind,
                                           uint64_t cursor = 0);
  // The six digits of a message.
  static std::string CodeIn(const v1::Message& message);

  // --- The approvers ---

  absl::StatusOr<v1::ApprovalState> Suspend(const std::string& approval);
  absl::StatusOr<v1::ApprovalState> Lift(const std::string& approval);

 private:
  TestSite* const site_;
  const std::string address_;
  absl::Mutex mu_;
  std::map<std::string, std::unique_ptr<TestPeer>, std::less<>> peers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_TESTS_SUPPORT_TEST_CLIENTS_H_
