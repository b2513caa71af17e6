#include "deploy/people/days.h"

#include <optional>

#include "gtest/gtest.h"

namespace naru::people {
namespace {

using absl::CivilDay;
using absl::CivilMonth;

TEST(DaysTest, WritesDaysBothWays) {
  EXPECT_EQ(IsoDay(CivilDay(2026, 3, 7)), "2026-03-07");
  EXPECT_EQ(PlainDay(CivilDay(2026, 3, 7)), "20260307");
  EXPECT_EQ(IsoDay(std::optional<CivilDay>()), "");
  EXPECT_EQ(PlainDay(std::optional<CivilDay>()), "");
}

TEST(DaysTest, AgeChangesOnTheBirthday) {
  const CivilDay birthday(1984, 3, 15);
  EXPECT_EQ(AgeOn(birthday, CivilDay(2026, 3, 14)), 41);
  EXPECT_EQ(AgeOn(birthday, CivilDay(2026, 3, 15)), 42);
  EXPECT_EQ(BirthdayAt(CivilDay(2000, 2, 29), 1), CivilDay(2001, 3, 1));
}

TEST(DaysTest, MonthsWithinCountsMonthsThatHaveADay) {
  const CivilMonth january(2025, 1), december(2025, 12);
  EXPECT_EQ(MonthsWithin(CivilDay(2020, 5, 5), std::nullopt, january, december), 12);
  EXPECT_EQ(MonthsWithin(CivilDay(2025, 9, 30), std::nullopt, january, december), 4);
  EXPECT_EQ(MonthsWithin(CivilDay(2020, 1, 1), CivilDay(2025, 2, 1), january, december), 2);
  EXPECT_EQ(MonthsWithin(CivilDay(2026, 1, 1), std::nullopt, january, december), 0);
  EXPECT_EQ(MonthsWithin(CivilDay(2020, 1, 1), CivilDay(2024, 12, 31), january, december), 0);
}

TEST(DaysTest, DayBetweenStaysInside) {
  Rng rng(1, 1);
  for (int i = 0; i < 100; ++i) {
    const CivilDay day = DayBetween(rng, CivilDay(2020, 1, 1), CivilDay(2020, 1, 3));
    EXPECT_GE(day, CivilDay(2020, 1, 1));
    EXPECT_LE(day, CivilDay(2020, 1, 3));
  }
  EXPECT_EQ(DayBetween(rng, CivilDay(2020, 1, 3), CivilDay(2020, 1, 1)), CivilDay(2020, 1, 3));
}

}  // namespace
}  // namespace naru::people
