#include "adapters/holder/resident_number.h"

#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"

namespace naru {
namespace {

constexpr size_t kDateDigits = 6;
constexpr size_t kBackDigits = 7;
constexpr size_t kDigits = kDateDigits + kBackDigits;
// Numbers given from this day on have no check digit.
constexpr absl::CivilDay kNoCheckDigit(2020, 10, 1);

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

int Number(absl::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

// Digits at the start of `text`.
size_t DigitsAt(absl::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

// The length of a hyphen or dash, with spaces around it, at the start of `text`; 0 when there is
// none.
size_t SeparatorAt(absl::string_view text) {
  const absl::string_view all = text;
  while (absl::ConsumePrefix(&text, " ")) {
  }
  // Hyphen-minus, hyphen, non-breaking hyphen, en dash, minus, full-width hyphen.
  bool found = false;
  for (const char* dash : {"-", "\u2010", "\u2011", "\u2013", "\u2212", "\uFF0D"}) {
    if (absl::ConsumePrefix(&text, dash)) {
      found = true;
      break;
    }
  }
  if (!found) return 0;
  while (absl::ConsumePrefix(&text, " ")) {
  }
  return all.size() - text.size();
}

// The birthday that 7 digits tell; false when there is no such day, or it is before 1900.
bool ReadBirthday(absl::string_view first7, absl::CivilDay* day) {
  // 1, 2: 1900s; 3, 4: 2000s; 5 to 8 the same for foreigners; 9, 0: 1800s.
  constexpr std::array<int, 10> kCenturies = {0, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 0};
  const int century = kCenturies[static_cast<size_t>(first7[6] - '0')];
  if (century == 0) return false;
  const int month = Number(first7.substr(2, 2));
  const int of_month = Number(first7.substr(4, 2));
  *day = absl::CivilDay(century + Number(first7.substr(0, 2)), month, of_month);
  // CivilDay makes another day of one that does not exist.
  return day->month() == month && day->day() == of_month;
}

bool HasCheckDigit(absl::string_view digits) {
  constexpr std::array<int, kDigits - 1> kWeights = {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += (digits[i] - '0') * kWeights[i];
  return (11 - sum % 11) % 10 == digits[kDigits - 1] - '0';
}

bool IsHyphenated(absl::string_view front, absl::string_view rest) {
  const size_t separator = SeparatorAt(rest);
  if (separator == 0 || DigitsAt(rest.substr(separator)) != kBackDigits) return false;
  absl::CivilDay day;
  return ReadBirthday(std::string(front) + std::string(rest.substr(separator, 1)), &day);
}

bool IsInARow(absl::string_view digits) {
  absl::CivilDay day;
  return ReadBirthday(digits.substr(0, kDateDigits + 1), &day) &&
         (day >= kNoCheckDigit || HasCheckDigit(digits));
}

}  // namespace

bool HasResidentNumber(absl::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t digits = DigitsAt(text.substr(at));
    if (digits == 0) {
      ++at;
      continue;
    }
    const absl::string_view run = text.substr(at, digits);
    at += digits;
    if (digits == kDigits && IsInARow(run)) return true;
    if (digits == kDateDigits && IsHyphenated(run, text.substr(at))) return true;
  }
  return false;
}

}  // namespace naru
