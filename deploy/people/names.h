#ifndef NARU_DEPLOY_PEOPLE_NAMES_H_
#define NARU_DEPLOY_PEOPLE_NAMES_H_

#include <string>

#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// Korean names as they occur: surnames by their share of the population, given names by sex and
// the generation in which they were common. Namesakes happen, as in life.
std::string Surname(Rng& rng);
std::string GivenName(Rng& rng, Sex sex, int birth_year);
// A name of no country in particular, as the alien register writes it.
std::string ForeignName(Rng& rng);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_NAMES_H_
