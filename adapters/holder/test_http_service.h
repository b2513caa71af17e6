#ifndef NARU_ADAPTERS_HOLDER_TEST_HTTP_SERVICE_H_
#define NARU_ADAPTERS_HOLDER_TEST_HTTP_SERVICE_H_

#include <httplib.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "broker/base/grpc/test_certificates.h"
#include "google/protobuf/struct.pb.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// An agency's HTTP service with mutual TLS on a port of this machine, as nts.test, for tests. Not
// thread-safe but for what `answer` does. Ends the process when something fails.
class TestHttpService {
 public:
  // Makes the answer to a question; it runs on the service's threads. What it leaves as it is, is
  // 200 without a body.
  using Answer =
      std::function<void(const google::protobuf::Struct& question, httplib::Response& response)>;

  // `answer` is for every path. Clients need a certificate of `ca`, whose name for the service is
  // `dns`.
  TestHttpService(TestCa& ca, Answer answer, const std::string& dns = "nts.test");
  ~TestHttpService() { Stop(); }

  // On the same port as before.
  void Start();
  void Stop();

  // A register of it with one kind, TAX_PAPER: business_no and person.ci, fields trade_name and
  // capital, list rows.
  config::v1::HttpRegister Config() const;
  // How many questions came.
  int asked() const { return asked_; }

 private:
  const Answer answer_;
  const config::v1::TlsFiles tls_;
  const config::v1::TlsFiles client_tls_;
  int port_ = 0;
  std::atomic<int> asked_{0};
  std::unique_ptr<httplib::SSLServer> server_;
  std::thread thread_;
};

// Business i of test_register.h as Config() reads it.
std::string TestBusinessJson(int i);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_TEST_HTTP_SERVICE_H_
