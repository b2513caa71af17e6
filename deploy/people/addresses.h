#ifndef NARU_DEPLOY_PEOPLE_ADDRESSES_H_
#define NARU_DEPLOY_PEOPLE_ADDRESSES_H_

#include "absl/strings/string_view.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// Districts and roads are real, houses and flats on them are invented.

// A flat or house somewhere; districts come as often as `weight` in the list says.
Address HomeAddress(Rng& rng);
// The same inside one district ("서초구"); dies if the list has no such district.
Address HomeAddressIn(Rng& rng, absl::string_view sigungu);
// A shop or office in the district of `home`, because most small businesses are near it.
Address ShopAddress(Rng& rng, const Address& home);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_ADDRESSES_H_
