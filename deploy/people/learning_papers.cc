// 교육부 (NEIS), 질병관리청: school and vaccination.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/paper_register.h"

namespace naru::people {
namespace {

using Entries = std::vector<PaperEntry>;

// The years at a school that have ended.
int YearsAt(const School& school, const PopulationOptions& population) {
  const absl::CivilDay end =
      std::min(school.graduated.value_or(population.today), population.today);
  return std::clamp(static_cast<int>((end - school.entered + 30) / 365), 0, 6);
}

// Marks go up and down a little around the average, by the year alone.
int MarkOf(const School& school, int year) {
  return std::clamp(school.average + (year * 7 + school.average) % 9 - 4, 40, 100);
}

void Graduation(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    for (const School& school : person.schools) {
      if (!school.graduated.has_value()) continue;
      entries.push_back({&person,
                         "",
                         {school.level, school.name, school.department, IsoDay(school.entered),
                          IsoDay(school.graduated),
                          absl::StrCat("합성-", school.graduated->year(), "-", person.index + 1)},
                         {}});
    }
  }
}

void Transcript(const Household& household, const PopulationOptions& population, Entries& entries) {
  for (const Person& person : household.people) {
    for (const School& school : person.schools) {
      if (school.level == "초등학교") continue;  // Gives no marks.
      PaperEntry entry;
      entry.person = &person;
      entry.columns = {school.level, school.name, school.department, absl::StrCat(school.average)};
      for (int year = 1; year <= YearsAt(school, population); ++year) {
        entry.rows.push_back({absl::StrCat(year, "학년"), absl::StrCat(MarkOf(school, year))});
      }
      if (!entry.rows.empty()) entries.push_back(std::move(entry));
    }
  }
}

void SchoolRecord(const Household& household, const PopulationOptions& population,
                  Entries& entries) {
  for (const Person& person : household.people) {
    for (const School& school : person.schools) {
      if (school.level == "대학교") continue;  // Has no such record.
      PaperEntry entry;
      entry.person = &person;
      entry.columns = {school.level, school.name, IsoDay(school.entered), IsoDay(school.graduated)};
      for (int year = 1; year <= YearsAt(school, population); ++year) {
        entry.rows.push_back({absl::StrCat(year, "학년"), absl::StrCat((person.index + year) % 5),
                              "맡은 일을 끝까지 해냄"});
      }
      if (!entry.rows.empty()) entries.push_back(std::move(entry));
    }
  }
}

void Vaccinations(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    if (person.vaccinations.empty()) continue;
    PaperEntry entry;
    entry.person = &person;
    entry.columns = {absl::StrCat(person.vaccinations.size())};
    for (const Vaccination& one : person.vaccinations) {
      entry.rows.push_back({one.vaccine, absl::StrCat(one.dose), IsoDay(one.day), one.clinic});
    }
    entries.push_back(std::move(entry));
  }
}

}  // namespace

std::vector<PaperBook> LearningBooks() {
  return {
      {{"school.db", "1342000", "교육부"},
       {{"graduation_certificate",
         nullptr,
         {"school_level", "school_name", "department", "entered_date", "graduated_date",
          "certificate_no"},
         {},
         Graduation},
        {"transcript",
         nullptr,
         {"school_level", "school_name", "department", "average INTEGER"},
         {"grade_year", "mark INTEGER"},
         Transcript},
        {"school_record",
         nullptr,
         {"school_level", "school_name", "entered_date", "graduated_date"},
         {"grade_year", "absent_days INTEGER", "remark"},
         SchoolRecord}}},
      {{"vaccination.db", "1790387", "질병관리청"},
       {{"vaccination",
         nullptr,
         {"dose_count INTEGER"},
         {"vaccine", "dose INTEGER", "vaccinated_date", "clinic"},
         Vaccinations}}},
  };
}

}  // namespace naru::people
