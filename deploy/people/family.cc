#include "deploy/people/family.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "deploy/people/addresses.h"
#include "deploy/people/days.h"
#include "deploy/people/names.h"
#include "deploy/people/numbers.h"
#include "glog/logging.h"

namespace naru::people {
namespace {

constexpr int kAgeMax = 101;

enum class Shape { kAlone, kCouple, kCoupleWithChildren, kOneParent, kThreeGenerations, kSiblings };

struct WeightedShape {
  Shape shape;
  int weight;
};

// Households by shape, in hundredths, near the census of 2020.
constexpr WeightedShape kShapes[] = {
    {Shape::kAlone, 33},     {Shape::kCouple, 17},          {Shape::kCoupleWithChildren, 30},
    {Shape::kOneParent, 10}, {Shape::kThreeGenerations, 6}, {Shape::kSiblings, 4},
};

// Builds one household member by member.
class Composer {
 public:
  Composer(Rng& rng, absl::CivilDay today) : rng_(rng), today_(today) {}

  std::vector<Person> Compose(Shape shape) {
    switch (shape) {
      case Shape::kAlone:
        AddHead(rng_.Chance(50), static_cast<int>(rng_.Between(20, 88)));
        break;
      case Shape::kCouple:
        AddHead(rng_.Chance(80), static_cast<int>(rng_.Between(26, 86)));
        AddSpouse();
        break;
      case Shape::kCoupleWithChildren:
        AddHead(rng_.Chance(80), static_cast<int>(rng_.Between(34, 62)));
        AddSpouse();
        AddChildren(rng_.Chance(45) ? 1 : rng_.Chance(82) ? 2 : 3);
        break;
      case Shape::kOneParent:
        AddHead(rng_.Chance(28), static_cast<int>(rng_.Between(34, 66)));
        AddChildren(rng_.Chance(65) ? 1 : 2);
        break;
      case Shape::kThreeGenerations:
        AddHead(rng_.Chance(80), static_cast<int>(rng_.Between(34, 60)));
        AddSpouse();
        AddChildren(rng_.Chance(50) ? 1 : 2);
        AddParents(rng_.Chance(35));
        break;
      case Shape::kSiblings:
        AddHead(rng_.Chance(50), static_cast<int>(rng_.Between(22, 45)));
        Add(Relation::kSibling, RandomSex(), AgeNear(Head(), -6, 6), HeadSurname());
        break;
    }
    return std::move(people_);
  }

 private:
  const Person& Head() const { return people_.front(); }
  Sex RandomSex() { return rng_.Chance(50) ? Sex::kMale : Sex::kFemale; }
  const std::string& HeadSurname() const { return surname_; }

  int AgeNear(const Person& person, int64_t from, int64_t to) {
    return AgeOn(person.birthday, today_) + static_cast<int>(rng_.Between(from, to));
  }

  void Add(Relation relation, Sex sex, int age, const std::string& surname) {
    Person person;
    person.relation = relation;
    person.sex = sex;
    age = std::clamp(age, 0, kAgeMax);
    const absl::CivilDay latest = BirthdayAt(today_, -age);
    person.birthday = std::min(latest - rng_.Between(0, 364), kLastBirthday - rng_.Between(0, 900));
    if (relation != Relation::kChild) person.birthday = std::min(person.birthday, latest);
    person.name =
        absl::StrCat(surname, GivenName(rng_, sex, static_cast<int>(person.birthday.year())));
    people_.push_back(std::move(person));
  }

  void AddHead(bool man, int age) {
    surname_ = Surname(rng_);
    Add(Relation::kHead, man ? Sex::kMale : Sex::kFemale, age, surname_);
  }

  void AddSpouse() {
    const Sex sex = Head().sex == Sex::kMale ? Sex::kFemale : Sex::kMale;
    const int age = std::max(21, AgeNear(Head(), -5, 4));
    spouse_surname_ = Surname(rng_);
    Add(Relation::kSpouse, sex, age, spouse_surname_);
  }

  // Children have their father's surname; of a mother alone, hers or one we do not know.
  void AddChildren(int count) {
    const bool father_is_head = Head().sex == Sex::kMale;
    const std::string surname = father_is_head             ? surname_
                                : !spouse_surname_.empty() ? spouse_surname_
                                : rng_.Chance(30)          ? surname_
                                                           : Surname(rng_);
    int age = std::min(AgeNear(Head(), -36, -26), 32);
    for (int i = 0; i < count; ++i) {
      Add(Relation::kChild, RandomSex(), std::max(age, 6), surname);
      age -= static_cast<int>(rng_.Between(1, 4));
    }
  }

  void AddParents(bool both) {
    const bool father = both || rng_.Chance(25);
    if (father) Add(Relation::kFather, Sex::kMale, AgeNear(Head(), 25, 34), surname_);
    if (both || !father) {
      Add(Relation::kMother, Sex::kFemale, AgeNear(Head(), 22, 32), Surname(rng_));
    }
  }

  Rng& rng_;
  absl::CivilDay today_;
  std::string surname_;
  std::string spouse_surname_;
  std::vector<Person> people_;
};

// Stays before `formed`, the first from birth.
std::vector<Stay> EarlierStays(Rng& rng, absl::CivilDay birthday, absl::CivilDay formed) {
  std::vector<absl::CivilDay> moves;
  const int age = AgeOn(birthday, formed);
  const int64_t moves_max = age < 20 ? 1 : age < 40 ? 3 : 5;
  for (int64_t left = rng.Between(0, moves_max); left > 0; --left) {
    moves.push_back(DayBetween(rng, birthday + 30, formed - 30));
  }
  std::sort(moves.begin(), moves.end());
  moves.erase(std::unique(moves.begin(), moves.end()), moves.end());
  std::vector<Stay> stays = {{HomeAddress(rng).line, birthday, "출생등록"}};
  for (absl::CivilDay day : moves) {
    if (day <= birthday || day >= formed) continue;
    stays.push_back({HomeAddress(rng).line, day, "전입"});
  }
  return stays;
}

// A child was where the head was, from its birth on.
std::vector<Stay> StaysOfChild(const Person& head, absl::CivilDay birthday) {
  std::vector<Stay> stays;
  for (const Stay& stay : head.stays) {
    if (stay.from <= birthday) stays = {{stay.address, birthday, "출생등록"}};
    if (stay.from > birthday) stays.push_back(stay);
  }
  CHECK(!stays.empty());
  return stays;
}

}  // namespace

Household ComposeHousehold(Rng& rng, absl::CivilDay today, int64_t room) {
  CHECK_GE(room, 1);
  Household household;
  household.people = Composer(rng, today).Compose(rng.PickWeighted(kShapes).shape);
  if (static_cast<int64_t>(household.people.size()) > room) {
    household.people.resize(static_cast<size_t>(room));
  }
  household.address = HomeAddress(rng);
  // Nobody heads a household, or marries into it, before coming of age.
  absl::CivilDay of_age;
  for (const Person& person : household.people) {
    if (person.relation != Relation::kHead && person.relation != Relation::kSpouse) continue;
    of_age = std::max(of_age, BirthdayAt(person.birthday, 19));
  }
  household.formed = std::max(of_age, today - rng.Skewed(20, 20 * 365));
  return household;
}

void MakeForeign(Rng& rng, Household& household) {
  struct Country {
    const char* name;
    int weight;
  };
  constexpr Country kCountries[] = {
      {"중국", 40}, {"베트남", 25}, {"태국", 15}, {"우즈베키스탄", 12}, {"네팔", 8}};
  const char* const country = rng.PickWeighted(kCountries).name;
  for (Person& person : household.people) {
    person.nationality = country;
    person.name = ForeignName(rng);
  }
}

void FillStays(Rng& rng, Household& household) {
  Person& head = household.people.front();
  for (Person& person : household.people) {
    if (person.relation == Relation::kChild) {
      person.stays = StaysOfChild(head, person.birthday);
      continue;
    }
    person.stays = EarlierStays(rng, person.birthday, household.formed);
    person.stays.push_back({household.address.line, household.formed, "전입"});
  }
}

}  // namespace naru::people
