// Who may come in: one certificate of our authority with one name that the catalogue knows, and for
// each call a role that may make it. The operator's port is on loopback and names nobody.

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "broker/base/file.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/status_matchers.h"
#include "tests/support/fetching.h"
#include "tests/support/test_broker.h"

namespace naru {
namespace {

using testing::HasSubstr;
using testing::Not;

// A client that takes any server, so that nobody but the server turns it away.
std::shared_ptr<grpc::Channel> Careless(const std::string& address,
                                        const std::optional<config::v1::TlsFiles>& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  if (files.has_value()) {
    const auto read = [](const std::string& path) { return ReadFile(path, 1 << 20).value(); };
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
            std::vector<grpc::experimental::IdentityKeyCertPair>{
                {read(files->key_file()), read(files->certificate_file())}}));
    options.watch_identity_key_cert_pairs();
  }
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::experimental::TlsCredentials(options), arguments);
}

absl::Status AskCheckpoint(const std::shared_ptr<grpc::Channel>& channel) {
  return TestPeer(channel)
      .Call(&v1::LedgerService::Stub::GetCheckpoint, v1::GetCheckpointRequest())
      .status();
}

class TlsListenerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { broker_ = new TestBroker("tls"); }
  static void TearDownTestSuite() {
    delete broker_;
    broker_ = nullptr;
  }
  const std::string& address() const { return broker_->server().grpc_address(); }
  TestCa& ca() { return broker_->site().ca(); }
  absl::Status AskWith(const std::vector<std::string>& uris) {
    return AskCheckpoint(Careless(address(), ca().IssueWith(uris)));
  }

  static TestBroker* broker_;
};
TestBroker* TlsListenerTest::broker_ = nullptr;

TEST_F(TlsListenerTest, TakesACertificateThatTheCatalogueKnows) {
  ABSL_EXPECT_OK(AskWith({"urn:naru:B553077:system"}));
}

TEST_F(TlsListenerTest, RefusesWhoIsNotEncrypted) {
  const absl::Status status =
      AskCheckpoint(grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsListenerTest, RefusesWhoShowsNoCertificate) {
  EXPECT_THAT(AskCheckpoint(Careless(address(), std::nullopt)),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsListenerTest, RefusesAnotherAuthoritysCertificate) {
  TestCa other(TestDirectory("other-pki"));
  EXPECT_THAT(AskCheckpoint(Careless(address(), other.Issue("urn:naru:B553077:system"))),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsListenerTest, RefusesACertificateThatIsOver) {
  EXPECT_THAT(AskCheckpoint(Careless(address(), ca().IssueWith({"urn:naru:B553077:system"},
                                                               TestCa::Validity::kExpired))),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TlsListenerTest, RefusesANameThatIsNotOneOfTheCatalogue) {
  for (const std::vector<std::string>& uris : std::vector<std::vector<std::string>>{
           {"urn:naru:B553077:system", "urn:naru:1741999:citizen"},
           {"urn:naru:B553077:system", "https://example.org"},
           {"urn:naru:9999999:system"},
           {"urn:naru:B553077:unknown"},
           {"urn:other:B553077:system"},
           {}}) {  // The common name alone.
    EXPECT_THAT(AskWith(uris), HasErrorReason(v1::ERROR_REASON_CALLER_UNKNOWN));
  }
}

TEST_F(TlsListenerTest, EachCallIsDeniedToEveryRoleThatMayNotMakeIt) {
  const std::set<absl::string_view> asks = {kSystemParty, kCounterParty};
  const std::set<absl::string_view> citizen = {kCitizenParty};
  const std::set<absl::string_view> approver = {kApproverParty};
  const std::set<absl::string_view> notifier = {kNotifierParty};
  const std::map<std::string, std::set<absl::string_view>> may = {
      {"ConsentService/OpenConsent", asks},
      {"ConsentService/GetConsent", {kSystemParty, kCounterParty, kCitizenParty}},
      {"ConsentService/CheckConsent", asks},
      {"ConsentService/WatchConsent", asks},
      {"ConsentService/CancelConsent", asks},
      {"ConsentService/ShowConsent", citizen},
      {"ConsentService/SendCode", citizen},
      {"ConsentService/DecideConsent", citizen},
      {"ConsentService/WithdrawConsent", citizen},
      {"ConsentService/SuspendConsent", citizen},
      {"ConsentService/ResumeConsent", citizen},
      {"DocumentService/FetchDocuments", asks},
      {"CatalogueService/SuspendApproval", approver},
      {"CatalogueService/LiftApproval", approver},
      {"HistoryService/ListPersonHistory", citizen},
      {"HistoryService/ListCaseHistory", asks},
      {"HistoryService/RecordLookUp", {kResolverParty}},
      {"MessageService/FollowMessages", notifier},
      {"MessageService/AcknowledgeMessages", notifier},
  };
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  for (const absl::string_view party :
       {kSystemParty, kCounterParty, kCitizenParty, kApproverParty, kNotifierParty, kResolverParty,
        kOperatorParty, kHolderParty, kBrokerParty}) {
    grpc::GenericStub stub(broker_->clients().As(party).channel());
    for (const auto& [rpc, allowed] : may) {
      // An allowed one would follow messages for ever.
      if (rpc == "MessageService/FollowMessages" && allowed.count(party) != 0) continue;
      grpc::ClientContext context;
      context.set_deadline(DeadlineAfter(kTestDeadline));
      grpc::ByteBuffer response;
      absl::Notification over;
      absl::Status status;
      stub.UnaryCall(&context, "/naru.v1." + rpc, grpc::StubOptions(), &request, &response,
                     [&](grpc::Status came) {
                       status = FromGrpcStatus(came);
                       over.Notify();
                     });
      over.WaitForNotification();
      if (allowed.count(party) != 0) {
        // Permitted, and then found empty.
        EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << party << " " << rpc;
      } else {
        EXPECT_THAT(status, HasErrorReason(v1::ERROR_REASON_ROLE_NOT_ALLOWED))
            << party << " " << rpc;
      }
    }
  }
}

// The machine's addresses that others can reach.
std::vector<std::string> OutsideAddresses() {
  std::vector<std::string> addresses;
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return addresses;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    const uint32_t ip = ntohl(reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr.s_addr);
    if (ip >> 24 == 127) continue;
    addresses.push_back(
        absl::StrCat(ip >> 24, ".", ip >> 16 & 255, ".", ip >> 8 & 255, ".", ip & 255));
  }
  freeifaddrs(all);
  return addresses;
}

TEST_F(TlsListenerTest, P6_TheOperatorsPortIsOnLoopbackAndNamesNobody) {
  TestClients& clients = broker_->clients();
  const v1::Subject person = PersonOf(1);
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::Consent consent,
      clients.Granted(person, {PaperOf(1, kAbstract), PaperOf(2, kBusiness, BusinessOf(2))}));
  v1::FetchDocumentsRequest fetch = clients.FetchRequest(consent.consent_id(), person);
  fetch.mutable_case_()->set_official_id("official-17");
  fetch.mutable_case_()->set_terminal_id("terminal-3");
  fetch.mutable_case_()->set_case_number("case-2026-1");
  ASSERT_EQ(Fetch(clients.As(kSystemParty), fetch).OutcomeOf(1), v1::OUTCOME_SENT);

  const std::string& ops = broker_->server().ops_address();
  EXPECT_THAT(ops, testing::StartsWith("127.0.0.1:"));
  const int port = std::stoi(ops.substr(ops.rfind(':') + 1));
  httplib::Client http("127.0.0.1", port);
  const auto metrics = http.Get("/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->status, 200);
  EXPECT_THAT(metrics->body, HasSubstr("naru_"));
  for (const std::string& secret :
       {person.number(), BusinessOf(2).number(), consent.consent_id(), fetch.request_id(),
        std::string("official-17"), std::string("terminal-3"), std::string("case-2026-1"),
        FakeResolver::ContactOf(person)}) {
    EXPECT_THAT(metrics->body, Not(HasSubstr(secret)));
  }
  const auto health = http.Get("/healthz");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->status, 200);
  for (const std::string& outside : OutsideAddresses()) {
    httplib::Client other(outside, port);
    other.set_connection_timeout(2);
    EXPECT_FALSE(other.Get("/metrics")) << "reached from outside";
  }
}

}  // namespace
}  // namespace naru
