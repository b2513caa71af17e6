#include "deploy/people/population.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "deploy/people/days.h"
#include "deploy/people/model.h"
#include "deploy/people/numbers.h"
#include "gtest/gtest.h"

// Properties that must hold for every invented person, looked at over a few thousand of them and
// two seeds.
namespace naru::people {
namespace {

std::vector<Household> Everybody(int64_t count, uint64_t seed) {
  PopulationOptions options;
  options.count = count;
  options.seed = seed;
  Population population(options);
  std::vector<Household> households;
  Household household;
  while (population.Next(household)) households.push_back(household);
  return households;
}

class PopulationTest : public testing::TestWithParam<uint64_t> {
 protected:
  static constexpr int64_t kCount = 4000;

  PopulationTest() : households_(Everybody(kCount, GetParam())) {
    for (const Household& household : households_) {
      for (const Person& person : household.people) people_.push_back(&person);
    }
  }

  int Share(bool (*has)(const Person&)) const {
    return static_cast<int>(std::count_if(people_.begin(), people_.end(),
                                          [has](const Person* person) { return has(*person); }) *
                            100 / kCount);
  }

  const absl::CivilDay today_ = PopulationOptions().today;
  const std::vector<Household> households_;
  std::vector<const Person*> people_;
};

INSTANTIATE_TEST_SUITE_P(Seeds, PopulationTest, testing::Values(1, 77));

TEST_P(PopulationTest, HasExactlyAsManyPeopleAsAsked) {
  EXPECT_EQ(people_.size(), static_cast<size_t>(kCount));
  for (int64_t count : {10, 11, 12, 13, 500}) {
    int64_t given = 0;
    for (const Household& household : Everybody(count, GetParam())) {
      given += static_cast<int64_t>(household.people.size());
    }
    EXPECT_EQ(given, count);
  }
}

TEST_P(PopulationTest, NumbersAreUnique) {
  std::set<std::string> residents, cis, contacts, businesses, properties;
  size_t contact_count = 0, business_count = 0, property_count = 0;
  for (const Person* person : people_) {
    residents.insert(person->resident_no);
    cis.insert(person->ci);
    EXPECT_EQ(person->phone.empty(), person->contact_ref.empty());
    if (!person->contact_ref.empty()) {
      ++contact_count;
      contacts.insert(person->contact_ref);
    }
    for (const Business& business : person->businesses) {
      ++business_count;
      businesses.insert(business.number);
    }
  }
  for (const Household& household : households_) {
    for (const Property& property : household.properties) {
      ++property_count;
      properties.insert(property.number);
    }
  }
  EXPECT_EQ(residents.size(), people_.size());
  EXPECT_EQ(cis.size(), people_.size());
  EXPECT_EQ(contacts.size(), contact_count);
  EXPECT_EQ(businesses.size(), business_count);
  EXPECT_EQ(properties.size(), property_count);
}

TEST_P(PopulationTest, EveryNumberIsInvalid) {
  for (const Person* person : people_) {
    const std::string& number = person->resident_no;
    EXPECT_NE(number[12] - '0', ResidentCheckDigit(number.substr(0, 12))) << number;
    EXPECT_EQ(number.substr(0, 6), PlainDay(person->birthday).substr(2));
    EXPECT_LE(person->birthday, kLastBirthday);
    for (const Business& business : person->businesses) {
      EXPECT_NE(business.number[9] - '0', BusinessCheckDigit(business.number.substr(0, 9)));
    }
    EXPECT_TRUE(person->phone.empty() || absl::StartsWith(person->phone, "010-0000-"));
  }
}

TEST_P(PopulationTest, HouseholdsAreFamilies) {
  for (const Household& household : households_) {
    const Person& head = household.people.front();
    EXPECT_EQ(head.relation, Relation::kHead);
    EXPECT_GE(AgeOn(head.birthday, household.formed), 19);
    for (size_t i = 1; i < household.people.size(); ++i) {
      const Person& member = household.people[i];
      EXPECT_NE(member.relation, Relation::kHead);
      const bool child = member.relation == Relation::kChild;
      if (child) {
        EXPECT_GE(member.birthday, BirthdayAt(head.birthday, 15));
      }
      if (member.relation == Relation::kSpouse) {
        EXPECT_NE(member.sex, head.sex);
      }
      if (member.relation == Relation::kFather || member.relation == Relation::kMother) {
        EXPECT_LT(member.birthday, BirthdayAt(head.birthday, -15));
      }
    }
  }
}

TEST_P(PopulationTest, StaysFollowEachOtherAndEndAtTheHousehold) {
  for (const Household& household : households_) {
    for (const Person& person : household.people) {
      ASSERT_FALSE(person.stays.empty());
      EXPECT_EQ(person.stays.front().from, person.birthday);
      EXPECT_EQ(person.stays.back().address, household.address.line);
      for (size_t i = 1; i < person.stays.size(); ++i) {
        EXPECT_LT(person.stays[i - 1].from, person.stays[i].from);
      }
      EXPECT_LE(person.stays.back().from, today_);
    }
  }
}

TEST_P(PopulationTest, JobsNeverOverlapAndInsuranceFollowsThem) {
  for (const Person* person : people_) {
    for (size_t i = 0; i < person->jobs.size(); ++i) {
      const Job& job = person->jobs[i];
      EXPECT_GE(AgeOn(person->birthday, job.from), 18);
      EXPECT_LT(job.from, today_);
      if (job.last_day.has_value()) {
        EXPECT_LE(job.from, *job.last_day);
      }
      if (i == 0) continue;
      ASSERT_TRUE(person->jobs[i - 1].last_day.has_value());
      EXPECT_LT(*person->jobs[i - 1].last_day, job.from);
    }
    ASSERT_FALSE(person->health.empty());
    for (size_t i = 0; i < person->health.size(); ++i) {
      EXPECT_FALSE(person->health[i].kind.empty());
      // Health insurance has no gaps: each time begins when the one before it ends.
      if (i > 0) {
        EXPECT_EQ(person->health[i - 1].lost, person->health[i].from);
      }
    }
    EXPECT_FALSE(person->health.back().lost.has_value());
    for (const std::vector<Coverage>* history : {&person->pension, &person->employment}) {
      for (const Coverage& time : *history) {
        if (time.lost.has_value()) {
          EXPECT_LT(time.from, *time.lost);
        }
      }
    }
  }
}

TEST_P(PopulationTest, BooksAddUpAndAreTheOwnersIncome) {
  int with_books = 0;
  for (const Person* person : people_) {
    std::map<int, int64_t> trade_income, items;
    for (const Business& business : person->businesses) {
      EXPECT_GE(AgeOn(person->birthday, business.opened), 22);
      for (const BusinessYear& year : business.years) {
        if (!business.corporate) trade_income[year.year] += year.net_income;
        if (year.accounts.empty()) continue;
        ++with_books;
        std::map<int, int64_t> amounts;
        for (const AccountLine& line : year.accounts) amounts[line.code] = line.amount;
        EXPECT_EQ(amounts[101], year.Revenue());
        EXPECT_EQ(amounts[114], year.net_income);
        EXPECT_EQ(amounts[206], amounts[210] + amounts[213]);
        EXPECT_EQ(amounts[206], amounts[214]);
        EXPECT_EQ(amounts[213], amounts[211] + amounts[212]);
      }
    }
    for (const IncomeItem& item : person->income) {
      if (item.kind == "사업소득") items[item.tax_year] += item.income;
    }
    EXPECT_EQ(items, trade_income);
  }
  EXPECT_GT(with_books, 100);
}

TEST_P(PopulationTest, ManyHaveNothingOnFileSomewhere) {
  const int traders = Share([](const Person& person) { return !person.businesses.empty(); });
  EXPECT_GT(traders, 5);
  EXPECT_LT(traders, 20);
  const int employed = Share([](const Person& person) { return !person.employment.empty(); });
  EXPECT_GT(employed, 35);
  EXPECT_LT(employed, 85);
  const int earning = Share([](const Person& person) { return !person.income.empty(); });
  EXPECT_GT(earning, 35);
  EXPECT_LT(earning, 85);
  const int reachable = Share([](const Person& person) { return !person.phone.empty(); });
  EXPECT_GT(reachable, 80);
  EXPECT_LT(reachable, 100);
  EXPECT_GT(std::count_if(households_.begin(), households_.end(),
                          [](const Household& household) { return household.properties.empty(); }),
            100);
}

TEST_P(PopulationTest, SurnamesAreAsCommonAsInLife) {
  EXPECT_NEAR(Share([](const Person& person) { return absl::StartsWith(person.name, "김"); }), 21,
              4);
  EXPECT_NEAR(Share([](const Person& person) { return absl::StartsWith(person.name, "이"); }), 15,
              4);
}

TEST(PopulationDemoTest, TheDemoIsTheSameUnderEverySeed) {
  const Household first = Everybody(10, 1).front();
  const Household second = Everybody(5000, 99).front();
  const Person& owner = first.people[0];
  EXPECT_EQ(owner.name, "김나루");
  EXPECT_EQ(first.people.size(), 3u);
  ASSERT_EQ(owner.businesses.size(), 2u);
  EXPECT_EQ(owner.businesses[0].trade_name, "나루상회");
  EXPECT_EQ(owner.businesses[1].trade_name, "강가식당");
  ASSERT_EQ(first.properties.size(), 1u);
  EXPECT_EQ(owner.ci, second.people[0].ci);
  EXPECT_EQ(owner.businesses[0].number, second.people[0].businesses[0].number);
  EXPECT_EQ(first.properties[0].number, second.properties[0].number);
  EXPECT_EQ(first.address.line, second.address.line);
  for (const Levy& levy : owner.national_levies) EXPECT_TRUE(levy.paid.has_value());
}

}  // namespace
}  // namespace naru::people
