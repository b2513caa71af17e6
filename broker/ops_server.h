#ifndef NARU_BROKER_OPS_SERVER_H_
#define NARU_BROKER_OPS_SERVER_H_

#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace naru {

// The operator's HTTP port, on loopback: GET /metrics (Prometheus text format) and GET /healthz
// (200 "ok" or 503). Shows nothing of any person. Thread-safe.
class OpsServer {
 public:
  struct Options {
    std::string address;  // "host:port"; port 0 takes a free one.
    std::shared_ptr<prometheus::Registry> registry;
    std::function<bool()> healthy;
    // Called before each scrape, to set gauges that are read and not counted.
    std::function<void()> before_scrape;
  };
  // UNAVAILABLE when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<OpsServer>> Start(Options options);
  ~OpsServer();

  // "host:port" with the port chosen.
  const std::string& address() const;

 private:
  struct Impl;
  explicit OpsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace naru

#endif  // NARU_BROKER_OPS_SERVER_H_
