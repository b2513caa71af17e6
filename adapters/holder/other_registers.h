#ifndef NARU_ADAPTERS_HOLDER_OTHER_REGISTERS_H_
#define NARU_ADAPTERS_HOLDER_OTHER_REGISTERS_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/holder/config_words.h"
#include "adapters/holder/register.h"

// The configuration of registers that are no SQL databases, and of the resolver that any register
// may need. Errors are INVALID_ARGUMENT "file:line: field: what is wrong". Thread-safe.
namespace naru {

// What can be told without touching anything else. `names` and `kinds` are those of the registers
// checked before, and get these.
absl::Status CheckOtherRegisters(const HolderConfigFile& file, std::set<std::string>* names,
                                 std::set<std::string>* kinds);

// Whether the number_kind of the document at `at` is one, and there is a resolver for it.
absl::Status CheckNumberKind(const HolderConfigFile& file, const std::string& at,
                             const std::string& number_kind);

// Opens folders and HTTP registers: manifests, the files they name, certificates and keys are
// looked at; services are not asked.
absl::StatusOr<std::vector<std::unique_ptr<Register>>> OpenOtherRegisters(
    const HolderConfigFile& file);

// The same registers, asking the resolver for kinds that know persons by another number. Does not
// connect.
absl::StatusOr<std::vector<std::unique_ptr<Register>>> WithResolver(
    const HolderConfigFile& file, std::vector<std::unique_ptr<Register>> registers);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_OTHER_REGISTERS_H_
