#include "deploy/people/registers.h"

#include "deploy/people/days.h"
#include "deploy/people/numbers.h"

namespace naru::people {

std::string NtsTaxpayerNo(const Person& person) { return OwnNumber("71", person.index); }
std::string LocalTaxpayerNo(const Person& person) { return OwnNumber("3210", person.index); }
std::string NhisInsuredNo(const Person& person) { return OwnNumber("9000", person.index); }
std::string NpsSubscriberNo(const Person& person) { return OwnNumber("8800", person.index); }
std::string ComwelInsuredNo(const Person& person) { return OwnNumber("EI-", person.index); }

bool KnownToTax(const Person& person, const PopulationOptions& population) {
  return AgeOn(person.birthday, population.today) >= 19;
}
bool InResidentRegister(const Household& household) {
  return household.people.front().nationality.empty();
}
bool KnownToNhis(const Household& household) { return household.livelihood.what.empty(); }
bool KnownToNps(const Person& person) { return !person.pension.empty(); }
bool KnownToComwel(const Person& person) { return !person.employment.empty(); }

}  // namespace naru::people
