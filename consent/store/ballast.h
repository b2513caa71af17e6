#ifndef NARU_CONSENT_STORE_BALLAST_H_
#define NARU_CONSENT_STORE_BALLAST_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

// The ballast: a file that holds nothing but space. On a full disk an operator deletes it and has
// room at once, to let the broker start, finish and be moved; the next start makes it again when
// there is space.
namespace naru {

// The file's name in the data directory.
inline constexpr char kBallastName[] = "BALLAST";

// Makes `directory`/BALLAST hold `bytes` of real space (0: removes it) if `keep_free` bytes stay
// free beside it. Without the space there is no ballast, which is logged and no error.
absl::Status PrepareBallast(const std::string& directory, uint64_t bytes, uint64_t keep_free);

// Gives the ballast's space back when less than `needed` bytes are free. RESOURCE_EXHAUSTED when
// that is not enough.
absl::Status MakeRoom(const std::string& directory, uint64_t needed);

}  // namespace naru

#endif  // NARU_CONSENT_STORE_BALLAST_H_
