// 법무부, 외교부: who crosses the border, who lives on the other side of it.

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/paper_register.h"

namespace naru::people {
namespace {

using Entries = std::vector<PaperEntry>;

constexpr int kPassportYears = 10;

// A border crossing a row, in order of time.
void EntryExit(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    if (person.trips.empty()) continue;
    PaperEntry entry;
    entry.person = &person;
    entry.columns = {person.nationality.empty() ? "대한민국" : person.nationality,
                     absl::StrCat(person.trips.size())};
    for (const Trip& trip : person.trips) {
      entry.rows.push_back({IsoDay(trip.departed), "출국", trip.port});
      entry.rows.push_back({IsoDay(trip.returned), "입국", trip.port});
    }
    entries.push_back(std::move(entry));
  }
}

void Alien(const Household& household, const PopulationOptions& population, Entries& entries) {
  if (InResidentRegister(household)) return;
  for (const Person& person : household.people) {
    entries.push_back({&person,
                       "",
                       {person.nationality, person.stay.what, IsoDay(person.stay.since),
                        IsoDay(population.today + 365 + person.index % 365)},
                       {}});
  }
}

void Passport(const Household& household, const PopulationOptions& population, Entries& entries) {
  if (!InResidentRegister(household)) return;
  for (const Person& person : household.people) {
    if (person.passport_no.empty()) continue;
    const absl::CivilDay expires(person.passport_issued.year() + kPassportYears,
                                 person.passport_issued.month(), person.passport_issued.day());
    entries.push_back({&person,
                       "",
                       {person.passport_no, "복수여권(PM)", IsoDay(person.passport_issued),
                        IsoDay(expires), expires > population.today ? "유효" : "기간 만료"},
                       {}});
  }
}

void Overseas(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    const Standing& overseas = person.overseas;
    if (overseas.what.empty()) continue;
    entries.push_back({&person,
                       "",
                       {overseas.what, overseas.degree, IsoDay(overseas.since),
                        absl::StrCat("주", overseas.degree, " 총영사관")},
                       {}});
  }
}

}  // namespace

std::vector<PaperBook> BorderBooks() {
  return {
      {{"border.db", "1270000", "법무부"},
       {{"entry_exit_record",
         nullptr,
         {"nationality", "trip_count INTEGER"},
         {"crossing_date", "direction", "port"},
         EntryExit},
        {"alien_registration",
         nullptr,
         {"nationality", "stay_status", "registered_date", "stay_until"},
         {},
         Alien}}},
      {{"passport.db", "1262000", "외교부"},
       {{"passport_info",
         nullptr,
         {"passport_no", "passport_type", "issued_date", "expiry_date", "passport_status"},
         {},
         Passport},
        {"overseas_national_register",
         nullptr,
         {"country", "city", "registered_date", "mission"},
         {},
         Overseas}}},
  };
}

}  // namespace naru::people
