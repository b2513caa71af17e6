#include "deploy/people/life.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/people/days.h"
#include "deploy/people/names.h"
#include "deploy/people/schools.h"

namespace naru::people {
namespace {

constexpr int kServiceAge = 24;
constexpr int kAdult = 19;
// What everybody could get, and the days from which it was kept in the register.
constexpr absl::CivilDay kVaccinesSince(2002, 1, 1);
constexpr absl::CivilDay kCovidVaccine(2021, 6, 1);

const char* Clinic(Rng& rng) {
  constexpr const char* kClinics[] = {"가람의원", "나래소아청소년과의원", "다온내과의원",
                                      "라움보건소", "마루병원"};
  return rng.Pick(kClinics);
}

Standing Given(Rng& rng, const char* what, const char* degree, absl::CivilDay first,
               absl::CivilDay today) {
  Standing standing;
  standing.what = what;
  standing.degree = degree;
  standing.number = absl::StrFormat("%08d", rng.Between(1, 99'999'999));
  standing.since = DayBetween(rng, first, today - 30);
  return standing;
}

Service InventService(Rng& rng, const Person& person, absl::CivilDay today) {
  const bool called = person.nationality.empty() && person.sex == Sex::kMale &&
                      AgeOn(person.birthday, today) >= kServiceAge;
  if (!called) return {};
  if (rng.Chance(8)) {
    Service service;
    service.disposition = "전시근로역";
    return service;
  }
  constexpr const char* kBranches[] = {"육군", "육군", "육군", "공군", "해군"};
  return ServedUntil(rng.Pick(kBranches), BirthdayAt(person.birthday, 22) + rng.Between(0, 365));
}

void Vaccinate(Rng& rng, Person& person, absl::CivilDay today) {
  struct Childhood {
    const char* vaccine;
    int dose;
    int days;  // Of age.
  };
  constexpr Childhood kChildhood[] = {{"BCG", 1, 20},       {"B형간염", 1, 3}, {"DTaP", 1, 62},
                                      {"폴리오", 1, 63},    {"MMR", 1, 400},   {"수두", 1, 401},
                                      {"일본뇌염", 1, 420}, {"MMR", 2, 1600},  {"DTaP", 5, 1650}};
  const auto add = [&](const char* vaccine, int dose, absl::CivilDay day) {
    if (day < today) person.vaccinations.push_back({vaccine, dose, day, Clinic(rng)});
  };
  for (const Childhood& one : kChildhood) {
    const absl::CivilDay day = person.birthday + one.days + rng.Between(0, 20);
    if (person.birthday >= kVaccinesSince) add(one.vaccine, one.dose, day);
  }
  if (AgeOn(person.birthday, kCovidVaccine) < 12 || rng.Chance(14)) return;
  absl::CivilDay day = kCovidVaccine + rng.Between(0, 90);
  for (int dose = 1; dose <= (rng.Chance(70) ? 3 : 2); ++dose) {
    add("코로나19", dose, day);
    day += rng.Between(60, 120);
  }
}

void Travel(Rng& rng, Person& person, absl::CivilDay today) {
  constexpr const char* kPorts[] = {"인천공항", "인천공항", "김포공항", "김해공항", "제주공항"};
  const bool foreign = !person.nationality.empty();
  absl::CivilDay day = foreign ? person.stay.since + 200 : person.passport_issued + 30;
  if (!foreign && person.passport_no.empty()) return;
  for (int64_t left = rng.Between(0, 4); left > 0; --left) {
    day += rng.Between(60, 500);
    const absl::CivilDay back = day + rng.Between(2, 20);
    if (back >= today) return;
    person.trips.push_back({day, back, rng.Pick(kPorts)});
    day = back;
  }
}

void Drive(Rng& rng, Person& person, absl::CivilDay today) {
  if (person.licence_no.empty()) return;
  person.licence_issued =
      DayBetween(rng, std::max(BirthdayAt(person.birthday, 18), today - 30 * 365), today - 60);
  constexpr std::pair<const char*, int> kViolations[] = {{"속도위반(20km/h 초과 40km/h 이하)", 15},
                                                         {"신호위반", 15},
                                                         {"안전운전의무위반 물적피해 사고", 10}};
  if (!rng.Chance(22)) return;
  for (int64_t left = rng.Between(1, 2); left > 0; --left) {
    const auto& [what, points] = rng.Pick(kViolations);
    person.violations.push_back({DayBetween(rng, person.licence_issued, today - 5), what, points});
  }
  std::sort(person.violations.begin(), person.violations.end(),
            [](const Violation& a, const Violation& b) { return a.day < b.day; });
}

void Support(Rng& rng, Person& person, absl::CivilDay today) {
  constexpr const char* kTypes[] = {"지체장애", "청각장애", "시각장애", "지적장애", "신장장애"};
  if (rng.Chance(5)) {
    person.disability =
        Given(rng, rng.Pick(kTypes), rng.Chance(37) ? "심한 장애" : "심하지 않은 장애",
              std::max(person.birthday + 400, today - 20 * 365), today);
  }
  const bool foreign = !person.nationality.empty();
  const int age = AgeOn(person.birthday, today);
  if (!foreign && age >= kAdult && rng.Chance(2)) {
    constexpr const char* kVeterans[] = {"전상군경", "공상군경", "6·25참전유공자", "보국수훈자"};
    person.veteran = Given(rng, rng.Pick(kVeterans), rng.Chance(60) ? "본인" : "유족",
                           BirthdayAt(person.birthday, kAdult), today);
  }
  if (!foreign && age >= kAdult && rng.Chance(1)) {
    constexpr std::pair<const char*, const char*> kCities[] = {{"일본", "오사카"},
                                                               {"미국", "로스앤젤레스"},
                                                               {"베트남", "호찌민"},
                                                               {"독일", "프랑크푸르트"}};
    const auto& [country, city] = rng.Pick(kCities);
    person.overseas = Given(rng, country, city, BirthdayAt(person.birthday, kAdult), today);
  }
}

void FillPerson(Rng& rng, absl::CivilDay today, Person& person) {
  const int age = AgeOn(person.birthday, today);
  if (!person.nationality.empty()) {
    constexpr const char* kPermits[] = {"E-9 비전문취업", "F-2 거주", "F-4 재외동포",
                                        "F-6 결혼이민"};
    person.stay = Given(rng, rng.Pick(kPermits), "", std::max(person.birthday, today - 12 * 365),
                        today - 365);
  }
  if (person.service.disposition.empty()) person.service = InventService(rng, person, today);
  if (!person.service.disposition.empty()) {
    person.service.number = absl::StrFormat("99-%08d", person.index + 1);  // No office 99.
  }
  if (!person.passport_no.empty()) {
    person.passport_issued =
        DayBetween(rng, std::max(person.birthday + 200, today - 9 * 365), today - 100);
  }
  if (person.nationality.empty()) person.schools = SchoolsOf(rng, person, today);
  Vaccinate(rng, person, today);
  Travel(rng, person, today);
  Drive(rng, person, today);
  Support(rng, person, today);
  person.convicted = age >= kAdult && rng.Chance(3);
  if (age >= kAdult && rng.Chance(62)) {
    person.seal_registered = DayBetween(rng, BirthdayAt(person.birthday, kAdult), today - 20);
  }
}

std::string SurnameOf(const std::string& name) {
  constexpr size_t kSyllable = 3;  // Bytes.
  const bool two = absl::StartsWith(name, "남궁") || absl::StartsWith(name, "황보");
  return name.substr(0, (two ? 2 : 1) * kSyllable);
}

// Names of father and mother: of the household where they live in it, invented where not.
void NameParents(Rng& rng, Household& household) {
  const Person& head = household.people.front();
  if (!head.nationality.empty()) return;  // In no family register.
  std::string spouse, father, mother;
  for (const Person& person : household.people) {
    if (person.relation == Relation::kSpouse) spouse = person.name;
    if (person.relation == Relation::kFather) father = person.name;
    if (person.relation == Relation::kMother) mother = person.name;
  }
  const auto invented = [&rng](Sex sex) {
    return absl::StrCat(Surname(rng), GivenName(rng, sex, 1955));
  };
  if (father.empty()) father = SurnameOf(head.name) + GivenName(rng, Sex::kMale, 1955);
  if (mother.empty()) mother = invented(Sex::kFemale);
  const bool head_is_father = head.sex == Sex::kMale;
  if (spouse.empty()) spouse = invented(head_is_father ? Sex::kFemale : Sex::kMale);
  for (Person& person : household.people) {
    if (person.relation == Relation::kChild) {
      person.father = head_is_father ? head.name : spouse;
      person.mother = head_is_father ? spouse : head.name;
    } else if (person.relation == Relation::kHead || person.relation == Relation::kSibling) {
      person.father = father;
      person.mother = mother;
    } else {
      person.father = SurnameOf(person.name) + GivenName(rng, Sex::kMale, 1945);
      person.mother = invented(Sex::kFemale);
    }
  }
}

void FillHousehold(Rng& rng, absl::CivilDay today, Household& household) {
  const Person& head = household.people.front();
  const Person* spouse = nullptr;
  const Person* child = nullptr;
  for (const Person& person : household.people) {
    if (person.relation == Relation::kSpouse) spouse = &person;
    if (person.relation == Relation::kChild) child = &person;
  }
  if (spouse != nullptr && !household.married.has_value()) {
    const absl::CivilDay of_age =
        std::max(BirthdayAt(head.birthday, 20), BirthdayAt(spouse->birthday, 20));
    household.married = DayBetween(rng, of_age, std::min(today - 30, of_age + 12 * 365));
  }
  if (rng.Chance(5)) {
    household.livelihood =
        Given(rng, rng.Chance(60) ? "생계급여, 의료급여" : "생계급여, 의료급여, 주거급여",
              rng.Chance(70) ? "일반수급자" : "조건부수급자", today - 6 * 365, today);
  }
  const bool raises = child != nullptr && spouse == nullptr && head.nationality.empty() &&
                      AgeOn(child->birthday, today) < 18;
  if (raises && rng.Chance(60)) {
    household.single_parent =
        Given(rng, head.sex == Sex::kMale ? "부자가족" : "모자가족",
              rng.Chance(30) ? "조손·청소년 한부모" : "일반", child->birthday + 30, today);
  }
}

}  // namespace

Service ServedUntil(const std::string& branch, absl::CivilDay discharged) {
  Service service;
  service.disposition = "현역";
  service.branch = branch;
  service.rank = "병장";
  service.enlisted = discharged - (branch == "육군" ? 640 : 730);
  service.discharged = discharged;
  return service;
}

std::string ServiceText(const Service& service) {
  if (service.branch.empty()) return service.disposition;
  return absl::StrCat(service.branch, " ", service.rank, " ", IsoDay(service.discharged),
                      " 만기전역");
}

void FillLives(Rng& rng, absl::CivilDay today, Household& household) {
  NameParents(rng, household);
  for (Person& person : household.people) FillPerson(rng, today, person);
  FillHousehold(rng, today, household);
}

void FillBelongings(Rng& rng, absl::CivilDay today, Household& household) {
  const auto land = [&](const std::string& lot, const char* category) {
    Land one;
    one.lot = lot;
    one.category = category;
    one.area_cm2 = rng.Skewed(60, 2000) * 10000 + rng.Between(0, 99) * 100;
    one.price_per_m2 = rng.Skewed(2, 900) * 10'000;
    return one;
  };
  for (size_t i = 0; i < household.properties.size(); ++i) {
    const Property& property = household.properties[i];
    Land under = land(property.address.lot, "대");
    under.acquired = property.acquired;
    under.owner = property.owners.front().member;
    under.property = i;
    household.lands.push_back(std::move(under));
  }
  const absl::CivilDay of_age = BirthdayAt(household.people.front().birthday, 22);
  if (of_age + 30 >= today) return;
  if (rng.Chance(6)) {
    constexpr const char* kCategories[] = {"전", "답", "임야"};
    const char* const category = rng.Pick(kCategories);
    Land bare = land(absl::StrCat(household.address.sido, " 나루면 물결리 ", rng.Between(1, 900)),
                     category);
    bare.acquired = DayBetween(rng, of_age, today - 30);
    household.lands.push_back(std::move(bare));
  }
  for (int64_t left = rng.Chance(58) ? rng.Skewed(1, 2) : 0; left > 0; --left) {
    constexpr const char* kModels[] = {"가람 세단 2.0", "누리 해치백 1.6", "다솜 승합 2.2",
                                       "라온 전기차", "마루 화물 1톤"};
    constexpr const char* kSyllables[] = {"가", "나", "다", "라", "마", "거", "너", "더"};
    Vehicle vehicle;
    vehicle.model = rng.Pick(kModels);
    vehicle.registered = DayBetween(rng, std::max(of_age, today - 12 * 365), today - 10);
    vehicle.year = static_cast<int>(vehicle.registered.year());
    // The first part of a plate in use is never 000 to 009.
    vehicle.plate = absl::StrFormat("%03d%s %04d", rng.Between(0, 9), rng.Pick(kSyllables),
                                    rng.Between(0, 9999));
    if (rng.Chance(30)) {
      vehicle.lender = "주식회사 가나캐피탈";
      vehicle.mortgage = rng.Between(5, 30) * 1'000'000;
    }
    household.vehicles.push_back(std::move(vehicle));
  }
}

}  // namespace naru::people
