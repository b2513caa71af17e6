#ifndef NARU_DEPLOY_PEOPLE_NUMBERS_H_
#define NARU_DEPLOY_PEOPLE_NUMBERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "deploy/people/model.h"

namespace naru::people {

// Numbers that look like the official ones and can never be anybody's: where the official number
// has a check digit it is deliberately wrong, where it has none the office that would have given it
// does not exist. All are unique by construction, so no set of given numbers is kept.

// The last digit that a real resident number (주민등록번호) with these first 12 digits has.
int ResidentCheckDigit(absl::string_view first12);
// The same for a business registration number (사업자등록번호) and its first 9 digits.
int BusinessCheckDigit(absl::string_view first9);
// The same for a corporation registration number (법인등록번호) and its first 12 digits.
int CorporationCheckDigit(absl::string_view first12);

// Gives out resident numbers, at most 3,000 for a birthday and sex. Memory: two bytes for each day
// and sex. Not thread-safe.
//
// YYMMDD, sex and century (5 to 8 for a foreigner), then a region of 9700 to 9999 (Sejong's 96 is
// the last in use), an order, a wrong check digit. Numbers given since October 2020 have no check
// digit that could be wrong, so nobody here is born after kLastBirthday.
class ResidentNumbers {
 public:
  ResidentNumbers();
  // Dies if the birthday lies outside kFirstBirthday..kLastBirthday or is full.
  std::string Give(absl::CivilDay birthday, Sex sex, bool foreign = false);

 private:
  std::vector<uint16_t> given_;
};

inline constexpr absl::CivilDay kFirstBirthday(1910, 1, 1);
inline constexpr absl::CivilDay kLastBirthday(2020, 9, 30);

// The 연계정보 (CI) of a synthetic resident number: 88 characters of base64, one-way, the same at
// every agency. The salt is public: real CIs come from a secret of the verification bodies.
std::string ConnectingInformation(absl::string_view resident_no);

// `sequence` counts the businesses of that sort from 0; `tax_office` is three digits.
std::string BusinessNumber(int64_t sequence, bool corporate, absl::string_view tax_office);
std::string CorporationNumber(int64_t sequence);
// Employers outside the registers have business numbers of tax offices that do not exist.
std::string EmployerBusinessNumber(int64_t sequence);
// 부동산고유번호: registry office 99xx (none), year, serial.
std::string PropertyNumber(int64_t sequence, int year);

// 고유번호 of a parcel: a town 99xxxxxxxx (none), land or forest, lot.
std::string ParcelNumber(int64_t sequence, bool forest);
// 차대번호: a maker ZZN (none) and a serial number.
std::string VehicleNumber(int64_t sequence);

// An agency's own number for person `index`: `prefix` and seven digits that hide the order.
std::string OwnNumber(absl::string_view prefix, int64_t index);

// 010-0000-xxxx: no operator gives out 0000.
std::string PhoneNumber(int64_t four_digits);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_NUMBERS_H_
