#include "deploy/people/work.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/numbers.h"

namespace naru::people {
namespace {

constexpr int kPensionAge = 63;

constexpr const char* kFirstParts[] = {"가온", "누리", "다솜",   "라온",   "마루", "바름",  "새길",
                                       "아라", "자람", "차오름", "큰나무", "터울", "한결",  "해담",
                                       "나래", "도담", "보람",   "슬기",   "여울", "온새미"};
constexpr const char* kSecondParts[] = {
    "전자", "물산", "테크", "건설",   "식품",     "유통",   "화학", "정보", "기계", "섬유",
    "물류", "제약", "금융", "에너지", "의료재단", "미디어", "교육", "산업", "소재", "바이오"};
constexpr const char* kOccupations[] = {
    "경영지원 사무원", "영업원",      "제조 단순종사원", "소프트웨어 개발자", "간호사",
    "매장 판매원",     "물류 관리원", "회계 사무원",     "생산 관리원",       "시설 관리원",
    "요양보호사",      "디자이너",    "연구원",          "고객상담원",        "건설 기능원"};
constexpr const char* kLeavingReasons[] = {"자진퇴사", "계약만료", "경영상 필요에 의한 퇴사",
                                           "정년퇴직", "폐업에 따른 퇴사"};

// Pay `years` before today, at three percent a year, in whole thousands.
int64_t PayBefore(int64_t monthly_pay, int years) {
  return monthly_pay * std::max(40, 100 - 3 * years) / 100 / 1000 * 1000;
}

}  // namespace

Employer EmployerAt(int64_t number) {
  const int64_t first = number % static_cast<int64_t>(std::size(kFirstParts));
  const int64_t rest = number / static_cast<int64_t>(std::size(kFirstParts));
  const int64_t second = rest % static_cast<int64_t>(std::size(kSecondParts));
  const int64_t round = rest / static_cast<int64_t>(std::size(kSecondParts));
  std::string name = absl::StrCat("(주)", kFirstParts[first], kSecondParts[second]);
  if (round > 0) absl::StrAppend(&name, " 제", round + 1, "사업장");
  return {name, absl::StrCat(EmployerBusinessNumber(number), "0")};
}

std::vector<Job> InventJobs(Rng& rng, absl::CivilDay first, absl::CivilDay end, bool still_working,
                            int64_t employers) {
  std::vector<Job> jobs;
  const int64_t jobs_max = std::clamp<int64_t>((end - first) / (3 * 365), 1, 5);
  const int64_t count = rng.Between(1, jobs_max);
  const int64_t span = (end - first) / count;
  int64_t pay = rng.Skewed(2100, 5200) * 1000;
  for (int64_t i = 0; i < count && span >= 60; ++i) {
    const Employer employer = EmployerAt(rng.Between(0, employers - 1));
    Job job;
    job.employer = employer.name;
    job.workplace_no = employer.workplace_no;
    job.occupation = rng.Pick(kOccupations);
    const absl::CivilDay begin = first + i * span;
    job.from = DayBetween(rng, begin, begin + span / 4);
    job.last_day = DayBetween(rng, begin + span / 2, begin + span - 1);
    job.monthly_pay = pay;
    job.leaving_reason = rng.Pick(kLeavingReasons);
    if (i + 1 == count && still_working) {
      job.last_day.reset();
      job.leaving_reason.clear();
    }
    pay = pay * rng.Between(100, 125) / 100 / 1000 * 1000;
    jobs.push_back(std::move(job));
  }
  return jobs;
}

Job RepresentativeJob(Rng& rng, const Business& business) {
  Job job;
  job.employer = business.trade_name;
  job.workplace_no = absl::StrCat(business.number, "0");
  job.occupation = "대표이사";
  job.from = business.opened;
  job.last_day = business.closed;
  job.monthly_pay = rng.Skewed(3000, 9000) * 1000;
  job.leaving_reason = business.closed.has_value() ? "폐업" : "";
  job.employment_insured = false;
  return job;
}

std::vector<IncomeItem> IncomeOf(const Person& person, int first_year, int last_year) {
  std::vector<IncomeItem> items;
  for (int year = first_year; year <= last_year; ++year) {
    const absl::CivilMonth january(year, 1), december(year, 12);
    for (const Job& job : person.jobs) {
      const int months = MonthsWithin(job.from, job.last_day, january, december);
      const int64_t gross = PayBefore(job.monthly_pay, last_year + 1 - year) * months;
      if (gross > 0) items.push_back({year, "근로소득", job.employer, gross, WageIncome(gross)});
    }
    for (const Business& business : person.businesses) {
      if (business.corporate) continue;  // Its income is the corporation's own.
      for (const BusinessYear& books : business.years) {
        if (books.year != year) continue;
        items.push_back({year, "사업소득", business.trade_name, books.Revenue(), books.net_income});
      }
    }
    const bool ever_insured = !person.jobs.empty() || !person.businesses.empty();
    if (ever_insured && AgeOn(person.birthday, absl::CivilDay(year, 1, 1)) >= kPensionAge) {
      // Between 480,000 and 1,200,000 a month, fixed by the person so that no state is needed.
      const int64_t gross = 12 * (480000 + person.index * 7919 % 73 * 10000);
      items.push_back({year, "연금소득", "국민연금공단", gross, gross * 60 / 100});
    }
  }
  return items;
}

int64_t WageIncome(int64_t gross) {
  int64_t deduction = 0;
  if (gross <= 5'000'000) {
    deduction = gross * 70 / 100;
  } else if (gross <= 15'000'000) {
    deduction = 3'500'000 + (gross - 5'000'000) * 40 / 100;
  } else if (gross <= 45'000'000) {
    deduction = 7'500'000 + (gross - 15'000'000) * 15 / 100;
  } else if (gross <= 100'000'000) {
    deduction = 12'000'000 + (gross - 45'000'000) * 5 / 100;
  } else {
    deduction = 14'750'000 + (gross - 100'000'000) * 2 / 100;
  }
  return gross - std::min<int64_t>(deduction, 20'000'000);
}

int64_t IncomeTax(int64_t income) {
  struct Bracket {
    int64_t above;
    int64_t percent;
  };
  constexpr Bracket kBrackets[] = {
      {1'000'000'000, 45}, {500'000'000, 42}, {300'000'000, 40}, {150'000'000, 38},
      {88'000'000, 35},    {50'000'000, 24},  {14'000'000, 15},  {0, 6}};
  int64_t base = std::max<int64_t>(0, income - 1'500'000);
  int64_t tax = 0;
  for (const Bracket& bracket : kBrackets) {
    if (base <= bracket.above) continue;
    tax += (base - bracket.above) * bracket.percent / 100;
    base = bracket.above;
  }
  return tax / 10 * 10;
}

}  // namespace naru::people
