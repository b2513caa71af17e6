#ifndef NARU_BROKER_BASE_OPS_OPS_SERVER_H_
#define NARU_BROKER_BASE_OPS_OPS_SERVER_H_

#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace naru {

// Whether "host:port" is on loopback: 127.0.0.0/8, [::1] or localhost. What an ops address must be.
bool IsLoopback(absl::string_view address);

// The operator's HTTP port: GET /metrics (Prometheus text format), with what every program tells of
// itself (program_metrics.h), and GET /healthz (200 "ok" or 503). It has neither TLS nor callers'
// identities, so it is on loopback alone, and shows nothing of any person. Thread-safe.
class OpsServer {
 public:
  struct Options {
    std::string address;  // "host:port"; port 0 takes a free one. Empty for no server at all.
    std::string program;  // "naru-broker"
    // The program's TLS certificate, whose end is a metric; empty for none.
    std::string certificate_file;
    // The program's own metrics.
    std::shared_ptr<prometheus::Registry> registry;
    // Empty means always.
    std::function<bool()> healthy = nullptr;
    // Called before each scrape, to set gauges that are read and not counted. Empty for nothing.
    std::function<void()> before_scrape = nullptr;
  };
  // nullptr for an empty address. INVALID_ARGUMENT when it is not host:port on loopback,
  // UNAVAILABLE when it cannot be bound.
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

#endif  // NARU_BROKER_BASE_OPS_OPS_SERVER_H_
