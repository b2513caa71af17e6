#ifndef NARU_TESTS_SUPPORT_FAKE_RESOLVER_H_
#define NARU_TESTS_SUPPORT_FAKE_RESOLVER_H_

#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "naru/config/v1/config.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// A resolver in this process that gives every person a contact, over real gRPC with mutual TLS.
// Thread-safe.
class FakeResolver {
 public:
  // Listens on a free port of 127.0.0.1. Ends the process when it cannot.
  explicit FakeResolver(const config::v1::TlsFiles& tls);
  ~FakeResolver();

  const std::string& address() const { return address_; }
  // The opaque reference it gives for the person.
  static std::string ContactOf(const v1::Subject& person);

 private:
  class Service;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace naru

#endif  // NARU_TESTS_SUPPORT_FAKE_RESOLVER_H_
