#include "adapters/notify/cursor_file.h"

#include <glog/logging.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

constexpr size_t kFileBytes = 64;

// "<digits>\n" and nothing else.
bool ParseCursor(absl::string_view text, uint64_t* cursor) {
  if (text.size() < 2 || text.back() != '\n') return false;
  text.remove_suffix(1);
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }) &&
         absl::SimpleAtoi(text, cursor);
}

}  // namespace

absl::StatusOr<CursorFile> CursorFile::Open(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, kFileBytes);
  if (absl::IsNotFound(text.status())) return CursorFile(path, 0);
  uint64_t cursor = 0;
  if (absl::IsOutOfRange(text.status()) || (text.ok() && !ParseCursor(*text, &cursor))) {
    LOG(ERROR) << path << ": holds no cursor; the feed is followed from its beginning";
    return CursorFile(path, 0);
  }
  ABSL_RETURN_IF_ERROR(text.status());
  return CursorFile(path, cursor);
}

absl::Status CursorFile::Set(uint64_t cursor) {
  ABSL_RETURN_IF_ERROR(AtomicWriteFile(path_, absl::StrCat(cursor, "\n"), 0600));
  cursor_ = cursor;
  return absl::OkStatus();
}

}  // namespace naru
