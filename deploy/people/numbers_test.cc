#include "deploy/people/numbers.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace naru::people {
namespace {

int LastDigit(const std::string& number) { return number.back() - '0'; }

TEST(NumbersTest, CheckDigitsAreTheOfficialOnes) {
  // The textbook example of the resident number's rule, and a listed company's published numbers.
  EXPECT_EQ(ResidentCheckDigit("123456123456"), 3);
  EXPECT_EQ(BusinessCheckDigit("124810099"), 8);
  EXPECT_EQ(CorporationCheckDigit("130111000624"), 6);
}

TEST(NumbersTest, ResidentNumbersAreUniqueAndNeverValid) {
  ResidentNumbers numbers;
  std::set<std::string> given;
  for (int i = 0; i < 3000; ++i) {
    const std::string number = numbers.Give(absl::CivilDay(1984, 3, 15), Sex::kFemale);
    ASSERT_EQ(number.size(), 13u);
    EXPECT_EQ(number.substr(0, 7), "8403152");
    EXPECT_GE(number.substr(7, 2), "97") << "a region that is in use";
    EXPECT_NE(LastDigit(number), ResidentCheckDigit(number.substr(0, 12)));
    given.insert(number.substr(0, 12));
  }
  EXPECT_EQ(given.size(), 3000u);
  EXPECT_EQ(numbers.Give(absl::CivilDay(2004, 3, 15), Sex::kMale).substr(0, 7), "0403153");
}

TEST(NumbersDeathTest, ResidentNumbersEndWhereCheckDigitsEnd) {
  ResidentNumbers numbers;
  EXPECT_DEATH(numbers.Give(kLastBirthday + 1, Sex::kMale), "");
}

TEST(NumbersTest, BusinessNumbersAreUniqueAndNeverValid) {
  std::set<std::string> given;
  for (bool corporate : {false, true}) {
    for (int i = 0; i < 20'000; ++i) {
      const std::string number = BusinessNumber(i, corporate, "214");
      ASSERT_EQ(number.size(), 10u);
      EXPECT_NE(LastDigit(number), BusinessCheckDigit(number.substr(0, 9)));
      EXPECT_EQ(number.substr(3, 2) >= "81", corporate);
      given.insert(number.substr(0, 9));
    }
  }
  EXPECT_EQ(given.size(), 40'000u);
}

TEST(NumbersTest, OtherNumbersAreNeverValidEither) {
  for (int i = 0; i < 1000; ++i) {
    const std::string corporation = CorporationNumber(i);
    ASSERT_EQ(corporation.size(), 13u);
    EXPECT_NE(LastDigit(corporation), CorporationCheckDigit(corporation.substr(0, 12)));
    const std::string employer = EmployerBusinessNumber(i * 900);
    ASSERT_EQ(employer.size(), 10u);
    EXPECT_NE(LastDigit(employer), BusinessCheckDigit(employer.substr(0, 9)));
  }
  EXPECT_EQ(PropertyNumber(1'000'001, 2019), "99022019000001");
  EXPECT_EQ(PhoneNumber(42), "010-0000-0042");
}

TEST(NumbersTest, OwnNumbersAreUniqueAndHideTheOrder) {
  std::set<std::string> given;
  for (int i = 0; i < 50'000; ++i) given.insert(OwnNumber("88", i));
  EXPECT_EQ(given.size(), 50'000u);
  EXPECT_GT(OwnNumber("88", 0), OwnNumber("88", 1));
}

TEST(NumbersTest, ConnectingInformationIsFixedBytesOfBase64) {
  const std::string ci = ConnectingInformation("8403151970113");
  EXPECT_EQ(ci.size(), 88u);
  EXPECT_EQ(ci, ConnectingInformation("8403151970113"));
  EXPECT_NE(ci, ConnectingInformation("8403151970114"));
}

}  // namespace
}  // namespace naru::people
