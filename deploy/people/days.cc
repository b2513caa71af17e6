#include "deploy/people/days.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace naru::people {

std::string IsoDay(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::string IsoDay(const std::optional<absl::CivilDay>& day) {
  return day.has_value() ? IsoDay(*day) : "";
}

std::string PlainDay(absl::CivilDay day) {
  return absl::StrFormat("%04d%02d%02d", day.year(), day.month(), day.day());
}

std::string PlainDay(const std::optional<absl::CivilDay>& day) {
  return day.has_value() ? PlainDay(*day) : "";
}

int AgeOn(absl::CivilDay birthday, absl::CivilDay day) {
  const int years = static_cast<int>(day.year() - birthday.year());
  return BirthdayAt(birthday, years) > day ? years - 1 : years;
}

absl::CivilDay BirthdayAt(absl::CivilDay birthday, int age) {
  return absl::CivilDay(birthday.year() + age, birthday.month(), birthday.day());
}

absl::CivilDay DayBetween(Rng& rng, absl::CivilDay first, absl::CivilDay last) {
  if (last <= first) return first;
  return first + rng.Between(0, last - first);
}

int MonthsWithin(absl::CivilDay start, const std::optional<absl::CivilDay>& end,
                 absl::CivilMonth from, absl::CivilMonth to) {
  const absl::CivilMonth first = std::max(absl::CivilMonth(start), from);
  const absl::CivilMonth last = end.has_value() ? std::min(absl::CivilMonth(*end), to) : to;
  return last < first ? 0 : static_cast<int>(last - first) + 1;
}

}  // namespace naru::people
