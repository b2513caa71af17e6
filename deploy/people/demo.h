#ifndef NARU_DEPLOY_PEOPLE_DEMO_H_
#define NARU_DEPLOY_PEOPLE_DEMO_H_

#include <string>

#include "deploy/people/model.h"

namespace naru::people {

// The case of the demo: 김나루 of Seocho, who keeps a shop and a restaurant, owns the flat in which
// three people live, and for whom each of the thirteen papers has something to say about 2024 and
// 2025. Person 0 of household 1 under every seed; names, birthdays, official numbers, addresses,
// businesses and flat are fixed, only telephone and contact come from the seed.

// People, address and day of moving in; no numbers.
Household DemoHousehold();
// Addresses before, earlier job, both businesses, the flat.
void FillDemoPast(Household& household);
// Employment insurance of one who works for himself, which most do not have.
void InsureDemoPerson(Person& owner);
// The demo's people owe nothing.
void PayDemoLevies(Household& household);

// Service, marriage, licence and car of the owner; nobody is supported or punished.
void FillDemoLife(Household& household);

// Lines NARU_DEMO_...='value' for scripts (a shell may source them): the owner, spouse and child,
// both businesses, the property, its parcel, the car.
std::string DemoCase(const Household& household);
// Lines NARU_OTHER_...: another household's business owner, to show that a stranger's business is
// refused.
std::string OtherCase(const Person& owner);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_DEMO_H_
