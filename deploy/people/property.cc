#include "deploy/people/property.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "deploy/people/addresses.h"
#include "deploy/people/days.h"
#include "deploy/people/names.h"

namespace naru::people {
namespace {

// Lenders that do not exist.
constexpr const char* kLenders[] = {"주식회사 가나은행", "주식회사 다라은행", "마바새마을금고",
                                    "사아신용협동조합"};
constexpr const char* kStructures[] = {"철근콘크리트구조 15층", "철근콘크리트구조 24층",
                                       "철골철근콘크리트구조 30층", "벽돌구조 3층"};

// The head alone, or head and spouse by halves.
std::vector<Owner> Owners(Rng& rng, const Household& household) {
  const bool has_spouse =
      household.people.size() > 1 && household.people[1].relation == Relation::kSpouse;
  if (has_spouse && rng.Chance(28)) return {{0, 2}, {1, 2}};
  return {{0, 1}};
}

}  // namespace

Property InventProperty(Rng& rng, const Address& address, absl::CivilDay acquired) {
  Property property;
  property.address = address;
  const bool flat = rng.Chance(80);
  property.kind = flat ? "집합건물" : "건물";
  property.structure = rng.Pick(kStructures);
  property.area_cm2 = rng.Skewed(27, 135) * 10000 + rng.Between(0, 99) * 100;
  property.built = acquired - rng.Between(200, 25 * 365);
  property.acquired = acquired;
  property.price = property.area_cm2 / 10000 * rng.Skewed(3, 18) * 1'000'000;
  property.former_owner = absl::StrCat(Surname(rng), "○○");
  if (rng.Chance(55)) {
    property.lender = rng.Pick(kLenders);
    property.mortgage = property.price * rng.Between(20, 60) / 100 / 1'000'000 * 1'000'000;
  }
  return property;
}

void FillProperties(Rng& rng, Household& household) {
  const absl::CivilDay of_age = BirthdayAt(household.people.front().birthday, 22);
  if (of_age >= household.formed) return;
  if (rng.Chance(46)) {
    Property home = InventProperty(rng, household.address, household.formed);
    home.owners = Owners(rng, household);
    household.properties.push_back(std::move(home));
  }
  if (rng.Chance(8)) {
    const absl::CivilDay acquired = DayBetween(rng, of_age, household.formed);
    Property let = InventProperty(rng, HomeAddress(rng), acquired);
    let.owners = Owners(rng, household);
    household.properties.push_back(std::move(let));
  }
}

}  // namespace naru::people
