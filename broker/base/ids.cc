#include "broker/base/ids.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace naru {
namespace {

bool IsLowerHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// A UUID's hexadecimal digits stand in groups of 8, 4, 4, 4 and 12.
constexpr size_t kUuidText = 36;
constexpr size_t kUuidBytes = 16;
constexpr size_t kUuidHyphens[] = {8, 13, 18, 23};

bool IsHyphenPlace(size_t i) {
  return std::find(std::begin(kUuidHyphens), std::end(kUuidHyphens), i) != std::end(kUuidHyphens);
}

uint8_t Byte(absl::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

}  // namespace

uint16_t ShardOfHash(absl::string_view hash) {
  assert(hash.size() >= 2);
  return static_cast<uint16_t>(Byte(hash, 0) << 2 | Byte(hash, 1) >> 6);
}

namespace internal_ids {

absl::Status CheckBytes(absl::string_view bytes) {
  if (bytes.size() != kIdBytes) return absl::InvalidArgumentError("an id has 16 bytes");
  if ((Byte(bytes, 0) << 8 | Byte(bytes, 1)) >= kShards) {
    return absl::InvalidArgumentError("an id begins with its shard");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BytesOfText(absl::string_view text) {
  if (text.size() != 2 * kIdBytes || !std::all_of(text.begin(), text.end(), IsLowerHex)) {
    return absl::InvalidArgumentError("an id is 32 lower-case hexadecimal characters");
  }
  std::string bytes = absl::HexStringToBytes(text);
  absl::Status status = CheckBytes(bytes);
  if (!status.ok()) return status;
  return bytes;
}

std::string TextOfBytes(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

}  // namespace internal_ids

// UUIDv7: 48 bits of Unix milliseconds, version 7, 12 random bits, variant 10, 62 random bits.

absl::StatusOr<absl::Time> RequestIdTime(absl::string_view request_id) {
  const absl::Status malformed =
      absl::InvalidArgumentError("a request id is a UUIDv7 of 36 lower-case characters");
  if (request_id.size() != kUuidText) return malformed;
  std::string hex;
  for (size_t i = 0; i < kUuidText; ++i) {
    if (IsHyphenPlace(i)) {
      if (request_id[i] != '-') return malformed;
    } else {
      if (!IsLowerHex(request_id[i])) return malformed;
      hex.push_back(request_id[i]);
    }
  }
  const std::string bytes = absl::HexStringToBytes(hex);
  if (Byte(bytes, 6) >> 4 != 7 || Byte(bytes, 8) >> 6 != 2) return malformed;
  int64_t millis = 0;
  for (size_t i = 0; i < 6; ++i) millis = millis << 8 | Byte(bytes, i);
  return absl::FromUnixMillis(millis);
}

std::string NewRequestId(absl::Time now, Random& random) {
  const int64_t millis = std::max<int64_t>(0, absl::ToUnixMillis(now));
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(millis >> shift));
  bytes += random.Bytes(kUuidBytes - bytes.size());
  bytes[6] = static_cast<char>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<char>(0x80 | (bytes[8] & 0x3f));
  const std::string hex = absl::BytesToHexString(bytes);
  const absl::string_view view = hex;
  return absl::StrCat(view.substr(0, 8), "-", view.substr(8, 4), "-", view.substr(12, 4), "-",
                      view.substr(16, 4), "-", view.substr(20));
}

}  // namespace naru
