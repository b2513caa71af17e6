#ifndef NARU_ADAPTERS_HOLDER_HTTP_SERVICE_H_
#define NARU_ADAPTERS_HOLDER_HTTP_SERVICE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/executor.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// The largest answer that is read.
inline constexpr size_t kHttpAnswerBytes = 4 * 1024 * 1024;
inline constexpr absl::Duration kHttpTime = absl::Seconds(5);
inline constexpr absl::Duration kHttpTimeMax = absl::Seconds(8);

// "https://host:port" taken apart.
struct HttpsAddress {
  std::string host;
  int port = 0;
};
std::optional<HttpsAddress> ParseHttpsAddress(const std::string& url);

// An agency's HTTP service, asked over mutual TLS: its certificate is of the configured authorities
// and has the address's host as a DNS name. Each question has a connection of its own, and with it
// the certificate and key that lie on the disk by then; a handshake is what that costs. Follows no
// redirection, takes nothing compressed. Thread-safe; calls block.
class HttpService {
 public:
  // `config` has been checked; `timer` is SocketDeadline's. FAILED_PRECONDITION or NOT_FOUND
  // names the file that cannot be used. From then on the process ignores SIGPIPE.
  static absl::StatusOr<std::unique_ptr<HttpService>> Open(const config::v1::HttpRegister& config,
                                                           Timer* timer = nullptr);

  // The JSON that the service answers, or nullopt when it has nothing. UNAVAILABLE (OVERLOADED)
  // when no connection becomes free in time, (DEPENDENCY_UNAVAILABLE) when the service cannot be
  // reached, is somebody else, or does not answer in time; INTERNAL for any other answer.
  absl::StatusOr<std::optional<std::string>> Post(const std::string& path, const std::string& json)
      ABSL_LOCKS_EXCLUDED(mu_);

  size_t connections() const { return connections_; }

 private:
  HttpService(const config::v1::HttpRegister& config, Timer* timer);

  absl::StatusOr<std::optional<std::string>> Ask(const std::string& path, const std::string& json);

  const config::v1::HttpRegister config_;
  const HttpsAddress address_;
  const absl::Duration time_;
  const size_t connections_;
  Timer* const timer_;
  absl::Mutex mu_;
  size_t free_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_HTTP_SERVICE_H_
