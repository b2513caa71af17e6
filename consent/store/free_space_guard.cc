#include "consent/store/free_space_guard.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace naru {

absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) {
  struct statvfs info;
  if (statvfs(directory.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot tell the free space of ", directory));
  }
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

FreeSpaceGuard::FreeSpaceGuard(Clock* clock, uint64_t min_free_bytes, Probe probe)
    : clock_(clock), min_free_bytes_(min_free_bytes), probe_(std::move(probe)) {
  CHECK(clock_ != nullptr);
}

bool FreeSpaceGuard::HasRoom(uint64_t bytes) {
  const absl::Duration now = clock_->Monotonic();
  if (now >= next_probe_) {
    absl::StatusOr<uint64_t> free = probe_();
    if (!free.ok()) LOG(ERROR) << "writes are refused: " << free.status();
    free_ = free.value_or(0);
    written_ = 0;
    next_probe_ = now + kAge;
  }
  // In this order nothing overflows.
  const bool has_room = free_ >= min_free_bytes_ && free_ - min_free_bytes_ >= written_ &&
                        free_ - min_free_bytes_ - written_ >= bytes;
  if (has_room != had_room_) {
    LOG(WARNING) << (has_room ? "there is room again: writes go on, "
                              : "not enough free space: writes are refused, reads go on, ")
                 << free_ << " bytes free, " << min_free_bytes_ << " must stay";
    had_room_ = has_room;
  }
  return has_room;
}

}  // namespace naru
