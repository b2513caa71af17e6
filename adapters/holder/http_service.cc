#include "adapters/holder/http_service.h"

#include <glog/logging.h>
#include <httplib.h>
#include <signal.h>

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapters/holder/socket_deadline.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

constexpr size_t kPemBytes = 1024 * 1024;
constexpr int kOk = 200;
constexpr int kNoContent = 204;
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;
constexpr int kPortMax = 65535;

bool IsJson(const httplib::Response& response) {
  const std::vector<std::string> parts = absl::StrSplit(response.get_header_value("Content-Type"),
                                                        absl::MaxSplits(absl::ByAnyChar("; "), 1));
  return absl::EqualsIgnoreCase(parts[0], "application/json") &&
         !response.has_header("Content-Encoding");
}

absl::Status CannotBeReached(const std::string& name, absl::string_view why) {
  LOG(ERROR) << "register " << name << ": the service cannot be asked: " << why;
  return DependencyUnavailable("register");
}

}  // namespace

std::optional<HttpsAddress> ParseHttpsAddress(const std::string& url) {
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "https://")) return std::nullopt;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, ':');
  HttpsAddress address;
  address.host = std::string(parts.first);
  const bool plain = address.host.find_first_of("/@?#[] ") == std::string::npos;
  if (address.host.empty() || !plain || !absl::SimpleAtoi(parts.second, &address.port) ||
      address.port <= 0 || address.port > kPortMax) {
    return std::nullopt;
  }
  return address;
}

HttpService::HttpService(const config::v1::HttpRegister& config, Timer* timer)
    : config_(config),
      address_(ParseHttpsAddress(config.url()).value_or(HttpsAddress())),
      time_(config.timeout_ms() == 0 ? kHttpTime : absl::Milliseconds(config.timeout_ms())),
      connections_(config.connections() == 0 ? limits::kHolderConnections : config.connections()),
      timer_(timer),
      free_(connections_) {}

absl::StatusOr<std::unique_ptr<HttpService>> HttpService::Open(
    const config::v1::HttpRegister& config, Timer* timer) {
  // OpenSSL writes to a socket as to a file: a service that is gone would end this process.
  signal(SIGPIPE, SIG_IGN);
  ABSL_ASSIGN_OR_RETURN(std::string key, crypto::ReadSecretFile(config.tls().key_file()));
  crypto::Wipe(key);
  ABSL_RETURN_IF_ERROR(ReadFile(config.tls().certificate_file(), kPemBytes).status());
  ABSL_RETURN_IF_ERROR(ReadFile(config.tls().ca_file(), kPemBytes).status());
  auto service = absl::WrapUnique(new HttpService(config, timer));
  const httplib::SSLClient client(service->address_.host, service->address_.port,
                                  config.tls().certificate_file(), config.tls().key_file());
  if (!client.is_valid()) {
    return absl::FailedPreconditionError(absl::StrCat(config.tls().certificate_file(), ", ",
                                                      config.tls().key_file(),
                                                      ": no certificate and its key"));
  }
  return service;
}

absl::StatusOr<std::optional<std::string>> HttpService::Post(const std::string& path,
                                                             const std::string& json) {
  {
    absl::MutexLock lock(&mu_);
    const auto is_free = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return free_ > 0; };
    if (!mu_.AwaitWithTimeout(absl::Condition(&is_free), limits::kHolderConnectionWait)) {
      return Overloaded("connections to the register", absl::Seconds(1));
    }
    --free_;
  }
  absl::StatusOr<std::optional<std::string>> answer = Ask(path, json);
  absl::MutexLock lock(&mu_);
  ++free_;
  return answer;
}

absl::StatusOr<std::optional<std::string>> HttpService::Ask(const std::string& path,
                                                            const std::string& json) {
  SocketDeadline deadline(timer_, time_);
  httplib::SSLClient client(address_.host, address_.port, config_.tls().certificate_file(),
                            config_.tls().key_file());
  if (!client.is_valid()) {
    return CannotBeReached(config_.name(), "no certificate and its key");
  }
  client.set_ca_cert_path(config_.tls().ca_file());
  client.enable_server_certificate_verification(true);
  if (!config_.address().empty()) {
    client.set_hostname_addr_map({{address_.host, config_.address()}});
  }
  // Of each step; the deadline is of the whole.
  const auto step = absl::ToChronoMilliseconds(time_);
  client.set_connection_timeout(step);
  client.set_read_timeout(step);
  client.set_write_timeout(step);
  client.set_decompress(false);
  client.set_socket_options([&deadline](socket_t socket) { deadline.Watch(socket); });

  httplib::Request request;
  request.method = "POST";
  request.path = path;
  request.headers = {{"Content-Type", "application/json"},
                     {"Accept", "application/json"},
                     {"Accept-Encoding", "identity"},
                     {"Connection", "close"}};
  request.body = json;
  std::string body;
  bool too_large = false;
  request.content_receiver = [&body, &too_large](const char* data, size_t size, uint64_t,
                                                 uint64_t) {
    too_large = body.size() + size > kHttpAnswerBytes;
    if (!too_large) body.append(data, size);
    return !too_large;
  };
  const httplib::Result result = client.send(request);
  if (too_large) {
    LOG(ERROR) << "register " << config_.name() << ": the service's answer is too large";
    return InternalFault("the register's answer is too large");
  }
  if (deadline.expired()) return CannotBeReached(config_.name(), "it took too long");
  if (!result) return CannotBeReached(config_.name(), httplib::to_string(result.error()));
  if (result->status == kNoContent) return std::optional<std::string>();
  if (result->status == kTooManyRequests || result->status == kServiceUnavailable) {
    return CannotBeReached(config_.name(), absl::StrCat("HTTP status ", result->status));
  }
  if (result->status != kOk || !IsJson(*result)) {
    LOG(ERROR) << "register " << config_.name() << ": the service answers HTTP status "
               << result->status << (result->status == kOk ? ", but not JSON" : "");
    return InternalFault("the register's service refused");
  }
  return body;
}

}  // namespace naru
