// The resolver's database: what a person shows -> CI, CI -> contact, CI <-> agencies' own numbers.

#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "deploy/people/days.h"
#include "deploy/people/register_file.h"
#include "deploy/people/registers.h"

namespace naru::people {
namespace {

// No agency's register: seven characters that are nobody's code.
constexpr RegisterFile::Info kInfo = {"resolver.db", "0000000", "본인확인 모의기관"};

const RegisterFile::Statements& Tables() {
  static const auto* const kTables = new RegisterFile::Statements{
      "CREATE TABLE person (person_seq INTEGER PRIMARY KEY, ci TEXT NOT NULL, rrn TEXT NOT NULL, "
      "name TEXT NOT NULL, "
      "birth_date TEXT NOT NULL, sex TEXT NOT NULL, phone TEXT, contact_ref TEXT, "
      "passport_no TEXT, licence_no TEXT)",
      "CREATE TABLE own_number (person_seq INTEGER NOT NULL, agency_code TEXT NOT NULL, "
      "number TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (person_seq, agency_code)) "
      "WITHOUT ROWID",
  };
  return *kTables;
}

const RegisterFile::Statements& Indices() {
  static const auto* const kIndices = new RegisterFile::Statements{
      "CREATE UNIQUE INDEX person_ci ON person (ci)",
      "CREATE UNIQUE INDEX person_rrn ON person (rrn)",
      "CREATE UNIQUE INDEX person_contact ON person (contact_ref)",
      "CREATE UNIQUE INDEX person_passport ON person (passport_no)",
      "CREATE UNIQUE INDEX person_licence ON person (licence_no)",
      "CREATE UNIQUE INDEX own_number_number ON own_number (agency_code, number)",
      "CREATE VIEW holder_number AS SELECT n.agency_code, n.number, n.kind, p.ci "
      "FROM own_number n JOIN person p ON p.person_seq = n.person_seq",
  };
  return *kIndices;
}

class ResolverRegister : public Register {
 public:
  ResolverRegister(const std::string& folder, const PopulationOptions& population)
      : population_(population),
        file_(folder, population, kInfo, Tables()),
        rows_(std::in_place, file_.session()) {}

  void Add(const Household& household) override {
    for (const Person& person : household.people) {
      rows_->people.Add(person.index + 1, person.ci, person.resident_no, person.name,
                        IsoDay(person.birthday), person.sex == Sex::kMale ? "M" : "F", person.phone,
                        person.contact_ref, person.passport_no, person.licence_no);
      AddNumbers(person, KnownToNhis(household));
    }
  }

  void Finish() override {
    rows_.reset();
    file_.Finish(Indices());
  }

 private:
  struct Rows {
    explicit Rows(soci::session& session)
        : people(session, "person"), numbers(session, "own_number") {}
    RowInserter<Number, Text, Text, Text, Text, Text, Text, Text, Text, Text> people;
    RowInserter<Number, Text, Text, Text> numbers;
  };

  // The resident register and the court know people by resident number, the others by these.
  void AddNumbers(const Person& person, bool known_to_nhis) {
    const Number seq = person.index + 1;
    if (known_to_nhis) {
      rows_->numbers.Add(seq, "B550928", NhisInsuredNo(person), "NHIS_INSURED_NO");
    }
    if (KnownToTax(person, population_)) {
      rows_->numbers.Add(seq, "1210000", NtsTaxpayerNo(person), "NTS_TAXPAYER_NO");
      rows_->numbers.Add(seq, "3210000", LocalTaxpayerNo(person), "LOCAL_TAXPAYER_NO");
    }
    if (KnownToNps(person)) {
      rows_->numbers.Add(seq, "B552468", NpsSubscriberNo(person), "NPS_SUBSCRIBER_NO");
    }
    if (KnownToComwel(person)) {
      rows_->numbers.Add(seq, "B552015", ComwelInsuredNo(person), "COMWEL_INSURED_NO");
    }
  }

  const PopulationOptions population_;
  RegisterFile file_;
  std::optional<Rows> rows_;
};

}  // namespace

std::unique_ptr<Register> OpenResolverRegister(const std::string& folder,
                                               const PopulationOptions& population) {
  return std::make_unique<ResolverRegister>(folder, population);
}

}  // namespace naru::people
