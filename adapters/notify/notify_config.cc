#include "adapters/notify/notify_config.h"

#include "adapters/base/program.h"
#include "broker/base/identity.h"
#include "broker/base/ops/ops_server.h"
#include "broker/base/status_macros.h"

namespace naru {

absl::StatusOr<NotifyConfigFile> LoadNotifyConfig(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(NotifyConfigFile file, NotifyConfigFile::Load(path));
  ABSL_RETURN_IF_ERROR(CheckNotifyConfig(file));
  return file;
}

absl::Status CheckNotifyConfig(const NotifyConfigFile& file) {
  const config::v1::NotifyConfig& config = file.message();
  if (!IsHostAndPort(config.broker_address())) {
    return file.ErrorAt("broker_address", "is not host:port");
  }
  if (!ParseIdentity(config.broker_identity()).ok()) {
    return file.ErrorAt("broker_identity", "is not urn:naru:<agency>:<service>");
  }
  const config::v1::TlsFiles& tls = config.tls();
  if (tls.certificate_file().empty()) return file.ErrorAt("tls.certificate_file", "is missing");
  if (tls.key_file().empty()) return file.ErrorAt("tls.key_file", "is missing");
  if (tls.ca_file().empty()) return file.ErrorAt("tls.ca_file", "is missing");
  if (config.spool_directory().empty()) return file.ErrorAt("spool_directory", "is missing");
  if (config.cursor_file().empty()) return file.ErrorAt("cursor_file", "is missing");
  if (!config.ops_address().empty() &&
      !(IsHostAndPort(config.ops_address()) && IsLoopback(config.ops_address()))) {
    return file.ErrorAt("ops_address", "is not host:port on loopback");
  }
  return absl::OkStatus();
}

}  // namespace naru
