#ifndef NARU_BROKER_BASE_IDS_H_
#define NARU_BROKER_BASE_IDS_H_

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/base/random.h"

namespace naru {

// Rows lie in 1,024 shards, by subject. Every public id begins with its shard, so that any id finds
// its rows.
inline constexpr uint16_t kShards = 1024;

// The shard a keyed hash names: its first ten bits. `hash` has at least two bytes.
uint16_t ShardOfHash(absl::string_view hash);

namespace internal_ids {

// The parts of Id that do not depend on its tag.
inline constexpr size_t kIdBytes = 16;
absl::Status CheckBytes(absl::string_view bytes);
absl::StatusOr<std::string> BytesOfText(absl::string_view text);
std::string TextOfBytes(absl::string_view bytes);

}  // namespace internal_ids

// 16 bytes: the shard (big-endian, two bytes), then 14 random bytes. `Tag` makes each kind a type
// of its own.
template <typename Tag>
class Id {
 public:
  static constexpr size_t kBytes = internal_ids::kIdBytes;

  Id() = default;  // Empty: not an id.

  // `shard` is below kShards.
  static Id Generate(uint16_t shard, Random& random) {
    assert(shard < kShards);
    return Id(std::string{static_cast<char>(shard >> 8), static_cast<char>(shard & 0xff)} +
              random.Bytes(kBytes - 2));
  }
  // INVALID_ARGUMENT unless 16 bytes whose shard is below kShards.
  static absl::StatusOr<Id> FromBytes(absl::string_view bytes) {
    absl::Status status = internal_ids::CheckBytes(bytes);
    if (!status.ok()) return status;
    return Id(std::string(bytes));
  }
  // INVALID_ARGUMENT unless 32 lower-case hexadecimal characters whose shard is below kShards.
  static absl::StatusOr<Id> Parse(absl::string_view text) {
    absl::StatusOr<std::string> bytes = internal_ids::BytesOfText(text);
    if (!bytes.ok()) return std::move(bytes).status();
    return Id(*std::move(bytes));
  }

  const std::string& bytes() const { return bytes_; }
  // 32 lower-case hexadecimal characters; empty when empty.
  std::string text() const { return internal_ids::TextOfBytes(bytes_); }
  bool empty() const { return bytes_.empty(); }
  // Not of an empty id.
  uint16_t shard() const {
    assert(!empty());
    return static_cast<uint16_t>(static_cast<uint8_t>(bytes_[0]) << 8 |
                                 static_cast<uint8_t>(bytes_[1]));
  }

  friend bool operator==(const Id& a, const Id& b) { return a.bytes_ == b.bytes_; }
  friend bool operator!=(const Id& a, const Id& b) { return a.bytes_ != b.bytes_; }
  friend bool operator<(const Id& a, const Id& b) { return a.bytes_ < b.bytes_; }
  template <typename H>
  friend H AbslHashValue(H h, const Id& id) {
    return H::combine(std::move(h), id.bytes_);
  }

 private:
  explicit Id(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

struct SubjectTag {};
struct ConsentTag {};
struct FetchTag {};
struct ReleaseTag {};

using SubjectId = Id<SubjectTag>;  // Never leaves the broker.
using ConsentId = Id<ConsentTag>;
using FetchId = Id<FetchTag>;
using ReleaseId = Id<ReleaseTag>;

// The time inside a UUIDv7 (RFC 9562) in text form, 36 lower-case characters. INVALID_ARGUMENT for
// anything else.
absl::StatusOr<absl::Time> RequestIdTime(absl::string_view request_id);

// Makes a UUIDv7 in text form.
std::string NewRequestId(absl::Time now, Random& random);

}  // namespace naru

#endif  // NARU_BROKER_BASE_IDS_H_
