#ifndef NARU_DEPLOY_PEOPLE_MODEL_H_
#define NARU_DEPLOY_PEOPLE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"

// What is invented about one household, before each agency's register writes down its own view of
// it. All amounts are won. An empty optional day means "until now".
namespace naru::people {

enum class Sex { kMale, kFemale };

enum class Relation { kHead, kSpouse, kChild, kFather, kMother, kSibling };

// One place on the map; `line` and `lot` are how a road-name and a lot address are written.
struct Address {
  std::string sido;
  std::string sigungu;
  std::string legal_dong;
  std::string postal_code;
  std::string line;
  std::string lot;
  std::string tax_office;
  std::string tax_office_code;
};

struct Stay {
  std::string address;
  absl::CivilDay from;
  std::string reason;
};

struct Job {
  std::string employer;
  std::string workplace_no;  // 사업장관리번호, 11 digits.
  std::string occupation;
  absl::CivilDay from;
  std::optional<absl::CivilDay> last_day;
  int64_t monthly_pay = 0;
  std::string leaving_reason;
  bool employment_insured = true;  // A corporation's representative is not.
};

struct IncomeItem {
  int tax_year = 0;
  std::string kind;
  std::string payer;
  int64_t gross = 0;
  int64_t income = 0;
};

enum class Taxation { kGeneral, kSimplified, kExempt };

struct AccountLine {
  int code = 0;
  int64_t amount = 0;
};

struct BusinessYear {
  int year = 0;
  int64_t first_half = 0;
  int64_t second_half = 0;
  int64_t net_income = 0;
  std::vector<AccountLine> accounts;  // Empty when the business keeps no double-entry books.
  int64_t Revenue() const { return first_half + second_half; }
};

struct BusinessItem {
  std::string category;
  std::string item;
};

struct Business {
  std::string number;
  std::string trade_name;
  bool corporate = false;
  std::string corporation_no;
  Taxation taxation = Taxation::kGeneral;
  std::vector<BusinessItem> items;
  absl::CivilDay opened;
  std::optional<absl::CivilDay> closed;
  Address address;
  std::vector<BusinessYear> years;
};

// A tax that was demanded, of the state or of a local government.
struct Levy {
  std::string number;
  std::string item;
  int tax_year = 0;
  int64_t amount = 0;
  absl::CivilDay due;
  std::optional<absl::CivilDay> paid;
  std::optional<absl::CivilDay> deferred_until;
};

// A time under one kind of social insurance.
struct Coverage {
  std::string kind;
  std::string workplace;
  std::string workplace_no;
  absl::CivilDay from;
  std::optional<absl::CivilDay> lost;  // The first day without it.
  int64_t monthly_pay = 0;
};

// The same health premium for a run of months in one year.
struct Premium {
  int year = 0;
  int first_month = 0;
  int last_month = 0;
  int64_t health = 0;
  int64_t care = 0;
};

// Military service (병역) of a man who is old enough for it; empty disposition: of nobody else.
struct Service {
  std::string disposition;  // 현역, 전시근로역.
  std::string branch;       // Empty: never served.
  std::string rank;
  std::string number;
  absl::CivilDay enlisted;
  absl::CivilDay discharged;
};

struct School {
  std::string level;  // 초등학교, 중학교, 고등학교, 대학교.
  std::string name;
  std::string department;
  absl::CivilDay entered;
  std::optional<absl::CivilDay> graduated;
  int average = 0;  // Of 100.
};

struct Vaccination {
  std::string vaccine;
  int dose = 1;
  absl::CivilDay day;
  std::string clinic;
};

struct Trip {
  absl::CivilDay departed;
  absl::CivilDay returned;
  std::string port;
};

struct Violation {
  absl::CivilDay day;
  std::string what;
  int points = 0;
};

// A status that an agency gave to somebody on a day; empty `what`: nobody did.
struct Standing {
  std::string what;
  std::string degree;
  std::string number;
  absl::CivilDay since;
};

struct Person {
  int64_t index = 0;
  Relation relation = Relation::kHead;
  std::string name;
  Sex sex = Sex::kMale;
  absl::CivilDay birthday;
  std::string resident_no;
  std::string ci;
  std::string phone;        // Empty: cannot be reached by message.
  std::string contact_ref;  // Empty exactly when `phone` is.
  std::string passport_no;
  std::string licence_no;
  std::string nationality;  // Empty: Korean. A foreigner's resident number is the alien number.
  std::string father;       // Names, for the family register.
  std::string mother;
  Service service;
  std::vector<School> schools;  // In order of time.
  std::vector<Vaccination> vaccinations;
  std::vector<Trip> trips;
  std::vector<Violation> violations;
  bool convicted = false;
  Standing disability;
  Standing veteran;
  Standing overseas;  // Registered as living abroad: country and city.
  Standing stay;      // A foreigner's permit to stay.
  std::optional<absl::CivilDay> seal_registered;
  absl::CivilDay passport_issued;  // When there is a number.
  absl::CivilDay licence_issued;
  std::vector<Stay> stays;  // Oldest first, the last one is today's.
  std::vector<Job> jobs;    // In order of time, never overlapping.
  std::vector<Business> businesses;
  std::vector<IncomeItem> income;
  std::vector<Levy> national_levies;
  std::vector<Levy> local_levies;
  std::vector<Coverage> health;
  std::vector<Premium> premiums;
  std::vector<Coverage> pension;
  std::vector<Coverage> employment;
};

struct Owner {
  size_t member = 0;  // Place in Household::people.
  int share_of = 1;   // Owns one part of so many.
};

struct Property {
  std::string number;
  std::string kind;
  Address address;
  std::string structure;
  int64_t area_cm2 = 0;
  absl::CivilDay built;
  absl::CivilDay acquired;
  int64_t price = 0;
  std::string former_owner;
  std::string lender;  // Empty: no mortgage.
  int64_t mortgage = 0;
  std::vector<Owner> owners;
};

// A parcel of land; `property` is the place in Household::properties of what stands on it.
struct Land {
  std::string number;  // 고유번호, 19 digits.
  std::string lot;
  std::string category;
  int64_t area_cm2 = 0;
  int64_t price_per_m2 = 0;
  absl::CivilDay acquired;
  size_t owner = 0;
  std::optional<size_t> property;
};

struct Vehicle {
  std::string number;  // 차대번호, 17 characters.
  std::string plate;
  std::string model;
  int year = 0;
  absl::CivilDay registered;
  size_t owner = 0;
  std::string lender;  // Empty: no mortgage.
  int64_t mortgage = 0;
};

struct Household {
  int64_t number = 0;
  Address address;
  absl::CivilDay formed;
  std::vector<Person> people;  // The head is the first.
  std::vector<Property> properties;
  std::vector<Land> lands;
  std::vector<Vehicle> vehicles;
  std::optional<absl::CivilDay> married;  // Head and spouse.
  Standing livelihood;                    // Basic livelihood support: its benefits.
  Standing single_parent;
};

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_MODEL_H_
