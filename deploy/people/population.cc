#include "deploy/people/population.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "deploy/people/days.h"
#include "deploy/people/demo.h"
#include "deploy/people/family.h"
#include "deploy/people/insurance.h"
#include "deploy/people/life.h"
#include "deploy/people/property.h"
#include "deploy/people/taxes.h"
#include "deploy/people/trade.h"
#include "deploy/people/work.h"
#include "glog/logging.h"

namespace naru::people {
namespace {

constexpr int64_t kPeoplePerEmployer = 25;
constexpr int kPhoneAge = 12;
constexpr int kForeignPercent = 3;
// Random numbers of a household that have nothing to do with those for its identity and work.
constexpr uint64_t kLifeStreams = uint64_t{1} << 40;
constexpr uint64_t kDemoLifeSeed = 20240423;  // The demo is the same under any seed.

struct Livelihood {
  bool works;
  bool ever_worked;
  int businesses;
};

// What an adult lives on; shares are near the labour survey's.
Livelihood ChooseLivelihood(Rng& rng, int age) {
  if (age < 19) return {false, false, 0};
  if (age < 25) return {rng.Chance(42), false, 0};
  const bool trades = rng.Chance(age < 65 ? 15 : 9);
  const int businesses = !trades ? 0 : rng.Chance(18) ? 2 : 1;
  if (trades) return {rng.Chance(15), rng.Chance(70), businesses};
  if (age < 65) return {rng.Chance(74), rng.Chance(60), 0};
  return {rng.Chance(16), rng.Chance(55), 0};
}

bool IsFree(const Person& person, absl::CivilDay day) {
  if (person.jobs.empty()) return true;
  const std::optional<absl::CivilDay>& last_day = person.jobs.back().last_day;
  return last_day.has_value() && *last_day < day;
}

int64_t MonthlyRevenue(Rng& rng, const Business& business) {
  if (business.corporate) return rng.Skewed(20, 300) * 1'000'000;
  switch (business.taxation) {
    case Taxation::kSimplified:
      return rng.Skewed(12, 80) * 100'000;
    case Taxation::kExempt:
      return rng.Skewed(3, 40) * 1'000'000;
    case Taxation::kGeneral:
      break;
  }
  return rng.Skewed(9, 80) * 1'000'000;
}

}  // namespace

Population::Population(const PopulationOptions& options)
    : options_(options), employers_(std::max<int64_t>(40, options.count / kPeoplePerEmployer)) {
  CHECK(options.count >= kPeopleMin && options.count <= kPeopleMax);
}

bool Population::Next(Household& household) {
  if (given_ >= options_.count) return false;
  Rng rng(options_.seed, static_cast<uint64_t>(households_));
  const bool demo = households_ == 0;
  household =
      demo ? DemoHousehold() : ComposeHousehold(rng, options_.today, options_.count - given_);
  if (!demo && rng.Chance(kForeignPercent)) MakeForeign(rng, household);
  household.number = ++households_;
  for (Person& person : household.people) GiveIdentity(rng, person);
  if (demo) {
    FillDemoPast(household);
  } else {
    FillPast(rng, household);
  }
  for (Person& person : household.people) {
    for (Business& business : person.businesses) {
      NumberBusiness(business);
      if (business.corporate && IsFree(person, business.opened)) {
        person.jobs.push_back(RepresentativeJob(rng, business));
      }
    }
    person.income = IncomeOf(person, first_tax_year(), last_tax_year());
  }
  for (Property& property : household.properties) {
    property.number = PropertyNumber(properties_++, static_cast<int>(property.acquired.year()));
  }
  InsureHousehold(rng, options_.today, household);
  if (demo) InsureDemoPerson(household.people.front());
  Rng life(demo ? kDemoLifeSeed : options_.seed,
           kLifeStreams + static_cast<uint64_t>(household.number));
  FillLives(life, options_.today, household);
  FillBelongings(life, options_.today, household);
  if (demo) FillDemoLife(household);
  NumberBelongings(household);
  FillLevies(rng, options_.today, household);
  if (demo) PayDemoLevies(household);
  return true;
}

void Population::GiveIdentity(Rng& rng, Person& person) {
  person.index = given_++;
  person.resident_no =
      resident_numbers_.Give(person.birthday, person.sex, !person.nationality.empty());
  person.ci = ConnectingInformation(person.resident_no);
  const int age = AgeOn(person.birthday, options_.today);
  const bool demo_head = person.index == 0;
  if (demo_head || (age >= kPhoneAge && !rng.Chance(age < 75 ? 1 : 18))) {
    person.phone = PhoneNumber(rng.Between(0, 9999));
    person.contact_ref = absl::StrFormat("%016x%016x", rng.Next(), rng.Next());
  }
  // Passport letters X and licence regions past 28 are not issued.
  if (demo_head || rng.Chance(age < 70 ? 55 : 25)) {
    person.passport_no = absl::StrFormat("X%08d", person.index + 1);
  }
  if (demo_head || (age >= 19 && rng.Chance(66))) {
    person.licence_no =
        absl::StrFormat("99-%02d-%06d-%02d", rng.Between(0, 25), (person.index + 1) % 1'000'000,
                        10 + (person.index + 1) / 1'000'000);
  }
}

void Population::FillPast(Rng& rng, Household& household) {
  FillStays(rng, household);
  for (Person& person : household.people) FillWork(rng, household.address, person);
  FillProperties(rng, household);
}

void Population::FillWork(Rng& rng, const Address& home, Person& person) {
  const absl::CivilDay today = options_.today;
  const Livelihood life = ChooseLivelihood(rng, AgeOn(person.birthday, today));
  OpenBusinesses(rng, home, life.businesses, person);
  if (!life.works && !life.ever_worked) return;
  const absl::CivilDay first =
      BirthdayAt(person.birthday, 19 + static_cast<int>(rng.Between(0, 8)));
  absl::CivilDay end = today;
  if (!life.works) {
    if (today - first < 400) return;
    // Those who left work did so before they opened a business, or long ago.
    end = person.businesses.empty() ? DayBetween(rng, first + 200, today - 200)
                                    : person.businesses.front().opened - 10;
  }
  if (end - first < 90) return;
  person.jobs = InventJobs(rng, first, end, life.works, employers_);
}

void Population::OpenBusinesses(Rng& rng, const Address& home, int count, Person& person) {
  const absl::CivilDay first = BirthdayAt(person.birthday, 23);
  for (int i = 0; i < count; ++i) {
    Business business = InventBusiness(rng, person.name, home, first, options_.today);
    const bool keeps_books =
        business.corporate || (business.taxation == Taxation::kGeneral && rng.Chance(60));
    FillYears(rng, MonthlyRevenue(rng, business), keeps_books, first_tax_year(), last_tax_year(),
              business);
    person.businesses.push_back(std::move(business));
  }
  std::sort(person.businesses.begin(), person.businesses.end(),
            [](const Business& a, const Business& b) { return a.opened < b.opened; });
}

void Population::NumberBelongings(Household& household) {
  for (Land& land : household.lands) {
    land.number = ParcelNumber(parcels_++, /*forest=*/land.category == "임야");
  }
  for (Vehicle& vehicle : household.vehicles) vehicle.number = VehicleNumber(vehicles_++);
}

void Population::NumberBusiness(Business& business) {
  int64_t& sequence = business.corporate ? corporations_ : sole_businesses_;
  business.number = BusinessNumber(sequence, business.corporate, business.address.tax_office_code);
  if (business.corporate) business.corporation_no = CorporationNumber(sequence);
  ++sequence;
}

}  // namespace naru::people
