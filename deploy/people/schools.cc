#include "deploy/people/schools.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace naru::people {
namespace {

constexpr int kKeptSince = 2003;

struct Level {
  const char* name;
  const char* of;  // End of the schools' names.
  int first_year;  // Of life, in March.
  int years;
};

constexpr Level kLevels[] = {{"초등학교", "초등학교", 7, 6},
                             {"중학교", "중학교", 13, 3},
                             {"고등학교", "고등학교", 16, 3},
                             {"대학교", "대학교", 19, 4}};

constexpr const char* kNames[] = {"나루", "물결", "가온", "다솜", "한별", "새봄", "온누리", "은하"};
constexpr const char* kDepartments[] = {"경영학과",     "컴퓨터공학과", "간호학과",
                                        "국어국문학과", "기계공학과",   "사회복지학과"};

}  // namespace

std::vector<School> SchoolsOf(Rng& rng, const Person& person, absl::CivilDay today) {
  std::vector<School> schools;
  for (const Level& level : kLevels) {
    const bool university = level.first_year == 19;
    const char* const name = rng.Pick(kNames);
    const int average = static_cast<int>(rng.Between(61, 99));
    const bool goes = !university || rng.Chance(72);
    School school;
    school.level = level.name;
    school.name = absl::StrCat(name, level.of);
    school.average = average;
    school.entered = absl::CivilDay(person.birthday.year() + level.first_year, 3, 2);
    if (university) school.department = rng.Pick(kDepartments);
    const absl::CivilDay end(school.entered.year() + level.years, 2, 15);
    if (!goes || school.entered >= today || end.year() < kKeptSince) continue;
    if (end < today) school.graduated = end;
    schools.push_back(std::move(school));
  }
  return schools;
}

}  // namespace naru::people
