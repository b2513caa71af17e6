#include "deploy/people/demo.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "deploy/people/addresses.h"
#include "deploy/people/days.h"
#include "deploy/people/insurance.h"
#include "deploy/people/life.h"
#include "deploy/people/property.h"
#include "deploy/people/rng.h"
#include "deploy/people/trade.h"
#include "deploy/people/work.h"
#include "glog/logging.h"

namespace naru::people {
namespace {

constexpr int kFirstTaxYear = 2021;
constexpr int kLastTaxYear = 2025;
constexpr absl::CivilDay kMarried(2013, 5, 11);
constexpr absl::CivilDay kMovedIn(2019, 3, 16);
constexpr uint64_t kFixedSeed = 20240423;  // Not the caller's: the demo is the same under any.

Person Member(Relation relation, Sex sex, const char* name, absl::CivilDay birthday) {
  Person person;
  person.relation = relation;
  person.sex = sex;
  person.name = name;
  person.birthday = birthday;
  return person;
}

Business Shop(Rng& rng, const char* name, const BusinessItem& item, absl::CivilDay opened,
              const Address& home, int64_t monthly_revenue) {
  Business business;
  business.trade_name = name;
  business.items = {item};
  business.opened = opened;
  business.address = ShopAddress(rng, home);
  FillYears(rng, monthly_revenue, /*keeps_books=*/true, kFirstTaxYear, kLastTaxYear, business);
  return business;
}

void AppendLine(std::string& text, const std::string& name, const std::string& value) {
  CHECK_EQ(value.find('\''), std::string::npos) << "would end the quoted value";
  absl::StrAppend(&text, name, "='", value, "'\n");
}

void AppendPerson(std::string& text, const std::string& prefix, const Person& person) {
  AppendLine(text, prefix + "NAME", person.name);
  AppendLine(text, prefix + "RRN", person.resident_no);
  AppendLine(text, prefix + "CI", person.ci);
  AppendLine(text, prefix + "BIRTH_DATE", IsoDay(person.birthday));
  AppendLine(text, prefix + "SEX", person.sex == Sex::kMale ? "M" : "F");
  AppendLine(text, prefix + "PHONE", person.phone);
  AppendLine(text, prefix + "CONTACT_REF", person.contact_ref);
}

void AppendBusinesses(std::string& text, const std::string& prefix, const Person& person) {
  int number = 0;
  for (const Business& business : person.businesses) {
    const std::string name = absl::StrCat(prefix, "BUSINESS_", ++number, "_");
    AppendLine(text, name + "NO", business.number);
    AppendLine(text, name + "NAME", business.trade_name);
  }
}

}  // namespace

Household DemoHousehold() {
  Rng rng(kFixedSeed, 0);
  Household household;
  household.address = HomeAddressIn(rng, "서초구");
  household.formed = kMovedIn;
  household.people = {
      Member(Relation::kHead, Sex::kMale, "김나루", absl::CivilDay(1984, 3, 15)),
      Member(Relation::kSpouse, Sex::kFemale, "이물결", absl::CivilDay(1986, 9, 2)),
      Member(Relation::kChild, Sex::kFemale, "김이슬", absl::CivilDay(2014, 6, 21)),
  };
  return household;
}

void FillDemoPast(Household& household) {
  Rng rng(kFixedSeed, 1);
  const std::string& today_line = household.address.line;
  Person& owner = household.people[0];
  const std::string first_home = HomeAddressIn(rng, "춘천시").line;
  const std::string second_home = HomeAddressIn(rng, "관악구").line;
  owner.stays = {{first_home, owner.birthday, "출생등록"},
                 {second_home, absl::CivilDay(2003, 2, 24), "전입"},
                 {today_line, kMovedIn, "전입"}};
  Person& spouse = household.people[1];
  spouse.stays = {{HomeAddressIn(rng, "마포구").line, spouse.birthday, "출생등록"},
                  {second_home, kMarried, "전입"},
                  {today_line, kMovedIn, "전입"}};
  Person& child = household.people[2];
  child.stays = {{second_home, child.birthday, "출생등록"}, {today_line, kMovedIn, "전입"}};

  const Employer employer = EmployerAt(7);
  owner.jobs = {{employer.name, employer.workplace_no, "영업원", absl::CivilDay(2009, 3, 2),
                 absl::CivilDay(2018, 2, 28), 3'400'000, "자진퇴사", true}};
  owner.businesses = {
      Shop(rng, "나루상회", {"도매 및 소매업", "잡화"}, absl::CivilDay(2018, 4, 2),
           household.address, 21'000'000),
      Shop(rng, "강가식당", {"음식점업", "한식"}, absl::CivilDay(2021, 9, 1), household.address,
           28'000'000),
  };
  Property flat = InventProperty(rng, household.address, kMovedIn);
  flat.kind = "집합건물";
  flat.owners = {{0, 1}};
  household.properties = {std::move(flat)};
}

void InsureDemoPerson(Person& owner) {
  for (const Coverage& coverage : owner.employment) {
    if (coverage.kind == "자영업자") return;
  }
  owner.employment.push_back(SelfEmployed(owner, owner.businesses.front()));
}

void FillDemoLife(Household& household) {
  Person& owner = household.people[0];
  const std::string number = owner.service.number;
  owner.service = ServedUntil("육군", absl::CivilDay(2006, 8, 10));
  owner.service.number = number;
  owner.passport_issued = absl::CivilDay(2022, 5, 9);
  owner.licence_issued = absl::CivilDay(2004, 7, 1);
  owner.seal_registered = absl::CivilDay(2019, 4, 1);
  household.married = kMarried;
  household.livelihood = {};
  household.vehicles.resize(1);
  Vehicle& car = household.vehicles[0];
  car = {};
  car.plate = "007나 1111";
  car.model = "마루 화물 1톤";
  car.year = 2021;
  car.registered = absl::CivilDay(2021, 8, 20);
  for (Person& person : household.people) {
    person.disability = person.veteran = person.overseas = {};
    person.violations.clear();
    person.convicted = false;
  }
}

void PayDemoLevies(Household& household) {
  for (Person& person : household.people) {
    for (std::vector<Levy>* levies : {&person.national_levies, &person.local_levies}) {
      for (Levy& levy : *levies) {
        levy.paid = levy.due - 3;
        levy.deferred_until.reset();
      }
    }
  }
}

std::string DemoCase(const Household& household) {
  const Person& owner = household.people[0];
  std::string text = "# 합성 데이터 (synthetic): nobody has these numbers.\n";
  AppendPerson(text, "NARU_DEMO_", owner);
  AppendLine(text, "NARU_DEMO_ADDRESS", household.address.line);
  AppendBusinesses(text, "NARU_DEMO_", owner);
  AppendLine(text, "NARU_DEMO_PROPERTY_NO", household.properties[0].number);
  AppendLine(text, "NARU_DEMO_PARCEL_NO", household.lands[0].number);
  AppendLine(text, "NARU_DEMO_VEHICLE_NO", household.vehicles[0].number);
  AppendPerson(text, "NARU_DEMO_SPOUSE_", household.people[1]);
  AppendPerson(text, "NARU_DEMO_CHILD_", household.people[2]);
  return text;
}

std::string OtherCase(const Person& owner) {
  std::string text;
  AppendPerson(text, "NARU_OTHER_", owner);
  AppendBusinesses(text, "NARU_OTHER_", owner);
  return text;
}

}  // namespace naru::people
