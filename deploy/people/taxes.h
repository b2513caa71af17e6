#ifndef NARU_DEPLOY_PEOPLE_TAXES_H_
#define NARU_DEPLOY_PEOPLE_TAXES_H_

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// Fills what the state and the local government demanded of every adult for the last two tax years,
// from income, businesses and properties; nearly all of it is paid, a few percent owe or were given
// time.
void FillLevies(Rng& rng, absl::CivilDay today, Household& household);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_TAXES_H_
