#include "adapters/holder/http_register.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "adapters/holder/json_path.h"
#include "adapters/holder/test_http_service.h"
#include "adapters/holder/test_register.h"
#include "broker/base/clock.h"
#include "broker/base/fake_executor.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/status_matchers.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"

namespace naru {
namespace {

class HttpRegisterTest : public testing::Test {
 protected:
  HttpRegisterTest()
      : ca_(testing::TempDir() + "/ca"),
        service_(ca_, [this](const auto& question, auto& response) {
          question_ = question;
          answer_(response);
        }) {
    Answers(TestBusinessJson(1));
  }

  void Answers(std::string json) {
    answer_ = [json = std::move(json)](httplib::Response& response) {
      response.set_content(json, "application/json; charset=utf-8");
    };
  }

  absl::StatusOr<std::optional<Record>> Find(const config::v1::HttpRegister& config) {
    auto opened = HttpRegister::Open(config, &timer_);
    if (!opened.ok()) return opened.status();
    RecordQuery query;
    query.subject.set_type(v1::SUBJECT_TYPE_BUSINESS);
    query.subject.set_number(TestBusinessNo(1));
    query.person.set_type(v1::SUBJECT_TYPE_PERSON);
    query.person.set_number(TestPersonCi(1));
    query.approved_fields = {"capital", "rows"};
    query.max_bytes = 100'000;
    return (*opened)->Find("TAX_PAPER", query);
  }
  absl::StatusOr<std::optional<Record>> Find() { return Find(service_.Config()); }

  SimulatedClock clock_;
  SimulatedTimer timer_{&clock_};
  TestCa ca_;
  std::function<void(httplib::Response&)> answer_;
  google::protobuf::Struct question_;
  TestHttpService service_;
};

TEST_F(HttpRegisterTest, AsksForWhatIsApprovedAndTakesNothingElse) {
  const auto record = Find();
  ABSL_ASSERT_OK(record);
  ASSERT_EQ((*record)->fields().size(), 2u);
  EXPECT_EQ((*record)->fields()[0].value(), "5000000001");
  EXPECT_EQ((*record)->fields()[1].table().rows(1).cells(0), "2025");
  google::protobuf::Struct expected;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  absl::StrCat(R"({"kind": "TAX_PAPER", "parameters": {},
                                   "fields": ["capital", "rows"],
                                   "subject": {"type": "BUSINESS", "number": ")",
                               TestBusinessNo(1), R"("},
                                   "person": {"type": "PERSON", "number": ")",
                               TestPersonCi(1), R"("}})"),
                  &expected)
                  .ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(question_, expected));
}

TEST_F(HttpRegisterTest, NothingIsSaidByNoContentNullAndAnEmptyList) {
  for (const char* json : {R"({"result": {"record": null}})", R"({"result": {"record": []}})"}) {
    Answers(json);
    const auto record = Find();
    ABSL_ASSERT_OK(record);
    EXPECT_FALSE(record->has_value()) << json;
  }
  answer_ = [](httplib::Response& response) { response.status = 204; };
  EXPECT_FALSE(Find()->has_value());
}

// An answer that is not as configured is a fault, never "nothing on file".
TEST_F(HttpRegisterTest, WhatIsNotAsConfiguredIsAFault) {
  const std::string good = TestBusinessJson(1);
  const std::pair<std::string, std::string> changes[] = {
      {R"("capital": 5000000001)", R"("capital": {"won": 1})"},
      {R"("capital": 5000000001)", R"("capital": [1])"},
      {R"("capital": 5000000001)", R"("capital": 90071992547409930)"},
      {R"("capital": 5000000001)", R"("capitals": 1)"},
      {R"("ci": ")", R"("ci": null, "x": ")"},
      {R"("ci": ")", R"("cj": ")"},
      {R"("business_no": ")", R"("business_no": "1", "business_no": ")"},
      {R"("years": [)", R"("years": [{"of": "x", "year": 1},)"},
      {R"("years": [)", R"("years": [7,)"},
      {R"("years": [)", R"("years": {}, "x": [)"},
      {absl::StrCat(R"("of": ")", TestBusinessNo(1)), R"("of": "2)"},
      {R"("record": {)", R"("record": 7, "x": {)"},
      {R"("result":)", R"("results":)"},
      {"}}}", "}}"},
  };
  for (const auto& [from, to] : changes) {
    Answers(absl::StrReplaceAll(good, {{from, to}}));
    EXPECT_THAT(Find(), HasErrorReason(v1::ERROR_REASON_INTERNAL)) << to;
  }
  for (const int status : {201, 301, 400, 404, 500}) {
    answer_ = [status, good](httplib::Response& response) {
      response.status = status;
      response.set_header("Location", "/elsewhere");
      response.set_content(good, "application/json");
    };
    EXPECT_THAT(Find(), HasErrorReason(v1::ERROR_REASON_INTERNAL)) << status;
  }
  for (const char* type : {"text/html", "application/jsonp", ""}) {
    answer_ = [type, good](httplib::Response& response) { response.set_content(good, type); };
    EXPECT_THAT(Find(), HasErrorReason(v1::ERROR_REASON_INTERNAL)) << type;
  }
  answer_ = [](httplib::Response& response) { response.status = 503; };
  EXPECT_THAT(Find(), HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
}

TEST_F(HttpRegisterTest, P10_AnAnswerWithoutEndIsNotHeld) {
  answer_ = [](httplib::Response& response) {
    response.set_chunked_content_provider("application/json", [](size_t, httplib::DataSink& sink) {
      const std::string more(64 * 1024, ' ');
      return sink.write(more.data(), more.size());
    });
  };
  EXPECT_THAT(Find(), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

// However busy it looks: the time is of the whole.
TEST_F(HttpRegisterTest, P10_AServiceThatDoesNotComeToAnEndIsGivenUp) {
  absl::Notification given_up;
  answer_ = [this, &given_up](httplib::Response& response) {
    timer_.Advance(kHttpTime);
    given_up.WaitForNotification();
    response.status = 204;
  };
  const auto answer = Find();
  given_up.Notify();
  EXPECT_THAT(answer, HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
}

TEST_F(HttpRegisterTest, AServiceThatIsSomebodyElseIsNotAsked) {
  const auto refused = [this](const config::v1::HttpRegister& config, TestHttpService& service) {
    const int before = service.asked();
    EXPECT_THAT(Find(config), HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
    EXPECT_EQ(service.asked(), before);
  };
  const auto never = [](const auto&, auto&) { FAIL() << "asked"; };
  // Another name, of the same authority.
  TestHttpService other_name(ca_, never, "tax.test");
  refused(other_name.Config(), other_name);
  // The same name, of another authority.
  TestCa other_ca(testing::TempDir() + "/other-ca");
  TestHttpService other_authority(other_ca, never);
  config::v1::HttpRegister config = other_authority.Config();
  *config.mutable_tls() = ca_.Issue("urn:naru:1210000:holder");
  refused(config, other_authority);
  // And the service takes no client of another authority.
  config = service_.Config();
  *config.mutable_tls() = ca_.Trusting(other_ca.Issue("urn:naru:1210000:holder"));
  refused(config, service_);
  EXPECT_TRUE(Find()->has_value());
}

TEST_F(HttpRegisterTest, FilesThatAreNoneAreNamedAtStart) {
  config::v1::HttpRegister config = service_.Config();
  config.mutable_tls()->set_key_file("/nowhere/key.pem");
  EXPECT_THAT(std::string(HttpRegister::Open(config, &timer_).status().message()),
              ::testing::HasSubstr("/nowhere/key.pem"));
  config = service_.Config();
  config.mutable_tls()->set_certificate_file(config.tls().key_file());
  EXPECT_THAT(HttpRegister::Open(config, &timer_),
              StatusIs(absl::StatusCode::kFailedPrecondition, ::testing::HasSubstr("key")));
}

// OpenSSL's writes would raise the signal that ends the process.
TEST_F(HttpRegisterTest, AServiceThatIsGoneEndsNothing) {
  signal(SIGPIPE, SIG_DFL);
  ABSL_ASSERT_OK(HttpRegister::Open(service_.Config(), &timer_));
  struct sigaction now = {};
  ASSERT_EQ(sigaction(SIGPIPE, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, SIG_IGN);
}

TEST(HttpServiceTest, TakesAddressesApart) {
  const auto address = ParseHttpsAddress("https://nts.example:8443");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->host, "nts.example");
  EXPECT_EQ(address->port, 8443);
  for (const char* bad : {"http://a:1", "https://a", "https://a:0", "https://a:65536", "https://:1",
                          "https://a:1/x", "https://u@a:1", "https://a b:1", "a:1", ""}) {
    EXPECT_FALSE(ParseHttpsAddress(bad).has_value()) << bad;
  }
}

TEST(JsonPathTest, NumbersAreWrittenInFull) {
  google::protobuf::Struct object;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  R"({"a": {"b": [1]}, "i": 9007199254740991, "n": -12, "d": 0.1, "t": true,
                      "z": null, "s": "x", "big": 1e300})",
                  &object)
                  .ok());
  const auto text = [&object](const char* path) { return JsonText(*AtJsonPath(object, path)); };
  EXPECT_EQ(*text("i"), "9007199254740991");
  EXPECT_EQ(*text("n"), "-12");
  EXPECT_EQ(*text("d"), "0.1");
  EXPECT_EQ(*text("t"), "true");
  EXPECT_EQ(*text("z"), "");
  EXPECT_EQ(*text("s"), "x");
  EXPECT_FALSE(text("a").ok());
  EXPECT_FALSE(text("a.b").ok());
  EXPECT_FALSE(text("big").ok());
  EXPECT_EQ(AtJsonPath(object, "a.c"), nullptr);
  EXPECT_EQ(AtJsonPath(object, "s.x"), nullptr);
  EXPECT_TRUE(IsJsonPath("a.b_c.가"));
  EXPECT_FALSE(IsJsonPath("a..b"));
  EXPECT_FALSE(IsJsonPath(""));
}

}  // namespace
}  // namespace naru
