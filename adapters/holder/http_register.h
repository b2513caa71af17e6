#ifndef NARU_ADAPTERS_HOLDER_HTTP_REGISTER_H_
#define NARU_ADAPTERS_HOLDER_HTTP_REGISTER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/http_service.h"
#include "adapters/holder/register.h"
#include "broker/base/executor.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// Records that an HTTP service of the agency answers in JSON, as configured. What is in the answer
// beside the configured paths goes nowhere. Thread-safe; calls block.
class HttpRegister final : public Register {
 public:
  // `config` has been checked (holder_config.h); `timer` is SocketDeadline's. Errors as
  // HttpService::Open.
  static absl::StatusOr<std::unique_ptr<HttpRegister>> Open(const config::v1::HttpRegister& config,
                                                            Timer* timer = nullptr);

  const DocumentForm* FindForm(absl::string_view kind) const override;
  // As Register::Find. The subject and the person are what the answer says.
  absl::StatusOr<std::optional<Record>> Find(absl::string_view kind,
                                             const RecordQuery& query) override;
  size_t connections() const override { return service_->connections(); }

 private:
  class Reader;
  struct Served {
    DocumentForm form;
    const config::v1::HttpDocument* document;
  };

  HttpRegister(const config::v1::HttpRegister& config, std::unique_ptr<HttpService> service);

  const config::v1::HttpRegister config_;
  const std::unique_ptr<HttpService> service_;
  std::map<std::string, Served, std::less<>> documents_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_HTTP_REGISTER_H_
