#ifndef NARU_ADAPTERS_CLIENT_FAKE_BROKER_H_
#define NARU_ADAPTERS_CLIENT_FAKE_BROKER_H_

#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/proof/crypto.h"
#include "broker/proof/document_header.h"
#include "broker/proof/fake_ledger.h"
#include "naru/config/v1/catalogue.pb.h"
#include "naru/config/v1/config.pb.h"
#include "naru/holder/v1/document_body.pb.h"
#include "naru/v1/consent_service.grpc.pb.h"
#include "naru/v1/document_service.grpc.pb.h"
#include "naru/v1/ledger_service.grpc.pb.h"

namespace naru::client {

inline constexpr char kBrokerUri[] = "urn:naru:1741999:broker";
inline constexpr char kRequesterUri[] = "urn:naru:B553077:system";
inline constexpr char kConsent[] = "0001000102030405060708090a0b0c0d";

// One paper that the fake delivers, honestly unless told otherwise.
struct FakePaper {
  v1::Paper paper;
  std::string body;
  holder::v1::AnswerStatus status = holder::v1::ANSWER_STATUS_FOUND;
  // Changes what the holder is asked: an answer about somebody else that fits together in itself.
  std::function<void(ExpectedHeader&)> asked;
  // Changes the header before it is signed, the entry before it is in the ledger, the receipt
  // before it is signed.
  std::function<void(holder::v1::DocumentHeader&)> header;
  std::function<void(v1::OuterEntry&)> entry;
  std::function<void(v1::Receipt&)> receipt;
};

// A broker in the process, behind real mutual TLS, with holder, ledger and catalogue of its own: it
// keeps to the protocol unless a test makes it misbehave. Set it up before the calls; thread-safe
// towards gRPC alone.
class FakeBroker final : public v1::DocumentService::Service, public v1::ConsentService::Service {
 public:
  using Steps = std::vector<v1::FetchDocumentsResponse>;

  // Files go to `directory`. `clock` must outlive the fake.
  FakeBroker(const std::string& directory, const Clock* clock);
  ~FakeBroker() override;

  // A client's configuration that trusts this broker.
  config::v1::ClientConfig Config() const { return config_; }

  // From the next Config's client on, documents of the kind may have so many bytes.
  void AllowBytes(const std::string& kind, uint64_t bytes);

  // What is delivered, in this order.
  std::vector<FakePaper> papers;
  v1::Subject person;
  // Has the last word on what is sent.
  std::function<void(Steps&)> steps;
  // Answers each fetch with this while it is positive, and counts down.
  int unavailable = 0;
  // Breaks the stream after so many steps; 0 for never.
  size_t break_after = 0;
  bool repeated = false;
  std::function<void(v1::Consent&)> consent;

  FakeLedger& ledger() { return ledger_; }
  const std::vector<v1::FetchDocumentsRequest>& requests() const { return requests_; }
  // What was acknowledged, and how it is answered.
  const std::vector<v1::AcknowledgeDocumentsRequest>& acknowledged() const { return acknowledged_; }
  v1::AcknowledgeDocumentsResponse acknowledgement;
  const crypto::SigningKey& holder_key() const { return *holder_key_; }
  const crypto::SigningKey& receipt_key() const { return *receipt_key_; }
  TestCa& ca() { return ca_; }

  grpc::Status FetchDocuments(grpc::ServerContext* context,
                              const v1::FetchDocumentsRequest* request,
                              grpc::ServerWriter<v1::FetchDocumentsResponse>* writer) override;
  grpc::Status AcknowledgeDocuments(grpc::ServerContext* context,
                                    const v1::AcknowledgeDocumentsRequest* request,
                                    v1::AcknowledgeDocumentsResponse* response) override;
  grpc::Status GetConsent(grpc::ServerContext* context, const v1::GetConsentRequest* request,
                          v1::GetConsentResponse* response) override;

 private:
  ExpectedHeader Asked(const FakePaper& paper, const std::string& release,
                       const v1::FetchDocumentsRequest& request) const;
  Steps Answer(const FakePaper& paper, const std::string& release,
               const v1::FetchDocumentsRequest& request);
  v1::FetchDocumentsResponse Receipt(const FakePaper& paper,
                                     const holder::v1::DocumentHeader& header,
                                     const v1::SignedHeader& signed_header,
                                     const v1::FetchDocumentsRequest& request);
  Steps Honest(const v1::FetchDocumentsRequest& request);
  void WriteCatalogue();

  const Clock* const clock_;
  TestCa ca_;
  FakeLedger ledger_;
  const std::unique_ptr<crypto::SigningKey> holder_key_;
  const std::unique_ptr<crypto::SigningKey> receipt_key_;
  std::vector<v1::FetchDocumentsRequest> requests_;
  std::vector<v1::AcknowledgeDocumentsRequest> acknowledged_;
  config::v1::Catalogue catalogue_;
  config::v1::ClientConfig config_;
  std::unique_ptr<grpc::Server> server_;
};

// The person that the fake's papers are about.
v1::Subject FakePerson();
// What a paper's body of that many bytes says, unless `change` says otherwise.
std::string FakeBody(const v1::Paper& paper, size_t bytes,
                     const std::function<void(holder::v1::DocumentBody&)>& change = nullptr);
// Papers of the fake's catalogue, with bodies of that many bytes: income (about the person), and a
// business registration.
FakePaper IncomePaper(uint32_t paper_id, size_t bytes);
FakePaper BusinessPaper(uint32_t paper_id, size_t bytes);

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_FAKE_BROKER_H_
