#ifndef NARU_DEPLOY_PEOPLE_REGISTERS_H_
#define NARU_DEPLOY_PEOPLE_REGISTERS_H_

#include <memory>
#include <string>
#include <vector>

#include "deploy/people/model.h"
#include "deploy/people/population.h"

namespace naru::people {

// What one agency writes down about each household, in its own tables with its own keys. For each
// kind of paper its database has a view `<kind>` with one row for a paper, and `<kind>_rows` for
// the paper's list; both have the subject's number and `person_ci`, the CI of the person whom the
// record names. Members throw soci::soci_error.
class Register {
 public:
  virtual ~Register() = default;
  virtual void Add(const Household& household) = 0;
  // To be called once, after the last household.
  virtual void Finish() = 0;
};

// One factory an agency; each makes its file in `folder`.
using RegisterFactory = std::unique_ptr<Register> (*)(const std::string& folder,
                                                      const PopulationOptions& population);

std::unique_ptr<Register> OpenMoisRegister(const std::string&, const PopulationOptions&);
std::unique_ptr<Register> OpenNtsRegister(const std::string&, const PopulationOptions&);
std::unique_ptr<Register> OpenSeochoRegister(const std::string&, const PopulationOptions&);
std::unique_ptr<Register> OpenNhisRegister(const std::string&, const PopulationOptions&);
std::unique_ptr<Register> OpenNpsRegister(const std::string&, const PopulationOptions&);
std::unique_ptr<Register> OpenComwelRegister(const std::string&, const PopulationOptions&);
std::unique_ptr<Register> OpenCourtRegister(const std::string&, const PopulationOptions&);
// Not a holder: what the resolver needs to turn what a person shows into a CI, a CI into a contact,
// and a CI into each agency's own number and back.
std::unique_ptr<Register> OpenResolverRegister(const std::string&, const PopulationOptions&);

// The numbers by which agencies know a person, when it is not the resident number.
std::string NtsTaxpayerNo(const Person& person);
std::string LocalTaxpayerNo(const Person& person);
std::string NhisInsuredNo(const Person& person);
std::string NpsSubscriberNo(const Person& person);
std::string ComwelInsuredNo(const Person& person);
// Which people an agency has in its books at all.
bool KnownToTax(const Person& person, const PopulationOptions& population);
bool KnownToNps(const Person& person);
// Foreigners are in the alien register instead.
bool InResidentRegister(const Household& household);
// Those on basic livelihood support have medical aid, not health insurance.
bool KnownToNhis(const Household& household);
bool KnownToComwel(const Person& person);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_REGISTERS_H_
