// 보건복지부, 여성가족부, 국가보훈부: who has support, and as what.

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/paper_register.h"

namespace naru::people {
namespace {

using Entries = std::vector<PaperEntry>;

std::string Office(const Address& home) {
  return absl::StrCat(home.sigungu.empty() ? home.sido : home.sigungu, " ", home.legal_dong,
                      " 주민센터");
}

// The whole household is supported; each member can ask for the paper.
void Livelihood(const Household& household, const PopulationOptions&, Entries& entries) {
  const Standing& livelihood = household.livelihood;
  if (livelihood.what.empty()) return;
  for (const Person& person : household.people) {
    PaperEntry entry;
    entry.person = &person;
    entry.columns = {livelihood.what, livelihood.degree, IsoDay(livelihood.since),
                     absl::StrCat(household.people.size()), Office(household.address)};
    for (const Person& member : household.people) {
      entry.rows.push_back({member.name, IsoDay(member.birthday)});
    }
    entries.push_back(std::move(entry));
  }
}

void Disability(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    const Standing& disability = person.disability;
    if (disability.what.empty()) continue;
    entries.push_back(
        {&person,
         "",
         {disability.what, disability.degree, IsoDay(disability.since), Office(household.address)},
         {}});
  }
}

void SingleParent(const Household& household, const PopulationOptions&, Entries& entries) {
  const Standing& family = household.single_parent;
  if (family.what.empty()) return;
  for (const Person& person : household.people) {
    PaperEntry entry;
    entry.person = &person;
    entry.columns = {family.what, family.degree, IsoDay(family.since), Office(household.address)};
    for (const Person& member : household.people) {
      if (member.relation != Relation::kChild) continue;
      entry.rows.push_back({member.name, IsoDay(member.birthday)});
    }
    entries.push_back(std::move(entry));
  }
}

void Veteran(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Person& person : household.people) {
    const Standing& veteran = person.veteran;
    if (veteran.what.empty()) continue;
    entries.push_back(
        {&person,
         "",
         {absl::StrCat("99-", veteran.number), veteran.what, veteran.degree, IsoDay(veteran.since)},
         {}});
  }
}

}  // namespace

std::vector<PaperBook> SupportBooks() {
  return {
      {{"welfare.db", "1352000", "보건복지부"},
       {{"basic_livelihood_recipient",
         nullptr,
         {"benefits", "recipient_type", "since_date", "household_size INTEGER", "issuing_office"},
         {"member_name", "member_birth_date"},
         Livelihood},
        {"disability_certificate",
         nullptr,
         {"disability_type", "disability_degree", "registered_date", "issuing_office"},
         {},
         Disability}}},
      {{"family_support.db", "1383000", "여성가족부"},
       {{"single_parent_family",
         nullptr,
         {"family_type", "support_type", "since_date", "issuing_office"},
         {"child_name", "child_birth_date"},
         SingleParent}}},
      {{"veterans.db", "1180000", "국가보훈부"},
       {{"veteran_confirmation",
         nullptr,
         {"veteran_no", "veteran_category", "veteran_relation", "registered_date"},
         {},
         Veteran}}},
  };
}

}  // namespace naru::people
