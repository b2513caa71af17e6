#ifndef NARU_DEPLOY_PEOPLE_WORK_H_
#define NARU_DEPLOY_PEOPLE_WORK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// A company that employs people of the registers but is in none of them.
struct Employer {
  std::string name;
  std::string workplace_no;
};

// Always the same employer for a number. Dies past some 900,000.
Employer EmployerAt(int64_t number);

// Jobs one after another between `first` and `end`; the last one still runs when `still_working`.
std::vector<Job> InventJobs(Rng& rng, absl::CivilDay first, absl::CivilDay end, bool still_working,
                            int64_t employers);

// The job that a representative has at the own corporation.
Job RepresentativeJob(Rng& rng, const Business& business);

// What a person earned in the tax years first..last: wages, own trade, pension.
std::vector<IncomeItem> IncomeOf(const Person& person, int first_year, int last_year);

// Wages less the deduction for wage earners (근로소득공제).
int64_t WageIncome(int64_t gross);
// Income tax on a year's income at the rates since 2023, after the basic deduction.
int64_t IncomeTax(int64_t income);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_WORK_H_
