#include "adapters/holder/mask.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"

namespace naru {
namespace {

constexpr size_t kResidentDigits = 13;
constexpr size_t kResidentShown = 7;
constexpr size_t kPhoneDigitsMin = 9;
constexpr size_t kPhoneDigitsMax = 12;
constexpr size_t kPhoneShown = 4;
constexpr size_t kAccountDigitsMin = 8;
constexpr size_t kAccountFirst = 3;
constexpr size_t kAccountLast = 2;
constexpr size_t kLastShown = 4;

// One string each; a byte that is no UTF-8 counts as a character.
std::vector<std::string> Characters(absl::string_view text) {
  std::vector<std::string> characters;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80 && !characters.empty()) {
      characters.back() += c;
    } else {
      characters.emplace_back(1, c);
    }
  }
  return characters;
}

std::string HideAll(absl::string_view text) { return std::string(Characters(text).size(), '*'); }

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// How many digits; 0 when there is anything but digits and what stands between their groups.
size_t CountDigits(absl::string_view text) {
  size_t digits = 0;
  for (const char c : text) {
    if (IsDigit(c)) {
      ++digits;
    } else if (c != '-' && c != ' ') {
      return 0;
    }
  }
  return digits;
}

// Hides the digits from the first-th on but the last ones.
std::string HideDigits(absl::string_view text, size_t first, size_t last) {
  const size_t count = CountDigits(text);
  std::string hidden(text);
  size_t digit = 0;
  for (char& c : hidden) {
    if (!IsDigit(c)) continue;
    if (digit >= first && digit + last < count) c = '*';
    ++digit;
  }
  return hidden;
}

std::string HideResidentNumberBack(absl::string_view value) {
  if (CountDigits(value) != kResidentDigits) {
    // Hidden already, by the register.
    constexpr absl::string_view kHidden = "******";
    const bool is_hidden =
        value.size() > kHidden.size() && value.substr(value.size() - kHidden.size()) == kHidden &&
        CountDigits(value.substr(0, value.size() - kHidden.size())) == kResidentShown;
    return is_hidden ? std::string(value) : HideAll(value);
  }
  return HideDigits(value, kResidentShown, 0);
}

std::string HidePhone(absl::string_view value) {
  const size_t digits = CountDigits(value);
  if (digits < kPhoneDigitsMin || digits > kPhoneDigitsMax) return HideAll(value);
  // Seoul's area code alone has two digits.
  const size_t area = value.substr(0, 2) == "02" ? 2 : 3;
  return HideDigits(value, area, kPhoneShown);
}

std::string HideAccount(absl::string_view value) {
  if (CountDigits(value) < kAccountDigitsMin) return HideAll(value);
  return HideDigits(value, kAccountFirst, kAccountLast);
}

bool IsLongSurname(absl::string_view two) {
  constexpr std::array<absl::string_view, 9> kSurnames = {"남궁", "황보", "제갈", "사공", "선우",
                                                          "서문", "독고", "동방", "망절"};
  return std::find(kSurnames.begin(), kSurnames.end(), two) != kSurnames.end();
}

std::string HideNameMiddle(absl::string_view value) {
  std::vector<std::string> name = Characters(value);
  const size_t size = name.size();
  if (size < 2) return HideAll(value);
  size_t from = 1;
  size_t to = size == 2 ? 2 : size - 1;
  if (size == 4 && IsLongSurname(name[0] + name[1])) {
    from = 2;
    to = size;
  }
  for (size_t i = from; i < to; ++i) {
    if (name[i] != " ") name[i] = "*";
  }
  return absl::StrJoin(name, "");
}

std::string HideAllButLast(absl::string_view value) {
  std::vector<std::string> characters = Characters(value);
  if (characters.size() <= kLastShown) return HideAll(value);
  std::fill(characters.begin(), characters.end() - kLastShown, "*");
  return absl::StrJoin(characters, "");
}

}  // namespace

std::string ApplyMask(config::v1::Mask mask, absl::string_view value) {
  switch (mask) {
    case config::v1::MASK_UNSPECIFIED:
    case config::v1::MASK_NONE:
      return std::string(value);
    case config::v1::MASK_RESIDENT_NUMBER_BACK:
      return HideResidentNumberBack(value);
    case config::v1::MASK_NAME_MIDDLE:
      return HideNameMiddle(value);
    case config::v1::MASK_PHONE:
      return HidePhone(value);
    case config::v1::MASK_ACCOUNT:
      return HideAccount(value);
    case config::v1::MASK_ALL_BUT_LAST4:
      return HideAllButLast(value);
    default:
      // A mask of a newer configuration.
      return HideAll(value);
  }
}

}  // namespace naru
