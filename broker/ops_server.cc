#include "broker/ops_server.h"

#include <httplib.h>
#include <prometheus/text_serializer.h>

#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace naru {
namespace {

constexpr int kThreads = 4;
constexpr int kReadSeconds = 5;
constexpr size_t kPayloadBytes = 4096;

}  // namespace

struct OpsServer::Impl {
  Options options;
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
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  httplib::Server& server = impl->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_payload_max_length(kPayloadBytes);
  server.set_read_timeout(kReadSeconds);
  server.set_write_timeout(kReadSeconds);
  server.set_keep_alive_max_count(100);
  server.Get("/metrics", [raw = impl.get()](const httplib::Request&, httplib::Response& response) {
    if (raw->options.before_scrape) raw->options.before_scrape();
    response.set_content(prometheus::TextSerializer().Serialize(raw->options.registry->Collect()),
                         "text/plain; version=0.0.4");
  });
  server.Get("/healthz", [raw = impl.get()](const httplib::Request&, httplib::Response& response) {
    const bool healthy = raw->options.healthy();
    response.status = healthy ? 200 : 503;
    response.set_content(healthy ? "ok\n" : "not serving\n", "text/plain");
  });

  const absl::string_view address = impl->options.address;
  const size_t colon = address.rfind(':');
  const std::string host(address.substr(0, colon));
  int port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port)) {
    return absl::InvalidArgumentError("the ops address is not host:port");
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
