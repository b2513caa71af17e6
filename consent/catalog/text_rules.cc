#include "consent/catalog/text_rules.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace naru {
namespace {

// Takes the first character from valid UTF-8.
uint32_t TakeCharacter(absl::string_view* utf8) {
  const auto first = static_cast<uint8_t>(utf8->front());
  const size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  uint32_t character = length == 1 ? first : first & (0xff >> (length + 1));
  for (size_t i = 1; i < length && i < utf8->size(); ++i) {
    character = character << 6 | (static_cast<uint8_t>((*utf8)[i]) & 0x3f);
  }
  utf8->remove_prefix(std::min(length, utf8->size()));
  return character;
}

bool Visible(uint32_t character) {
  if (character < 0x20 || (character >= 0x7f && character < 0xa0)) return false;
  if (character == 0xad || character == 0x61c || character == 0xfeff) return false;
  if (character >= 0x200b && character <= 0x200f) return false;
  if (character >= 0x2028 && character <= 0x202e) return false;
  return character < 0x2060 || character > 0x206f;
}

}  // namespace

std::string WrongLine(absl::string_view utf8, int max) {
  if (utf8.empty()) return "is missing";
  if (absl::ascii_isspace(utf8.front()) || absl::ascii_isspace(utf8.back())) {
    return "must not begin or end with a space";
  }
  int characters = 0;
  while (!utf8.empty()) {
    if (!Visible(TakeCharacter(&utf8))) return "has a character that cannot be seen";
    ++characters;
  }
  if (characters > max) return absl::StrCat("must have at most ", max, " characters");
  return "";
}

bool IsHostPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  absl::string_view host = text.substr(0, colon);
  const absl::string_view digits = text.substr(colon + 1);
  uint32_t port = 0;
  if (digits.empty() || digits.size() > 5 ||
      digits.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(digits, &port) || port < 1 || port > 65535) {
    return false;
  }
  if (absl::StartsWith(host, "[")) {
    return host.size() > 2 && absl::EndsWith(host, "]") &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") ==
               absl::string_view::npos;
  }
  for (const char c : host) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') return false;
  }
  return true;
}

std::optional<absl::Time> ParseRfc3339(absl::string_view text, absl::Time when_empty) {
  if (text.empty()) return when_empty;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) || time == absl::InfinitePast() ||
      time == absl::InfiniteFuture()) {
    return std::nullopt;
  }
  return time;
}

}  // namespace naru
