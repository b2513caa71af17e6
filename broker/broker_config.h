#ifndef NARU_BROKER_BROKER_CONFIG_H_
#define NARU_BROKER_BROKER_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "consent/text/messages.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// Reads naru-broker's configuration and checks every field; defaults are filled in.
// INVALID_ARGUMENT names file, line and field of the first thing wrong. Secrets are not read here.
absl::StatusOr<config::v1::BrokerConfig> LoadBrokerConfig(const std::string& path);

// What messages name, with the default for each part that is left out.
HelpLine HelpLineOf(const config::v1::BrokerConfig& config);

}  // namespace naru

#endif  // NARU_BROKER_BROKER_CONFIG_H_
