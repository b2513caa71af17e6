#ifndef NARU_CONSENT_CATALOG_CATALOGUE_SUCCESSOR_H_
#define NARU_CONSENT_CATALOG_CATALOGUE_SUCCESSOR_H_

#include <optional>
#include <string>

#include "naru/config/v1/catalogue.pb.h"

namespace naru {

// What `next` lacks that rests on `in_force`: an agency, kind, affair or approval (which are closed
// or left without use, never removed), a kind of an affair or its place there (checks name it by
// its place), a key (what it signed must stay verifiable; its time can be ended). nullopt when it
// has all; else its path, such as "kinds[\"INCOME_AMOUNT\"]". Pure.
std::optional<std::string> MissingInSuccessor(const config::v1::Catalogue& in_force,
                                              const config::v1::Catalogue& next);

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_CATALOGUE_SUCCESSOR_H_
