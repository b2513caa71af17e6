#include "deploy/people/insurance.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deploy/people/days.h"

namespace naru::people {
namespace {

// When each insurance began to cover everybody who is shown here.
constexpr absl::CivilDay kHealthSince(1989, 7, 1);
constexpr absl::CivilDay kPensionSince(1988, 1, 1);
constexpr absl::CivilDay kEmploymentSince(1995, 7, 1);
constexpr absl::CivilDay kSelfEmployedSince(2012, 1, 22);
constexpr int kPensionUntilAge = 60;

// Rates since 2024, in hundred-thousandths: half of 7.09 % is the worker's; care is 12.95 % of it.
constexpr int64_t kHealthRate = 3545;
constexpr int64_t kCareRate = 12950;
constexpr int64_t kHealthPremiumMin = 19780;

std::optional<absl::CivilDay> LostDay(const std::optional<absl::CivilDay>& last_day) {
  if (!last_day.has_value()) return std::nullopt;
  return *last_day + 1;
}

const Job* CurrentJob(const Person& person) {
  if (person.jobs.empty() || person.jobs.back().last_day.has_value()) return nullptr;
  return &person.jobs.back();
}

bool HasOpenBusiness(const Person& person) {
  return std::any_of(person.businesses.begin(), person.businesses.end(),
                     [](const Business& business) { return !business.closed.has_value(); });
}

// The member whose workplace insures those of the household who earn nothing.
const Job* InsuringJob(const Household& household, const Person& dependent) {
  for (const Person& person : household.people) {
    if (&person != &dependent && CurrentJob(person) != nullptr) return CurrentJob(person);
  }
  return nullptr;
}

// How someone without a job is insured today.
Coverage WithoutJob(const Household& household, const Person& person) {
  const Job* insuring = HasOpenBusiness(person) ? nullptr : InsuringJob(household, person);
  Coverage coverage;
  if (insuring != nullptr) {
    coverage.kind = "직장피부양자";
    coverage.workplace = insuring->employer;
    coverage.workplace_no = insuring->workplace_no;
    return coverage;
  }
  // One member pays for all of the household who are insured by residence: the first such adult.
  for (const Person& other : household.people) {
    if (CurrentJob(other) != nullptr) continue;
    if (!HasOpenBusiness(other) && InsuringJob(household, other) != nullptr) continue;
    coverage.kind = &other == &person ? "지역세대주" : "지역세대원";
    break;
  }
  return coverage;
}

std::vector<Coverage> HealthHistory(const Household& household, const Person& person) {
  std::vector<Coverage> history;
  absl::CivilDay free_from = std::max(person.birthday, kHealthSince);
  for (const Job& job : person.jobs) {
    if (job.from > free_from) {
      Coverage between;
      between.kind = history.empty() ? "직장피부양자" : "지역세대원";
      between.from = free_from;
      between.lost = job.from;
      history.push_back(std::move(between));
    }
    history.push_back({"직장가입자", job.employer, job.workplace_no, std::max(job.from, free_from),
                       LostDay(job.last_day), job.monthly_pay});
    if (!job.last_day.has_value()) return history;
    free_from = *job.last_day + 1;
  }
  Coverage today = WithoutJob(household, person);
  today.from = free_from;
  history.push_back(std::move(today));
  return history;
}

std::vector<Coverage> PensionHistory(const Person& person, absl::CivilDay today) {
  std::vector<Coverage> history;
  const absl::CivilDay sixty = BirthdayAt(person.birthday, kPensionUntilAge);
  auto add = [&](const char* kind, const std::string& workplace, const std::string& workplace_no,
                 absl::CivilDay from, std::optional<absl::CivilDay> lost, int64_t pay) {
    from = std::max(from, kPensionSince);
    if (!history.empty() && history.back().lost.has_value()) {
      from = std::max(from, *history.back().lost);
    }
    if (sixty <= today && (!lost.has_value() || *lost > sixty)) lost = sixty;
    if (lost.has_value() && *lost <= from) return;
    history.push_back({kind, workplace, workplace_no, from, lost, pay});
  };
  for (const Job& job : person.jobs) {
    add("사업장가입자", job.employer, job.workplace_no, job.from, LostDay(job.last_day),
        job.monthly_pay);
  }
  if (CurrentJob(person) != nullptr) return history;
  for (const Business& business : person.businesses) {
    if (business.corporate) continue;
    if (!history.empty() && !history.back().lost.has_value()) break;  // Insured by the first.
    add("지역가입자", "", "", business.opened, LostDay(business.closed), 1'500'000);
  }
  return history;
}

std::vector<Coverage> EmploymentHistory(const Person& person) {
  std::vector<Coverage> history;
  for (const Job& job : person.jobs) {
    const std::optional<absl::CivilDay> lost = LostDay(job.last_day);
    const absl::CivilDay from = std::max(job.from, kEmploymentSince);
    if (!job.employment_insured || (lost.has_value() && *lost <= from)) continue;
    history.push_back(
        {job.occupation, job.employer, job.workplace_no, from, lost, job.monthly_pay});
  }
  return history;
}

}  // namespace

Coverage SelfEmployed(const Person& person, const Business& business) {
  absl::CivilDay from = std::max(business.opened, kSelfEmployedSince);
  if (!person.jobs.empty()) from = std::max(from, *person.jobs.back().last_day + 1);
  return {"자영업자", business.trade_name, business.number + "0", from, std::nullopt, 2'080'000};
}

namespace {

int64_t MonthlyBusinessIncome(const Person& person, int year) {
  int64_t income = 0;
  for (const IncomeItem& item : person.income) {
    if (item.tax_year == year - 1 && item.kind == "사업소득") income += item.income / 12;
  }
  return income;
}

// The months of `year` before the month of `today` that `coverage` has, as one premium.
std::optional<Premium> PremiumOf(const Person& person, const Coverage& coverage, int year,
                                 absl::CivilDay today) {
  const absl::CivilMonth from =
      std::max(absl::CivilMonth(coverage.from), absl::CivilMonth(year, 1));
  absl::CivilMonth to = std::min(absl::CivilMonth(year, 12), absl::CivilMonth(today) - 1);
  // The month in which cover is lost is charged by the next one.
  if (coverage.lost.has_value()) to = std::min(to, absl::CivilMonth(*coverage.lost) - 1);
  if (to < from) return std::nullopt;
  const int64_t base = coverage.kind == "직장가입자"
                           ? coverage.monthly_pay * kHealthRate
                           : MonthlyBusinessIncome(person, year) * kHealthRate * 2;
  Premium premium;
  premium.year = year;
  premium.first_month = from.month();
  premium.last_month = to.month();
  premium.health = std::max(kHealthPremiumMin, base / 100000 / 10 * 10);
  premium.care = premium.health * kCareRate / 100000 / 10 * 10;
  return premium;
}

std::vector<Premium> PremiumsOf(const Person& person, absl::CivilDay today) {
  std::vector<Premium> premiums;
  const int this_year = static_cast<int>(today.year());
  for (int year = this_year - 2; year <= this_year; ++year) {
    for (const Coverage& coverage : person.health) {
      if (coverage.kind != "직장가입자" && coverage.kind != "지역세대주") continue;
      const std::optional<Premium> premium = PremiumOf(person, coverage, year, today);
      if (premium.has_value()) premiums.push_back(*premium);
    }
  }
  return premiums;
}

}  // namespace

void InsureHousehold(Rng& rng, absl::CivilDay today, Household& household) {
  for (Person& person : household.people) {
    person.health = HealthHistory(household, person);
    person.premiums = PremiumsOf(person, today);
    person.pension = PensionHistory(person, today);
    person.employment = EmploymentHistory(person);
    // A few who work for themselves insure themselves against having to close.
    for (const Business& business : person.businesses) {
      if (business.corporate || business.closed.has_value() || CurrentJob(person) != nullptr) {
        continue;
      }
      if (!rng.Chance(6)) continue;
      person.employment.push_back(SelfEmployed(person, business));
      break;
    }
  }
}

}  // namespace naru::people
