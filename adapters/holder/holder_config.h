#ifndef NARU_ADAPTERS_HOLDER_HOLDER_CONFIG_H_
#define NARU_ADAPTERS_HOLDER_HOLDER_CONFIG_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/holder/config_words.h"
#include "adapters/holder/register.h"

// naru-holder's configuration, checked before anything is served: every error is
// "file:line: field: what is wrong". Thread-safe.
namespace naru {

// Reads the file and checks all that can be told without touching anything else. INVALID_ARGUMENT
// names the line; what LoadTextProto says when the file cannot be read.
absl::StatusOr<HolderConfigFile> LoadHolderConfig(const std::string& path);

// The same check for a file that is read already.
absl::Status CheckHolderConfig(const HolderConfigFile& file);

// Opens every register, read-only, and has its database look at every query and column, its
// manifest be read and its files be there. What a register sits behind is connected to, but an HTTP
// service and the resolver are not asked.
// INVALID_ARGUMENT names the line.
absl::StatusOr<std::vector<std::unique_ptr<Register>>> OpenRegisters(const HolderConfigFile& file);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_HOLDER_CONFIG_H_
