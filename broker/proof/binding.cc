#include "broker/proof/binding.h"

#include "absl/strings/str_cat.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

constexpr size_t kNumberBytesMax = 0xffff;

}  // namespace

std::string SubjectBytes(v1::SubjectType type, absl::string_view number) {
  // Enums are open on the wire: cut to one byte, type 257 would pass for a person.
  if (!v1::SubjectType_IsValid(type) || number.size() > kNumberBytesMax) {
    type = v1::SUBJECT_TYPE_UNSPECIFIED;
    number = "";
  }
  const char head[] = {static_cast<char>(type), static_cast<char>(number.size() >> 8),
                       static_cast<char>(number.size() & 0xff)};
  return absl::StrCat(absl::string_view(head, sizeof(head)), number);
}

std::string SubjectBinding(absl::string_view nonce, v1::SubjectType type,
                           absl::string_view number) {
  return crypto::HmacSha256(nonce, SubjectBytes(type, number));
}

}  // namespace naru
