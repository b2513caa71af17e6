#include "broker/base/ops/ops_server.h"

#include <httplib.h>
#include <prometheus/text_serializer.h>

#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/base/ops/program_metrics.h"

namespace naru {
namespace {

constexpr int kThreads = 4;
constexpr int kReadSeconds = 5;
constexpr size_t kPayloadBytes = 4096;

}  // namespace

bool IsLoopback(absl::string_view address) {
  const absl::string_view host = address.substr(0, address.rfind(':'));
  return host == "localhost" || host == "[::1]" || absl::StartsWith(host, "127.");
}

struct OpsServer::Impl {
  explicit Impl(Options given)
      : options(std::move(given)), program(options.program, options.certificate_file) {}

  std::string Metrics() const {
    if (options.before_scrape) options.before_scrape();
    std::vector<prometheus::MetricFamily> families = program.Collect();
    std::vector<prometheus::MetricFamily> own = options.registry->Collect();
    families.insert(families.end(), std::make_move_iterator(own.begin()),
                    std::make_move_iterator(own.end()));
    return prometheus::TextSerializer().Serialize(families);
  }

  const Options options;
  const ProgramMetrics program;
  std::string address;
  httplib::Server server;
  std::thread thread;
};

OpsServer::OpsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

OpsServer::~OpsServer() {
  impl_->server.stop();
  impl_->thread.join();
}

const std::string& OpsServer::address() const { return impl_->address; }

absl::StatusOr<std::unique_ptr<OpsServer>> OpsServer::Start(Options options) {
  if (options.address.empty()) return nullptr;
  auto impl = std::make_unique<Impl>(std::move(options));
  httplib::Server& server = impl->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_payload_max_length(kPayloadBytes);
  server.set_read_timeout(kReadSeconds);
  server.set_write_timeout(kReadSeconds);
  server.set_keep_alive_max_count(100);
  server.Get("/metrics", [raw = impl.get()](const httplib::Request&, httplib::Response& response) {
    response.set_content(raw->Metrics(), "text/plain; version=0.0.4");
  });
  server.Get("/healthz", [raw = impl.get()](const httplib::Request&, httplib::Response& response) {
    const bool healthy = !raw->options.healthy || raw->options.healthy();
    response.status = healthy ? 200 : 503;
    response.set_content(healthy ? "ok\n" : "not serving\n", "text/plain");
  });

  const absl::string_view address = impl->options.address;
  const size_t colon = address.rfind(':');
  const std::string host(address.substr(0, colon));
  int port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      !IsLoopback(address)) {
    return absl::InvalidArgumentError("the ops address is not host:port on loopback");
  }
  if (port == 0) {
    port = server.bind_to_any_port(host.c_str());
  } else if (!server.bind_to_port(host.c_str(), port)) {
    port = -1;
  }
  if (port <= 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  }
  impl->address = absl::StrCat(host, ":", port);
  impl->thread = std::thread([&server] { server.listen_after_bind(); });
  return std::unique_ptr<OpsServer>(new OpsServer(std::move(impl)));
}

}  // namespace naru
