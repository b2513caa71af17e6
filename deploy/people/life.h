#ifndef NARU_DEPLOY_PEOPLE_LIFE_H_
#define NARU_DEPLOY_PEOPLE_LIFE_H_

#include <string>

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// What happens to people besides work and trade. Identity, stays and properties must be there.
// Marriage, parents, school, service, travel, health, licences, support.
void FillLives(Rng& rng, absl::CivilDay today, Household& household);

// Vehicles, and land: under each property, and some without a building. Numbers are set by the
// caller.
void FillBelongings(Rng& rng, absl::CivilDay today, Household& household);

// "육군 병장 2006-08-10 만기전역", as the resident register prints it; empty for nobody.
std::string ServiceText(const Service& service);

// A conscript who served his term; the number is the caller's.
Service ServedUntil(const std::string& branch, absl::CivilDay discharged);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_LIFE_H_
