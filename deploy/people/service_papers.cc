// 병무청, 경찰청: service, driving, convictions.

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/paper_register.h"

namespace naru::people {
namespace {

using Entries = std::vector<PaperEntry>;

constexpr int kAnswerable = 14;  // 형법 9조: nobody younger has a criminal record.
constexpr int kSuspendedAt = 40;

void Military(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    const Service& service = person.service;
    if (service.disposition.empty()) continue;
    const bool served = !service.branch.empty();
    entries.push_back({&person,
                       "",
                       {service.number, service.disposition, service.branch, service.rank,
                        served ? IsoDay(service.enlisted) : "",
                        served ? IsoDay(service.discharged) : "", served ? "만기전역" : ""},
                       {}});
  }
}

void Driving(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    if (person.licence_no.empty()) continue;
    PaperEntry entry;
    entry.person = &person;
    int points = 0;
    for (const Violation& violation : person.violations) {
      points += violation.points;
      entry.rows.push_back({IsoDay(violation.day), violation.what, absl::StrCat(violation.points)});
    }
    entry.columns = {person.licence_no, "제1종 보통", IsoDay(person.licence_issued),
                     points >= kSuspendedAt ? "정지" : "유효", absl::StrCat(points)};
    entries.push_back(std::move(entry));
  }
}

void Convictions(const Household& household, const PopulationOptions& population,
                 Entries& entries) {
  for (const Person& person : household.people) {
    if (AgeOn(person.birthday, population.today) < kAnswerable) continue;
    entries.push_back({&person, "", {person.convicted ? "있음" : "없음"}, {}});
  }
}

}  // namespace

std::vector<PaperBook> ServiceBooks() {
  return {
      {{"military.db", "1300000", "병무청"},
       {{"military_service",
         nullptr,
         {"service_no", "disposition", "branch", "rank", "enlisted_date", "discharged_date",
          "discharge_reason"},
         {},
         Military}}},
      {{"police.db", "1320000", "경찰청"},
       {{"driving_record",
         nullptr,
         {"licence_no", "licence_class", "issued_date", "licence_status", "penalty_points INTEGER"},
         {"violation_date", "violation", "points INTEGER"},
         Driving},
        {"criminal_record_yn", nullptr, {"has_record"}, {}, Convictions}}},
  };
}

}  // namespace naru::people
