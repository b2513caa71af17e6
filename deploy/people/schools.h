#ifndef NARU_DEPLOY_PEOPLE_SCHOOLS_H_
#define NARU_DEPLOY_PEOPLE_SCHOOLS_H_

#include <vector>

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// The schools somebody went to: those of the years since 2003 alone, as NEIS has them.
std::vector<School> SchoolsOf(Rng& rng, const Person& person, absl::CivilDay today);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_SCHOOLS_H_
