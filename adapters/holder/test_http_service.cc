#include "adapters/holder/test_http_service.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapters/holder/test_register.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"

namespace naru {
namespace {

constexpr char kConfig[] = R"(
  name: "국세 HTTP"
  address: "127.0.0.1"
  documents {
    kind: "TAX_PAPER"
    title: "사업자등록증명"
    subject_type: SUBJECT_TYPE_BUSINESS
    path: "/v1/business"
    record: "result.record"
    subject_path: "business_no"
    person_path: "person.ci"
    fields { path: "trade_name" field: "trade_name" label: "상호" }
    fields { path: "money.capital" field: "capital" label: "자본금" }
    lists {
      field: "rows"
      label: "연도"
      path: "years"
      max_rows: 2
      subject_path: "of"
      fields { path: "year" field: "tax_year" label: "귀속연도" }
    }
  }
)";

}  // namespace

TestHttpService::TestHttpService(TestCa& ca, Answer answer, const std::string& dns)
    : answer_(std::move(answer)),
      // A second name of the same certificate.
      tls_(ca.IssueWith({absl::StrCat("urn:naru:1210000:register,DNS:", dns)})),
      client_tls_(ca.Issue("urn:naru:1210000:holder")) {
  Start();
}

void TestHttpService::Start() {
  server_ = std::make_unique<httplib::SSLServer>(tls_.certificate_file().c_str(),
                                                 tls_.key_file().c_str(), tls_.ca_file().c_str());
  CHECK(server_->is_valid());
  server_->Post("/.*", [this](const httplib::Request& request, httplib::Response& response) {
    ++asked_;
    google::protobuf::Struct question;
    CHECK(google::protobuf::util::JsonStringToMessage(request.body, &question).ok());
    response.status = 200;
    answer_(question, response);
  });
  if (port_ == 0) {
    port_ = server_->bind_to_any_port("127.0.0.1");
  } else {
    CHECK(server_->bind_to_port("127.0.0.1", port_));
  }
  CHECK_GT(port_, 0);
  thread_ = std::thread([server = server_.get()] { server->listen_after_bind(); });
  // Stop before it runs would not stop it.
  while (!server_->is_running()) std::this_thread::yield();
}

void TestHttpService::Stop() {
  if (server_ == nullptr) return;
  server_->stop();
  thread_.join();
  server_.reset();
}

config::v1::HttpRegister TestHttpService::Config() const {
  config::v1::HttpRegister config;
  CHECK(google::protobuf::TextFormat::ParseFromString(kConfig, &config));
  config.set_url(absl::StrCat("https://nts.test:", port_));
  *config.mutable_tls() = client_tls_;
  return config;
}

std::string TestBusinessJson(int i) {
  const std::string number = TestBusinessNo(i);
  return absl::StrFormat(
      R"({"result": {"record": {"business_no": "%s", "person": {"ci": "%s"},
          "trade_name": "상호 %d", "money": {"capital": %d}, "secret": "x",
          "years": [{"of": "%s", "year": 2024}, {"of": "%s", "year": 2025}]}}})",
      number, TestPersonCi(i), i, 5'000'000'000 + i, number, number);
}

}  // namespace naru
