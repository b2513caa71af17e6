#ifndef NARU_CONSENT_STORE_BIG_ENDIAN_H_
#define NARU_CONSENT_STORE_BIG_ENDIAN_H_

#include <cstddef>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"

// Integers as they lie on disk: the highest byte first, so that order of bytes is order of numbers.
namespace naru {

template <typename Integer>
void AppendBigEndian(std::string& out, Integer value) {
  static_assert(std::is_unsigned_v<Integer>);
  for (int shift = 8 * (static_cast<int>(sizeof(Integer)) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

// `bytes` has at least the integer's size from `offset` on.
template <typename Integer>
Integer ReadBigEndian(absl::string_view bytes, size_t offset = 0) {
  static_assert(std::is_unsigned_v<Integer>);
  Integer value = 0;
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Integer>(value << 8 | static_cast<unsigned char>(bytes[offset + i]));
  }
  return value;
}

}  // namespace naru

#endif  // NARU_CONSENT_STORE_BIG_ENDIAN_H_
