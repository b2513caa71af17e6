#ifndef NARU_CONSENT_STORE_FREE_SPACE_GUARD_H_
#define NARU_CONSENT_STORE_FREE_SPACE_GUARD_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"

namespace naru {

// Bytes that this process may still write on the file system of `directory`.
absl::StatusOr<uint64_t> FreeBytes(const std::string& directory);

// Says whether there is room to write. Debian's RocksDB ends the process when its log hits a full
// disk, so writes stop well before that while reads go on. Asks the system at most every 100 ms and
// counts what was written in between. Not thread-safe.
class FreeSpaceGuard {
 public:
  // How old an answer of the system may be.
  static constexpr absl::Duration kAge = absl::Milliseconds(100);

  using Probe = std::function<absl::StatusOr<uint64_t>()>;

  // `probe` gives the free bytes, FreeBytes in production. `clock` must outlive the guard.
  FreeSpaceGuard(Clock* clock, uint64_t min_free_bytes, Probe probe);

  // Whether at least the minimum stays free after `bytes` more. False too when the system gives no
  // answer.
  bool HasRoom(uint64_t bytes);
  // Notes that `bytes` were written.
  void Wrote(uint64_t bytes) { written_ += bytes; }

 private:
  Clock* const clock_;
  const uint64_t min_free_bytes_;
  const Probe probe_;
  absl::Duration next_probe_ = -absl::InfiniteDuration();
  uint64_t free_ = 0;
  // Since the probe.
  uint64_t written_ = 0;
  bool had_room_ = true;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_FREE_SPACE_GUARD_H_
