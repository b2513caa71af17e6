#ifndef NARU_DEPLOY_PEOPLE_PROPERTY_H_
#define NARU_DEPLOY_PEOPLE_PROPERTY_H_

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// A flat or house at `address`, bought by the head on `acquired`, without owners and number yet.
Property InventProperty(Rng& rng, const Address& address, absl::CivilDay acquired);

// Gives the household the home it lives in, more, or nothing. Numbers are set by the caller.
void FillProperties(Rng& rng, Household& household);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_PROPERTY_H_
