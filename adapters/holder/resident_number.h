#ifndef NARU_ADAPTERS_HOLDER_RESIDENT_NUMBER_H_
#define NARU_ADAPTERS_HOLDER_RESIDENT_NUMBER_H_

#include <string>

#include "absl/strings/string_view.h"

// Resident registration numbers (주민등록번호, and 외국인등록번호, which has the same form) in
// text: YYMMDD, one digit for century and sex, six more. Thread-safe.
namespace naru {

// True when `text` has, somewhere in it, what looks like a whole resident number of somebody alive:
//   - six digits, a hyphen or dash (spaces around it count for nothing), seven digits, of which the
//     first seven are a date and a sex since 1900;
//   - thirteen digits in a row with such a date and sex and, because amounts and serial numbers
//   have
//     thirteen digits too, with the right check digit, or born since October 2020, from when on
//     numbers have no check digit.
// No digit stands before or behind it. A masked number ("840315-1******") is none. What is missed:
// a number without a hyphen that was given anew since October 2020 to somebody born before, and a
// number spread over several fields.
bool HasResidentNumber(absl::string_view text);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_RESIDENT_NUMBER_H_
