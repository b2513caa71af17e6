#ifndef NARU_BENCHMARKS_PREPARED_HOLDER_H_
#define NARU_BENCHMARKS_PREPARED_HOLDER_H_

#include <grpcpp/server.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "broker/proof/crypto.h"
#include "naru/config/v1/config.pb.h"
#include "naru/holder/v1/holder_service.pb.h"

namespace naru {

// A holder for measuring what stands in front of it: speaks holder.v1 over mutual TLS, binds and
// signs every header, but its documents are made and digested beforehand, one body a kind, and it
// does not check the Proceed, so that it costs little and the same to all. Thread-safe.
class PreparedHolder {
 public:
  // Listens on a free port of 127.0.0.1. `sizes`: bytes of the document of each kind.
  PreparedHolder(std::string agency, const config::v1::TlsFiles& tls,
                 const std::map<std::string, uint64_t>& sizes);
  // Cancels what is under way.
  ~PreparedHolder();

  const std::string& address() const { return address_; }
  const crypto::SigningKey& key() const { return *key_; }

 private:
  struct Document {
    std::string body;
    // Digests and sizes, nothing else.
    holder::v1::DocumentHeader digests;
  };
  class Call;
  class Service;

  const std::string agency_;
  const std::unique_ptr<crypto::SigningKey> key_;
  std::map<std::string, Document> documents_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace naru

#endif  // NARU_BENCHMARKS_PREPARED_HOLDER_H_
