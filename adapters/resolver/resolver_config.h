#ifndef NARU_ADAPTERS_RESOLVER_RESOLVER_CONFIG_H_
#define NARU_ADAPTERS_RESOLVER_RESOLVER_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/base/textproto.h"
#include "naru/config/v1/config.pb.h"

// naru-resolver's configuration, checked before anything is served: every error is
// "file:line: field: what is wrong". Thread-safe.
namespace naru {

using ResolverConfigFile = TextProtoFile<config::v1::ResolverConfig>;

// Reads the file and checks all that can be told without touching anything else. INVALID_ARGUMENT
// names the line; what LoadTextProto says when the file cannot be read.
absl::StatusOr<ResolverConfigFile> LoadResolverConfig(const std::string& path);

// The same check for a file that is read already.
absl::Status CheckResolverConfig(const ResolverConfigFile& file);

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_RESOLVER_CONFIG_H_
