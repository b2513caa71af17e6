#ifndef NARU_DEPLOY_PEOPLE_FAMILY_H_
#define NARU_DEPLOY_PEOPLE_FAMILY_H_

#include <cstdint>

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// Who lives together: relations, sexes, birthdays, names, one address and the addresses before it.
// At most `room` people (at least one). Sets nothing that is a number or a record.
Household ComposeHousehold(Rng& rng, absl::CivilDay today, int64_t room);

// Makes the household one of foreigners: names and nationality, before they have numbers.
void MakeForeign(Rng& rng, Household& household);

// Where the members of a household lived: the address of today last, moved to on
// `household.formed`; children moved with the head.
void FillStays(Rng& rng, Household& household);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_FAMILY_H_
