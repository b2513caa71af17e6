#ifndef NARU_DEPLOY_PEOPLE_DAYS_H_
#define NARU_DEPLOY_PEOPLE_DAYS_H_

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "deploy/people/rng.h"

namespace naru::people {

// "2026-11-01".
std::string IsoDay(absl::CivilDay day);
std::string IsoDay(const std::optional<absl::CivilDay>& day);  // Empty: "".
// "20261101", as the tax service writes days.
std::string PlainDay(absl::CivilDay day);
std::string PlainDay(const std::optional<absl::CivilDay>& day);

// Full years of life, 만 나이.
int AgeOn(absl::CivilDay birthday, absl::CivilDay day);
// The day on which someone reaches `age`; 29 February moves to 1 March.
absl::CivilDay BirthdayAt(absl::CivilDay birthday, int age);

// A day from `first` to `last`; `first` when they are the wrong way round.
absl::CivilDay DayBetween(Rng& rng, absl::CivilDay first, absl::CivilDay last);

// In how many months of from..to (both included) the time start..end has a day.
int MonthsWithin(absl::CivilDay start, const std::optional<absl::CivilDay>& end,
                 absl::CivilMonth from, absl::CivilMonth to);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_DAYS_H_
