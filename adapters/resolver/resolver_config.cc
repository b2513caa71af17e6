#include "adapters/resolver/resolver_config.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/base/program.h"
#include "broker/base/identity.h"
#include "broker/base/ops/ops_server.h"
#include "broker/base/status_macros.h"
#include "naru/identity/v1/identity_service.pb.h"

namespace naru {
namespace {

constexpr char kNoIdentity[] = "is not urn:naru:<agency>:<service>";

std::string At(absl::string_view list, int index) { return absl::StrCat(list, "[", index, "]"); }

bool IsNumberKind(const std::string& name) {
  identity::v1::NumberKind kind = identity::v1::NUMBER_KIND_UNSPECIFIED;
  return identity::v1::NumberKind_Parse(name, &kind) &&
         kind != identity::v1::NUMBER_KIND_UNSPECIFIED;
}

absl::Status CheckTls(const ResolverConfigFile& file) {
  const config::v1::TlsFiles& tls = file.message().tls();
  if (tls.certificate_file().empty()) return file.ErrorAt("tls.certificate_file", "is missing");
  if (tls.key_file().empty()) return file.ErrorAt("tls.key_file", "is missing");
  if (tls.ca_file().empty()) return file.ErrorAt("tls.ca_file", "is missing");
  return absl::OkStatus();
}

// The broker may neither look up nor resolve numbers: one certificate never has two of these rights
// by mistake.
absl::Status CheckRequesters(const ResolverConfigFile& file) {
  const config::v1::ResolverConfig& config = file.message();
  if (config.requesters().empty()) return file.ErrorAt("requesters", "is missing");
  std::set<std::string> seen;
  for (int i = 0; i < config.requesters_size(); ++i) {
    const std::string& uri = config.requesters(i);
    if (!ParseIdentity(uri).ok()) return file.ErrorAt(At("requesters", i), kNoIdentity);
    if (uri == config.broker_identity()) {
      return file.ErrorAt(At("requesters", i), "is the broker, which may not look up persons");
    }
    if (!seen.insert(uri).second) return file.ErrorAt(At("requesters", i), "stands twice");
  }
  return absl::OkStatus();
}

absl::Status CheckHolders(const ResolverConfigFile& file) {
  const config::v1::ResolverConfig& config = file.message();
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < config.holders_size(); ++i) {
    const config::v1::HolderRight& right = config.holders(i);
    const std::string at = At("holders", i);
    if (!ParseIdentity(right.identity()).ok()) {
      return file.ErrorAt(at + ".identity", kNoIdentity);
    }
    if (!IsNumberKind(right.number_kind())) {
      return file.ErrorAt(at + ".number_kind",
                          "is not the name of a NumberKind, such as NUMBER_KIND_PENSION");
    }
    if (!seen.emplace(right.identity(), right.number_kind()).second) {
      return file.ErrorAt(at, "stands twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ResolverConfigFile> LoadResolverConfig(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(ResolverConfigFile file, ResolverConfigFile::Load(path));
  ABSL_RETURN_IF_ERROR(CheckResolverConfig(file));
  return file;
}

absl::Status CheckResolverConfig(const ResolverConfigFile& file) {
  const config::v1::ResolverConfig& config = file.message();
  if (!IsHostAndPort(config.listen_address())) {
    return file.ErrorAt("listen_address", "is not host:port");
  }
  ABSL_RETURN_IF_ERROR(CheckTls(file));
  if (config.connection().empty()) return file.ErrorAt("connection", "is missing");
  if (!IsHostAndPort(config.broker_address())) {
    return file.ErrorAt("broker_address", "is not host:port");
  }
  if (!ParseIdentity(config.broker_identity()).ok()) {
    return file.ErrorAt("broker_identity", kNoIdentity);
  }
  if (!config.ops_address().empty() &&
      !(IsHostAndPort(config.ops_address()) && IsLoopback(config.ops_address()))) {
    return file.ErrorAt("ops_address", "is not host:port on loopback");
  }
  ABSL_RETURN_IF_ERROR(CheckRequesters(file));
  return CheckHolders(file);
}

}  // namespace naru
