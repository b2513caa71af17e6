#ifndef NARU_DEPLOY_PEOPLE_INSURANCE_H_
#define NARU_DEPLOY_PEOPLE_INSURANCE_H_

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// Fills health insurance with its premiums, pension and employment insurance of every member from
// the jobs and businesses, so that the three bodies agree about who worked where and when. Fills
// premiums of the year of `today` and the two before.
void InsureHousehold(Rng& rng, absl::CivilDay today, Household& household);

// The employment insurance of one who works for himself, has no job now and keeps `business` open.
Coverage SelfEmployed(const Person& person, const Business& business);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_INSURANCE_H_
