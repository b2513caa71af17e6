#include "broker/base/ops/ops_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <prometheus/counter.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

#include "broker/base/clock.h"
#include "broker/base/file.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/certificate.h"

namespace naru {
namespace {

using testing::HasSubstr;
using testing::Not;

class OpsServerTest : public testing::Test {
 protected:
  void Start() {
    options_.address = "127.0.0.1:0";
    options_.program = "naru-test";
    options_.registry = registry_;
    auto server = OpsServer::Start(options_);
    ABSL_ASSERT_OK(server.status());
    server_ = *std::move(server);
  }

  httplib::Result Get(const char* path) const {
    return httplib::Client("http://" + server_->address()).Get(path);
  }

  std::string Page() const {
    const auto answer = Get("/metrics");
    return answer && answer->status == 200 ? answer->body : "";
  }

  // Of the metric without labels; -1 when it is not there.
  static double ValueOf(const std::string& page, const std::string& name) {
    const size_t at = page.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::atof(page.c_str() + at + name.size() + 2);
  }

  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  OpsServer::Options options_;
  std::unique_ptr<OpsServer> server_;
};

TEST_F(OpsServerTest, EveryProgramTellsOfItself) {
  TestCa ca(testing::TempDir() + "/pki");
  options_.certificate_file = ca.Issue("urn:naru:1741000:holder").certificate_file();
  Start();
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("naru_build_info{program=\"naru-test\",version=\""));
  const double now = absl::ToDoubleSeconds(Clock::Real()->Now() - absl::UnixEpoch());
  EXPECT_NEAR(ValueOf(page, "process_start_time_seconds"), now, 600);
  EXPECT_GT(ValueOf(page, "process_resident_memory_bytes"), 1e6);
  EXPECT_GE(ValueOf(page, "process_virtual_memory_bytes"),
            ValueOf(page, "process_resident_memory_bytes"));
  EXPECT_GE(ValueOf(page, "process_cpu_seconds_total"), 0);
  EXPECT_GT(ValueOf(page, "process_open_fds"), 3);
  EXPECT_GT(ValueOf(page, "process_max_fds"), ValueOf(page, "process_open_fds"));
  EXPECT_GT(ValueOf(page, "process_threads"), 1);
  EXPECT_GT(ValueOf(page, "naru_certificate_not_after_seconds"), now);
}

TEST_F(OpsServerTest, TheEndOfACertificateIsReadAnewAndLeftOutWhenThereIsNone) {
  TestCa ca(testing::TempDir() + "/pki2");
  const std::string now = ca.Issue("urn:naru:1741000:holder").certificate_file();
  const std::string expired =
      ca.IssueWith({"urn:naru:1741000:holder"}, TestCa::Validity::kExpired).certificate_file();
  options_.certificate_file = testing::TempDir() + "/certificate.pem";
  Start();
  EXPECT_THAT(Page(), Not(HasSubstr("naru_certificate_not_after_seconds")));
  for (const std::string& file : {now, expired}) {
    ABSL_ASSERT_OK_AND_ASSIGN(const std::string pem, ReadFile(file, 1 << 20));
    ABSL_ASSERT_OK(AtomicWriteFile(options_.certificate_file, pem));
    ABSL_ASSERT_OK_AND_ASSIGN(const absl::Time end, crypto::NotAfter(pem));
    EXPECT_EQ(ValueOf(Page(), "naru_certificate_not_after_seconds"), absl::ToUnixSeconds(end));
    EXPECT_EQ(end > Clock::Real()->Now(), file == now);
  }
  EXPECT_THAT(crypto::NotAfter("not PEM"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(OpsServerTest, GaugesAreReadAtTheScrapeAndHealthIsAsked) {
  auto& gauge = prometheus::BuildGauge().Name("naru_read").Help("x").Register(*registry_).Add({});
  std::atomic<int> read{0};
  std::atomic<bool> healthy{true};
  options_.before_scrape = [&] { gauge.Set(++read); };
  options_.healthy = [&] { return healthy.load(); };
  Start();
  EXPECT_EQ(ValueOf(Page(), "naru_read"), 1);
  EXPECT_EQ(ValueOf(Page(), "naru_read"), 2);
  EXPECT_EQ(Get("/healthz")->status, 200);
  healthy = false;
  EXPECT_EQ(Get("/healthz")->status, 503);
  EXPECT_EQ(Get("/other")->status, 404);
}

TEST_F(OpsServerTest, P6_OnlyLoopbackIsServed) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "10.0.0.1:0", "127.0.0.1", "example:1"}) {
    options_.address = address;
    options_.registry = registry_;
    EXPECT_THAT(OpsServer::Start(options_), StatusIs(absl::StatusCode::kInvalidArgument))
        << address;
  }
  options_.address = "";
  ABSL_ASSERT_OK_AND_ASSIGN(const auto none, OpsServer::Start(options_));
  EXPECT_EQ(none, nullptr);
  EXPECT_TRUE(IsLoopback("127.0.0.1:1"));
  EXPECT_TRUE(IsLoopback("[::1]:1"));
  EXPECT_FALSE(IsLoopback("1.2.7.0:127"));
}

}  // namespace
}  // namespace naru
