#ifndef NARU_ADAPTERS_NOTIFY_NOTIFY_CONFIG_H_
#define NARU_ADAPTERS_NOTIFY_NOTIFY_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/base/textproto.h"
#include "naru/config/v1/config.pb.h"

// naru-notify's configuration, checked before anything is done: every error is
// "file:line: field: what is wrong". Thread-safe.
namespace naru {

using NotifyConfigFile = TextProtoFile<config::v1::NotifyConfig>;

// Reads the file and checks all that can be told without touching anything else. INVALID_ARGUMENT
// names the line; what LoadTextProto says when the file cannot be read.
absl::StatusOr<NotifyConfigFile> LoadNotifyConfig(const std::string& path);

// The same check for a file that is read already.
absl::Status CheckNotifyConfig(const NotifyConfigFile& file);

}  // namespace naru

#endif  // NARU_ADAPTERS_NOTIFY_NOTIFY_CONFIG_H_
