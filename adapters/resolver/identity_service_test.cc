// The resolver's service over real mutual TLS, with the generator's persons and a broker that can
// be held back and can fail.

#include "adapters/resolver/identity_service.h"

#include <glog/logging.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "adapters/resolver/broker_history.h"
#include "adapters/resolver/fake_history.h"
#include "adapters/resolver/resolver_metrics.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/base/thread_pool.h"
#include "deploy/people/write_people.h"

namespace naru {
namespace {

using identity::v1::IdentityService;
using identity::v1::LookUpPersonRequest;
using identity::v1::LookUpPersonResponse;
using identity::v1::NumberKind;
using identity::v1::ResolveContactRequest;
using identity::v1::ResolveContactResponse;
using identity::v1::ResolveNumberRequest;
using identity::v1::ResolveNumberResponse;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBroker[] = "urn:naru:1741999:broker";
constexpr char kResolver[] = "urn:naru:1741999:resolver";
constexpr char kCounter[] = "urn:naru:B553077:counter";
constexpr char kPension[] = "urn:naru:B552468:holder";
constexpr char kLocalTax[] = "urn:naru:3210000:holder";
constexpr char kResidents[] = "urn:naru:1741000:holder";
constexpr absl::Duration kPatience = absl::Seconds(20);
// Long enough for an answer that should not come.
constexpr absl::Duration kNothingComes = absl::Milliseconds(300);

// Somebody in the register, all fields set.
struct Someone {
  std::string ci, rrn, name, contact_ref, passport_no, licence_no;
};

config::v1::ResolverConfig Config() {
  config::v1::ResolverConfig config;
  config.set_broker_identity(kBroker);
  config.add_requesters(kCounter);
  const std::vector<std::pair<const char*, NumberKind>> holders = {
      {kPension, identity::v1::NUMBER_KIND_PENSION},
      {kLocalTax, identity::v1::NUMBER_KIND_LOCAL_TAX},
      {kResidents, identity::v1::NUMBER_KIND_RESIDENT}};
  for (const auto& [identity, kind] : holders) {
    auto* const right = config.add_holders();
    right->set_identity(identity);
    right->set_number_kind(identity::v1::NumberKind_Name(kind));
  }
  return config;
}

class IdentityServiceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    soci::register_factory_sqlite3();
    people::PopulationOptions population;
    population.count = 30;
    ABSL_ASSERT_OK(people::WritePeople(population, People(), true, [](const std::string&) {}));
  }
  static std::string People() { return testing::TempDir() + "/people"; }
  static std::string Connection() {
    return absl::StrCat("sqlite3://dbname=", People(), "/resolver.db");
  }

  IdentityServiceTest() : ca_(testing::TempDir() + "/pki-" + Name()) {}

  static std::string Name() {
    return testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  void SetUp() override {
    ABSL_ASSERT_OK_AND_ASSIGN(rights_, ResolverRights::Create(Config()));
    ABSL_ASSERT_OK_AND_ASSIGN(persons_, PersonRegister::Open(Connection()));
    const config::v1::TlsFiles own = ca_.Issue(kResolver);
    StartBroker("127.0.0.1:0");
    ABSL_ASSERT_OK_AND_ASSIGN(auto channel, ChannelTo(broker_address_, own, kBroker));
    recorder_ = std::make_unique<BrokerHistory>(channel);
    limiter_ = std::make_unique<LookUpLimiter>(&clock_, rights_->requesters());
    service_ = std::make_unique<IdentityServiceImpl>(ResolverParts{
        &*rights_, persons_.get(), recorder_.get(), limiter_.get(), &reads_, &metrics_, &clock_});
    resolver_ = Listen(service_.get(), own, "127.0.0.1:0", &address_);
  }
  void TearDown() override {
    history_.LetGo();
    if (resolver_ != nullptr) resolver_->Shutdown();
  }

  std::unique_ptr<grpc::Server> Listen(grpc::Service* service, const config::v1::TlsFiles& files,
                                       const std::string& at, std::string* address) {
    const auto credentials = ServerCredentials(files);
    CHECK(credentials.ok()) << credentials.status();
    grpc::ServerBuilder builder;
    SetServerBounds(builder, limits::kRequestBytes);
    int port = 0;
    builder.AddListeningPort(at, *credentials, &port);
    builder.RegisterService(service);
    auto server = builder.BuildAndStart();
    CHECK(server != nullptr);
    *address = absl::StrCat("127.0.0.1:", port);
    return server;
  }
  void StartBroker(const std::string& at) {
    broker_ = Listen(&history_, ca_.Issue(kBroker), at, &broker_address_);
  }

  std::unique_ptr<IdentityService::Stub> As(const std::string& uri) {
    const auto channel = ChannelTo(address_, ca_.Issue(uri), kResolver);
    CHECK(channel.ok()) << channel.status();
    return IdentityService::NewStub(*channel);
  }

  // Somebody with everything; `skip` others with everything come before.
  static Someone Person(int skip = 0) {
    Someone someone;
    soci::session session(Connection());
    session << "SELECT ci, rrn, name, contact_ref, passport_no, licence_no FROM person WHERE "
               "contact_ref IS NOT NULL AND passport_no IS NOT NULL AND licence_no IS NOT NULL "
               "ORDER BY person_seq LIMIT 1 OFFSET "
            << skip,
        soci::into(someone.ci), soci::into(someone.rrn), soci::into(someone.name),
        soci::into(someone.contact_ref), soci::into(someone.passport_no),
        soci::into(someone.licence_no);
    CHECK(session.got_data());
    return someone;
  }

  LookUpPersonRequest LookUpOf(const std::string& rrn, const std::string& name) {
    LookUpPersonRequest request;
    request.set_request_id(NewRequestId(clock_.Now(), random_));
    request.set_resident_number(rrn);
    request.set_name(name);
    request.mutable_case_()->set_official_id("official-7");
    request.mutable_case_()->set_terminal_id("terminal-3");
    request.mutable_case_()->set_case_number("2026-0042");
    return request;
  }

  template <typename Request, typename Response>
  static absl::StatusOr<Response> Call(grpc::Status (IdentityService::Stub::*method)(
                                           grpc::ClientContext*, const Request&, Response*),
                                       IdentityService::Stub& stub, const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(DeadlineAfter(kPatience));
    Response response;
    const absl::Status status = FromGrpcStatus((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<LookUpPersonResponse> LookUp(IdentityService::Stub& stub,
                                              const LookUpPersonRequest& request) {
    return Call(&IdentityService::Stub::LookUpPerson, stub, request);
  }
  absl::StatusOr<ResolveContactResponse> Contact(IdentityService::Stub& stub,
                                                 const std::string& ci) {
    ResolveContactRequest request;
    request.mutable_person()->set_type(v1::SUBJECT_TYPE_PERSON);
    request.mutable_person()->set_number(ci);
    return Call(&IdentityService::Stub::ResolveContact, stub, request);
  }
  absl::StatusOr<ResolveNumberResponse> Number(IdentityService::Stub& stub, NumberKind kind,
                                               const std::string& ci, const std::string& number) {
    ResolveNumberRequest request;
    request.set_kind(kind);
    if (number.empty()) {
      request.mutable_person()->set_type(v1::SUBJECT_TYPE_PERSON);
      request.mutable_person()->set_number(ci);
    } else {
      request.set_number(number);
    }
    return Call(&IdentityService::Stub::ResolveNumber, stub, request);
  }

  ResolverMetrics metrics_;
  SimulatedClock clock_;
  FakeRandom random_;
  TestCa ca_;
  FakeHistory history_;
  std::string broker_address_;
  std::unique_ptr<grpc::Server> broker_;
  std::optional<ResolverRights> rights_;
  std::unique_ptr<PersonRegister> persons_;
  std::unique_ptr<BrokerHistory> recorder_;
  std::unique_ptr<LookUpLimiter> limiter_;
  ThreadPool reads_{"reads", 2};
  std::unique_ptr<IdentityServiceImpl> service_;
  std::string address_;
  std::unique_ptr<grpc::Server> resolver_;
};

TEST_F(IdentityServiceTest, APersonIsFoundByWhatTheyShow) {
  const Someone someone = Person();
  const auto counter = As(kCounter);
  LookUpPersonRequest request = LookUpOf(someone.rrn, someone.name);
  for (int shown = 0; shown < 3; ++shown) {
    if (shown == 1) request.set_passport_number(someone.passport_no);
    if (shown == 2) request.set_licence_number(someone.licence_no);
    request.set_request_id(NewRequestId(clock_.Now(), random_));
    ABSL_ASSERT_OK_AND_ASSIGN(const auto response, LookUp(*counter, request));
    EXPECT_EQ(response.person().type(), v1::SUBJECT_TYPE_PERSON);
    EXPECT_EQ(response.person().number(), someone.ci);
    ASSERT_EQ(history_.entries().size(), static_cast<size_t>(shown + 1));
    const auto entry = history_.entries().back();
    EXPECT_EQ(entry.request_id(), request.request_id());
    EXPECT_EQ(entry.person().number(), someone.ci);
    EXPECT_EQ(entry.asker(), "B553077:counter");
    EXPECT_EQ(entry.case_().official_id(), "official-7");
    EXPECT_EQ(entry.case_().terminal_id(), "terminal-3");
    EXPECT_EQ(entry.case_().case_number(), "2026-0042");
    EXPECT_EQ(entry.time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  }
}

TEST_F(IdentityServiceTest, ALookUpIsEnteredBeforeItIsAnswered) {
  const Someone someone = Person();
  const auto counter = As(kCounter);
  for (const std::string& name : {someone.name, std::string("아무개")}) {
    const size_t before = history_.entries().size();
    history_.HoldBack();
    absl::Notification answered;
    absl::StatusOr<LookUpPersonResponse> response;
    std::thread caller([&] {
      response = LookUp(*counter, LookUpOf(someone.rrn, name));
      answered.Notify();
    });
    EXPECT_TRUE(history_.AwaitEntries(before + 1, kPatience));
    // The broker has it in hand and has not said yes: no answer yet, found or not.
    EXPECT_FALSE(answered.WaitForNotificationWithTimeout(kNothingComes));
    history_.LetGo();
    caller.join();
    ABSL_ASSERT_OK(response);
    EXPECT_EQ(response->has_person(), name == someone.name);
  }
}

TEST_F(IdentityServiceTest, P10_AnUnknownNumberAndAWrongNameAreOneAnswer) {
  const Someone someone = Person();
  const Someone other = Person(1);
  const auto counter = As(kCounter);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto unknown,
                            LookUp(*counter, LookUpOf("0000000000000", someone.name)));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto wrong_name,
                            LookUp(*counter, LookUpOf(someone.rrn, other.name)));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto longer_name,
                            LookUp(*counter, LookUpOf(someone.rrn, someone.name + " ")));
  EXPECT_TRUE(unknown.has_unknown());
  EXPECT_EQ(unknown.SerializeAsString(), wrong_name.SerializeAsString());
  EXPECT_EQ(unknown.SerializeAsString(), longer_name.SerializeAsString());
  // They are entered like any other, but about nobody.
  const auto entries = history_.entries();
  ASSERT_EQ(entries.size(), 3u);
  for (const auto& entry : entries) {
    EXPECT_FALSE(entry.has_person());
    EXPECT_EQ(entry.case_().official_id(), "official-7");
  }
}

TEST_F(IdentityServiceTest, P8_NoAnswerWhileTheBrokerIsAway) {
  const Someone someone = Person();
  const auto counter = As(kCounter);
  const std::string address = broker_address_;
  broker_->Shutdown();
  broker_.reset();
  EXPECT_THAT(LookUp(*counter, LookUpOf(someone.rrn, someone.name)),
              HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
  EXPECT_TRUE(history_.entries().empty());
  // Nothing has to be restarted when it comes back.
  StartBroker(address);
  const auto back = [&] { return LookUp(*counter, LookUpOf(someone.rrn, someone.name)).ok(); };
  absl::Notification never;
  bool answered = false;
  for (int i = 0; i < 50 && !answered; ++i) {
    answered = back();
    if (!answered) never.WaitForNotificationWithTimeout(absl::Milliseconds(100));
  }
  EXPECT_TRUE(answered);
}

TEST_F(IdentityServiceTest, P8_NoAnswerWhenTheBrokerRefusesTheEntry) {
  const Someone someone = Person();
  const auto counter = As(kCounter);
  struct Case {
    absl::Status from_broker;
    v1::ErrorReason to_asker;
  };
  const std::vector<Case> cases = {
      {StorageFull(1), v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE},
      {InternalFault("x"), v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE},
      {RoleNotAllowed("RESOLVER"), v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE},
      // What the asker can mend itself.
      {RequestIdReused(), v1::ERROR_REASON_REQUEST_ID_REUSED},
      {RequestIdExpired(), v1::ERROR_REASON_REQUEST_ID_EXPIRED},
  };
  for (const Case& c : cases) {
    history_.AnswerWith(c.from_broker);
    EXPECT_THAT(LookUp(*counter, LookUpOf(someone.rrn, someone.name)), HasErrorReason(c.to_asker));
    EXPECT_THAT(LookUp(*counter, LookUpOf("0000000000000", "아무개")), HasErrorReason(c.to_asker));
  }
}

TEST_F(IdentityServiceTest, OnlyConfiguredRequestersLookUp) {
  const Someone someone = Person();
  for (const char* caller : {kBroker, kPension, kResolver, "urn:naru:B553077:system",
                             "urn:naru:B553077:citizen", "urn:naru:1210000:counter"}) {
    EXPECT_THAT(LookUp(*As(caller), LookUpOf(someone.rrn, someone.name)),
                HasErrorReason(v1::ERROR_REASON_ROLE_NOT_ALLOWED))
        << caller;
  }
  EXPECT_TRUE(history_.entries().empty());
}

TEST_F(IdentityServiceTest, ACallThatIsMalformedIsNotEntered) {
  const Someone someone = Person();
  LookUpPersonRequest request = LookUpOf(someone.rrn, someone.name);
  request.mutable_case_()->clear_official_id();
  EXPECT_THAT(LookUp(*As(kCounter), request), HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
  EXPECT_TRUE(history_.entries().empty());
}

TEST_F(IdentityServiceTest, P10_AnOfficialCannotTryOutNumbers) {
  const auto counter = As(kCounter);
  for (int i = 0; i < static_cast<int>(limits::kOfficialLookUpsBurst); ++i) {
    ABSL_ASSERT_OK(LookUp(*counter, LookUpOf("0000000000000", "아무개")));
  }
  EXPECT_THAT(LookUp(*counter, LookUpOf("0000000000000", "아무개")),
              HasErrorReason(v1::ERROR_REASON_QUOTA_EXCEEDED));
}

TEST_F(IdentityServiceTest, TheBrokerAloneLearnsContacts) {
  const Someone someone = Person();
  const auto broker = As(kBroker);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto contact, Contact(*broker, someone.ci));
  EXPECT_EQ(contact.contact_ref(), someone.contact_ref);
  // Nobody is like somebody without a contact.
  ABSL_ASSERT_OK_AND_ASSIGN(const auto nobody, Contact(*broker, std::string(88, 'A')));
  EXPECT_EQ(nobody.contact_ref(), "");
  soci::session session(Connection());
  std::string without;
  session << "SELECT ci FROM person WHERE contact_ref IS NULL LIMIT 1", soci::into(without);
  ASSERT_TRUE(session.got_data());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto none, Contact(*broker, without));
  EXPECT_EQ(none.contact_ref(), "");
  for (const char* caller : {kCounter, kPension, kResolver}) {
    EXPECT_THAT(Contact(*As(caller), someone.ci), HasErrorReason(v1::ERROR_REASON_ROLE_NOT_ALLOWED))
        << caller;
  }
}

TEST_F(IdentityServiceTest, AHolderExchangesItsOwnKindOfNumberBothWays) {
  struct Case {
    const char* holder;
    NumberKind kind;
    const char* find;
  };
  const std::vector<Case> cases = {
      {kPension, identity::v1::NUMBER_KIND_PENSION,
       "SELECT ci, number FROM holder_number WHERE agency_code = 'B552468' LIMIT 1"},
      {kLocalTax, identity::v1::NUMBER_KIND_LOCAL_TAX,
       "SELECT ci, number FROM holder_number WHERE agency_code = '3210000' LIMIT 1"},
      {kResidents, identity::v1::NUMBER_KIND_RESIDENT, "SELECT ci, rrn FROM person LIMIT 1"},
  };
  soci::session session(Connection());
  for (const Case& c : cases) {
    std::string ci;
    std::string number;
    session << c.find, soci::into(ci), soci::into(number);
    ASSERT_TRUE(session.got_data());
    const auto holder = As(c.holder);
    ABSL_ASSERT_OK_AND_ASSIGN(const auto there, Number(*holder, c.kind, ci, ""));
    EXPECT_EQ(there.number(), number);
    EXPECT_FALSE(there.has_person());
    ABSL_ASSERT_OK_AND_ASSIGN(const auto back, Number(*holder, c.kind, "", number));
    EXPECT_EQ(back.person().number(), ci);
    EXPECT_EQ(back.number(), "");
    ABSL_ASSERT_OK_AND_ASSIGN(const auto nobody, Number(*holder, c.kind, std::string(88, 'A'), ""));
    EXPECT_EQ(nobody.number(), "");
    ABSL_ASSERT_OK_AND_ASSIGN(const auto no_number, Number(*holder, c.kind, "", "0000000000000"));
    EXPECT_FALSE(no_number.has_person());
  }
}

TEST_F(IdentityServiceTest, NobodyExchangesAnothersKindOfNumber) {
  const Someone someone = Person();
  for (const char* caller : {kBroker, kCounter, kLocalTax, kResidents}) {
    EXPECT_THAT(Number(*As(caller), identity::v1::NUMBER_KIND_PENSION, someone.ci, ""),
                HasErrorReason(v1::ERROR_REASON_ROLE_NOT_ALLOWED))
        << caller;
  }
  EXPECT_THAT(Number(*As(kPension), identity::v1::NUMBER_KIND_RESIDENT, "", someone.rrn),
              HasErrorReason(v1::ERROR_REASON_ROLE_NOT_ALLOWED));
}

TEST_F(IdentityServiceTest, ACertificateWithoutOneNameIsNobody) {
  const Someone someone = Person();
  const auto channel = ChannelTo(address_, ca_.IssueWith({kCounter, kBroker}), kResolver);
  ABSL_ASSERT_OK(channel);
  const auto stub = IdentityService::NewStub(*channel);
  EXPECT_THAT(LookUp(*stub, LookUpOf(someone.rrn, someone.name)),
              HasErrorReason(v1::ERROR_REASON_CALLER_UNKNOWN));
  EXPECT_THAT(Contact(*stub, someone.ci), HasErrorReason(v1::ERROR_REASON_CALLER_UNKNOWN));
}

TEST_F(IdentityServiceTest, P6_NothingOfACallIsLogged) {
  const Someone someone = Person();
  const auto counter = As(kCounter);
  testing::internal::CaptureStderr();
  LOG(INFO) << "the log is read";
  (void)LookUp(*counter, LookUpOf(someone.rrn, someone.name));
  (void)LookUp(*counter, LookUpOf(someone.rrn, "아무개"));
  (void)Contact(*As(kBroker), someone.ci);
  (void)Number(*As(kResidents), identity::v1::NUMBER_KIND_RESIDENT, "", someone.rrn);
  // Every way to fail, too.
  history_.AnswerWith(InternalFault(absl::StrCat("about ", someone.rrn)));
  (void)LookUp(*counter, LookUpOf(someone.rrn, someone.name));
  LookUpPersonRequest malformed = LookUpOf(someone.rrn + "1", someone.name);
  (void)LookUp(*counter, malformed);
  (void)LookUp(*As(kPension), LookUpOf(someone.rrn, someone.name));
  google::FlushLogFiles(google::INFO);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("the log is read"));
  EXPECT_THAT(log, HasSubstr("did not enter a look-up"));
  for (const std::string& secret :
       {someone.rrn, someone.name, someone.ci, someone.contact_ref, std::string("아무개"),
        std::string("official-7"), std::string("2026-0042")}) {
    EXPECT_THAT(log, Not(HasSubstr(secret)));
  }
}

TEST_F(IdentityServiceTest, ADatabaseThatIsNoneIsRefusedAtOnce) {
  EXPECT_THAT(
      PersonRegister::Open(absl::StrCat("sqlite3://dbname=", testing::TempDir(), "/none.db")),
      StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(PersonRegister::Open(absl::StrCat("sqlite3://dbname=", People(), "/nts.db")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a register")));
  EXPECT_THAT(PersonRegister::Open("postgresql://host=/nowhere dbname=x"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(PersonRegister::Open("papers://dbname=x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace naru

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
