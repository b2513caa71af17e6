#include "adapters/holder/resolving_register.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/holder/number_resolver.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/status_matchers.h"
#include "naru/identity/v1/identity_service.grpc.pb.h"

namespace naru {
namespace {

using identity::v1::NUMBER_KIND_PENSION;
using identity::v1::ResolveNumberRequest;
using identity::v1::ResolveNumberResponse;

constexpr char kHolder[] = "urn:naru:B552000:holder";
constexpr char kResolver[] = "urn:naru:1741000:resolver";

// Persons A and B with pension numbers 11 and 22; person C has none.
class Resolver final : public identity::v1::IdentityService::Service {
 public:
  grpc::Status ResolveNumber(grpc::ServerContext* context, const ResolveNumberRequest* request,
                             ResolveNumberResponse* response) override {
    const auto caller = PeerIdentityOf(*context);
    EXPECT_TRUE(caller.ok());
    EXPECT_EQ(request->kind(), NUMBER_KIND_PENSION);
    if (broken) return ToGrpcStatus(DependencyUnavailable(request->number()));
    if (request->has_person()) {
      EXPECT_EQ(request->person().type(), v1::SUBJECT_TYPE_PERSON);
      if (request->person().number() == "CI-A") response->set_number("11");
      if (request->person().number() == "CI-B") response->set_number("22");
      return grpc::Status::OK;
    }
    const std::string& number = request->number();
    if (number != "11" && number != "22") return grpc::Status::OK;
    response->mutable_person()->set_type(v1::SUBJECT_TYPE_PERSON);
    response->mutable_person()->set_number(number == "11" ? "CI-A" : "CI-B");
    return grpc::Status::OK;
  }
  std::atomic<bool> broken{false};
};

// A pension register, which knows no CI. Its kinds: PENSION_PAPER (a person), FLAT_PAPER (a
// building, owned), CI_PAPER (a person, by CI).
class Pensions final : public Register {
 public:
  Pensions() {
    for (const char* kind : {"PENSION_PAPER", "FLAT_PAPER", "CI_PAPER"}) forms_[kind].kind = kind;
    forms_["PENSION_PAPER"].subject_type = v1::SUBJECT_TYPE_PERSON;
    forms_["PENSION_PAPER"].number_kind = NUMBER_KIND_PENSION;
    forms_["FLAT_PAPER"].subject_type = v1::SUBJECT_TYPE_PROPERTY;
    forms_["FLAT_PAPER"].number_kind = NUMBER_KIND_PENSION;
    forms_["CI_PAPER"].subject_type = v1::SUBJECT_TYPE_PERSON;
  }
  const DocumentForm* FindForm(absl::string_view kind) const override {
    const auto found = forms_.find(std::string(kind));
    return found == forms_.end() ? nullptr : &found->second;
  }
  absl::StatusOr<std::optional<Record>> Find(absl::string_view kind,
                                             const RecordQuery& query) override {
    asked = query;
    ++finds;
    v1::Subject subject = query.subject;
    v1::Subject person;
    person.set_type(v1::SUBJECT_TYPE_PERSON);
    person.set_number(gives.empty() ? query.person.number() : gives);
    if (kind != "FLAT_PAPER") subject = person;
    holder::v1::DocumentField field;
    field.set_name("months");
    return Record(subject, person, {field});
  }
  size_t connections() const override { return 3; }

  RecordQuery asked;
  int finds = 0;
  std::string gives;  // The number in the record, whoever was asked for; empty for the asked one.

 private:
  std::map<std::string, DocumentForm> forms_;
};

class ResolvingRegisterTest : public testing::Test {
 protected:
  ResolvingRegisterTest() : ca_(testing::TempDir() + "/resolving-ca") {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", *ServerCredentials(ca_.Issue(kResolver)), &port_);
    builder.RegisterService(&resolver_);
    server_ = builder.BuildAndStart();
    auto inner = std::make_unique<Pensions>();
    pensions_ = inner.get();
    register_ = std::make_unique<ResolvingRegister>(std::move(inner), Connect(kResolver));
  }
  ~ResolvingRegisterTest() override { server_->Shutdown(); }

  std::shared_ptr<NumberResolver> Connect(const std::string& expected) {
    return NewNumberResolver(
        *ChannelTo(absl::StrCat("127.0.0.1:", port_), ca_.Issue(kHolder), expected));
  }

  static RecordQuery About(const std::string& ci) {
    RecordQuery query;
    query.person.set_type(v1::SUBJECT_TYPE_PERSON);
    query.person.set_number(ci);
    query.subject = query.person;
    return query;
  }
  static RecordQuery Flat(const std::string& ci) {
    RecordQuery query = About(ci);
    query.subject.set_type(v1::SUBJECT_TYPE_PROPERTY);
    query.subject.set_number("1165010100-1");
    return query;
  }

  TestCa ca_;
  Resolver resolver_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  Pensions* pensions_ = nullptr;
  std::unique_ptr<ResolvingRegister> register_;
};

TEST_F(ResolvingRegisterTest, AsksByTheRegistersNumberAndAnswersByTheCi) {
  const auto record = register_->Find("PENSION_PAPER", About("CI-A"));
  ABSL_ASSERT_OK(record);
  EXPECT_EQ(pensions_->asked.subject.number(), "11");
  EXPECT_EQ(pensions_->asked.person.number(), "11");
  EXPECT_EQ((*record)->subject().number(), "CI-A");
  EXPECT_EQ((*record)->person().number(), "CI-A");
  EXPECT_EQ((*record)->fields().size(), 1u);
  EXPECT_EQ(register_->connections(), 3u);
}

// P3: whoever's number stands in the record is whom it is bound to, whoever was asked for.
TEST_F(ResolvingRegisterTest, P3_TheRecordIsOfWhomItsNumberBelongsTo) {
  pensions_->gives = "22";
  const auto record = register_->Find("PENSION_PAPER", About("CI-A"));
  ABSL_ASSERT_OK(record);
  EXPECT_EQ((*record)->subject().number(), "CI-B");
  EXPECT_EQ((*record)->person().number(), "CI-B");
  pensions_->gives = "33";
  EXPECT_THAT(register_->Find("PENSION_PAPER", About("CI-A")),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_F(ResolvingRegisterTest, OfAThingOnlyTheOwnerIsExchanged) {
  auto record = register_->Find("FLAT_PAPER", Flat("CI-A"));
  ABSL_ASSERT_OK(record);
  EXPECT_EQ(pensions_->asked.subject.number(), "1165010100-1");
  EXPECT_EQ((*record)->subject().number(), "1165010100-1");
  EXPECT_EQ((*record)->person().number(), "CI-A");
  // Somebody without such a number owns nothing here, but somebody else does.
  pensions_->gives = "22";
  record = register_->Find("FLAT_PAPER", Flat("CI-C"));
  ABSL_ASSERT_OK(record);
  EXPECT_EQ(pensions_->asked.person.number(), "");
  EXPECT_EQ((*record)->person().number(), "CI-B");
}

TEST_F(ResolvingRegisterTest, WhoHasNoSuchNumberHasNoRecord) {
  const auto record = register_->Find("PENSION_PAPER", About("CI-C"));
  ABSL_ASSERT_OK(record);
  EXPECT_FALSE(record->has_value());
  EXPECT_EQ(pensions_->finds, 0);
}

TEST_F(ResolvingRegisterTest, KindsByCiAskNobody) {
  resolver_.broken = true;
  const auto record = register_->Find("CI_PAPER", About("CI-C"));
  ABSL_ASSERT_OK(record);
  EXPECT_EQ((*record)->subject().number(), "CI-C");
}

TEST_F(ResolvingRegisterTest, WithoutAnAnswerThereIsNone) {
  resolver_.broken = true;
  const auto failed = register_->Find("PENSION_PAPER", About("CI-A"));
  EXPECT_THAT(failed, HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
  EXPECT_FALSE(absl::StrContains(failed.status().message(), "CI-A"));
  EXPECT_EQ(pensions_->finds, 0);
  server_->Shutdown();
  EXPECT_THAT(register_->Find("PENSION_PAPER", About("CI-A")),
              HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
}

TEST_F(ResolvingRegisterTest, AResolverThatIsSomebodyElseIsNotAsked) {
  const auto other = Connect("urn:naru:1741000:other");
  EXPECT_THAT(other->NumberOf(NUMBER_KIND_PENSION, "CI-A"),
              HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
}

}  // namespace
}  // namespace naru
