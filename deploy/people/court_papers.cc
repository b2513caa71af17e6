// 대법원: the family register (가족관계등록부) and the register of companies.

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/paper_register.h"

namespace naru::people {
namespace {

using Entries = std::vector<PaperEntry>;

const char* SexName(Sex sex) { return sex == Sex::kMale ? "남" : "여"; }

std::string Masked(const std::string& resident_no) {
  return absl::StrCat(resident_no.substr(0, 6), "-", resident_no.substr(6, 1), "******");
}

const Person* SpouseOf(const Household& household, const Person& person) {
  if (!household.married.has_value()) return nullptr;
  for (const Person& other : household.people) {
    const bool couple =
        (person.relation == Relation::kHead && other.relation == Relation::kSpouse) ||
        (person.relation == Relation::kSpouse && other.relation == Relation::kHead);
    if (couple) return &other;
  }
  return nullptr;
}

bool IsParent(const Person& person) {
  return person.relation == Relation::kHead || person.relation == Relation::kSpouse;
}

// Someone of the household, with all that is known; others have their names alone.
std::vector<std::string> Relative(const char* relation, const Person& person) {
  return {relation, person.name, IsoDay(person.birthday), Masked(person.resident_no),
          SexName(person.sex)};
}

std::vector<std::string> Parent(const char* relation, const std::string& name, Sex sex,
                                const Household& household) {
  for (const Person& person : household.people) {
    if (person.name == name) return Relative(relation, person);
  }
  return {relation, name, "", "", SexName(sex)};
}

void Family(const Household& household, const PopulationOptions&, Entries& entries) {
  if (!InResidentRegister(household)) return;
  for (const Person& person : household.people) {
    PaperEntry entry;
    entry.person = &person;
    entry.columns = {person.stays.front().address};
    entry.rows = {Relative("본인", person), Parent("부", person.father, Sex::kMale, household),
                  Parent("모", person.mother, Sex::kFemale, household)};
    const Person* const spouse = SpouseOf(household, person);
    if (spouse != nullptr) entry.rows.push_back(Relative("배우자", *spouse));
    for (const Person& other : household.people) {
      if (IsParent(person) && other.relation == Relation::kChild) {
        entry.rows.push_back(Relative("자녀", other));
      }
    }
    entries.push_back(std::move(entry));
  }
}

void Basic(const Household& household, const PopulationOptions&, Entries& entries) {
  if (!InResidentRegister(household)) return;
  for (const Person& person : household.people) {
    const std::string reported = IsoDay(person.birthday + 3 + person.index % 20);
    entries.push_back(
        {&person,
         "",
         {person.stays.front().address, person.stays.front().address, reported},
         {{"출생", IsoDay(person.birthday), absl::StrCat("신고인 부 ", person.father)}}});
  }
}

void Marriage(const Household& household, const PopulationOptions&, Entries& entries) {
  if (!InResidentRegister(household)) return;
  for (const Person& person : household.people) {
    const Person* const spouse = SpouseOf(household, person);
    if (spouse == nullptr) continue;
    const std::string day = IsoDay(household.married);
    entries.push_back({&person,
                       "",
                       {person.stays.front().address, spouse->name, IsoDay(spouse->birthday),
                        Masked(spouse->resident_no), day},
                       {{"혼인", day, absl::StrCat("배우자 ", spouse->name)}}});
  }
}

void Company(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    for (const Business& business : person.businesses) {
      if (!business.corporate) continue;
      const std::string& number = business.corporation_no;
      const int64_t capital = 10'000'000 * (1 + person.index % 20);
      PaperEntry entry;
      entry.person = &person;
      entry.subject = number;
      entry.columns = {absl::StrCat(number.substr(0, 6), "-", number.substr(6)),
                       business.trade_name,
                       business.address.line,
                       business.items.front().item,
                       absl::StrCat(capital),
                       IsoDay(business.opened),
                       person.name,
                       business.closed.has_value() ? "해산" : "존속"};
      entry.rows = {{IsoDay(business.opened), "설립", business.trade_name},
                    {IsoDay(business.opened), "대표이사 취임", person.name}};
      if (business.closed.has_value()) {
        entry.rows.push_back({IsoDay(business.closed), "해산", ""});
      }
      entries.push_back(std::move(entry));
    }
  }
}

}  // namespace

std::vector<PaperBook> CourtBooks() {
  return {
      {{"family.db", "9700000", "대법원"},
       {{"family_relation",
         nullptr,
         {"registration_base"},
         {"relation", "relative_name", "relative_birth_date", "relative_resident_no_masked",
          "relative_sex"},
         Family},
        {"basic_certificate",
         nullptr,
         {"registration_base", "birth_place", "birth_reported_date"},
         {"event", "event_date", "content"},
         Basic},
        {"marriage_relation",
         nullptr,
         {"registration_base", "spouse_name", "spouse_birth_date", "spouse_resident_no_masked",
          "married_date"},
         {"event", "event_date", "content"},
         Marriage}}},
      {{"company.db", "9700000", "대법원"},
       {{"corporate_registry",
         "corporation_no",
         {"registry_number", "corporation_name", "head_office", "purpose", "capital_amount INTEGER",
          "established_date", "representative_name", "corporation_status"},
         {"registered_date", "event", "content"},
         Company}}},
  };
}

}  // namespace naru::people
