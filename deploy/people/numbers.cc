#include "deploy/people/numbers.h"

#include <openssl/evp.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glog/logging.h"

namespace naru::people {
namespace {

constexpr int kSerialsPerBirthday = 3000;
constexpr int64_t kSerialsPerMiddle = 9999;
constexpr int kSoleMiddles = 79;  // 01 to 79: natural persons.
constexpr std::array<int, 4> kCorporateMiddles = {81, 86, 87, 88};

int Digit(char c) { return c - '0'; }

// A digit other than the right one, not always the same one.
int WrongDigit(int right, int64_t variant) {
  return static_cast<int>((right + 1 + variant % 9) % 10);
}

std::string WithWrongBusinessDigit(const std::string& first9, int64_t variant) {
  return absl::StrCat(first9, WrongDigit(BusinessCheckDigit(first9), variant));
}

}  // namespace

int ResidentCheckDigit(absl::string_view first12) {
  CHECK_EQ(first12.size(), 12u);
  constexpr std::array<int, 12> kWeights = {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += Digit(first12[i]) * kWeights[i];
  return (11 - sum % 11) % 10;
}

int BusinessCheckDigit(absl::string_view first9) {
  CHECK_EQ(first9.size(), 9u);
  constexpr std::array<int, 9> kWeights = {1, 3, 7, 1, 3, 7, 1, 3, 5};
  int sum = Digit(first9[8]) * 5 / 10;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += Digit(first9[i]) * kWeights[i];
  return (10 - sum % 10) % 10;
}

int CorporationCheckDigit(absl::string_view first12) {
  CHECK_EQ(first12.size(), 12u);
  int sum = 0;
  for (size_t i = 0; i < 12; ++i) sum += Digit(first12[i]) * (i % 2 == 0 ? 1 : 2);
  return (10 - sum % 10) % 10;
}

ResidentNumbers::ResidentNumbers()
    : given_(static_cast<size_t>(2 * (kLastBirthday - kFirstBirthday + 1))) {}

std::string ResidentNumbers::Give(absl::CivilDay birthday, Sex sex, bool foreign) {
  CHECK(birthday >= kFirstBirthday && birthday <= kLastBirthday) << birthday;
  const bool female = sex == Sex::kFemale;
  const int64_t cell = 2 * (birthday - kFirstBirthday) + (female ? 1 : 0);
  const int serial = given_[static_cast<size_t>(cell)]++;
  CHECK_LT(serial, kSerialsPerBirthday) << "too many people are born on " << birthday;
  const int century = (birthday.year() >= 2000 ? 3 : 1) + (foreign ? 4 : 0);
  const int scattered = (serial * 1237 + 11) % kSerialsPerBirthday;  // 1237 and 3000 are coprime.
  const std::string first12 = absl::StrFormat(
      "%02d%02d%02d%d%04d%d", birthday.year() % 100, birthday.month(), birthday.day(),
      century + (female ? 1 : 0), 9700 + scattered / 10, scattered % 10);
  return absl::StrCat(first12, WrongDigit(ResidentCheckDigit(first12), serial));
}

std::string ConnectingInformation(absl::string_view resident_no) {
  const std::string salted = absl::StrCat("naru synthetic person|", resident_no);
  std::array<unsigned char, 64> digest;
  CHECK_EQ(EVP_Digest(salted.data(), salted.size(), digest.data(), nullptr, EVP_sha512(), nullptr),
           1);
  return absl::Base64Escape(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string BusinessNumber(int64_t sequence, bool corporate, absl::string_view tax_office) {
  const int64_t middles =
      corporate ? static_cast<int64_t>(kCorporateMiddles.size()) : int64_t{kSoleMiddles};
  const int64_t all = middles * kSerialsPerMiddle;
  CHECK_LT(sequence, all) << "more businesses than numbers";
  const int64_t scattered = (sequence * 100003 + 4711) % all;  // 100003 is prime.
  const int64_t place = scattered / kSerialsPerMiddle;
  const int64_t middle = corporate ? kCorporateMiddles[static_cast<size_t>(place)] : place + 1;
  return WithWrongBusinessDigit(
      absl::StrFormat("%s%02d%04d", tax_office, middle, scattered % kSerialsPerMiddle + 1),
      sequence);
}

std::string CorporationNumber(int64_t sequence) {
  CHECK_LT(sequence, 1000000);
  const std::string first12 = absl::StrFormat("110111%06d", sequence);
  return absl::StrCat(first12, WrongDigit(CorporationCheckDigit(first12), sequence));
}

std::string EmployerBusinessNumber(int64_t sequence) {
  CHECK_LT(sequence, 99 * kSerialsPerMiddle);
  return WithWrongBusinessDigit(absl::StrFormat("9%02d81%04d", sequence / kSerialsPerMiddle,
                                                sequence % kSerialsPerMiddle + 1),
                                sequence);
}

std::string PropertyNumber(int64_t sequence, int year) {
  return absl::StrFormat("99%02d%04d%06d", sequence / 1000000 + 1, year, sequence % 1000000);
}

std::string ParcelNumber(int64_t sequence, bool forest) {
  return absl::StrFormat("99%08d%d%04d%04d", sequence / 9999 + 1, forest ? 2 : 1,
                         sequence % 9999 + 1, 0);
}

std::string VehicleNumber(int64_t sequence) { return absl::StrFormat("ZZNARU%011d", sequence + 1); }

std::string OwnNumber(absl::string_view prefix, int64_t index) {
  constexpr int64_t kPrime = 9999991;
  CHECK_LT(index, kPrime);
  return absl::StrFormat("%s%07d", prefix, ((index + 1) * 7654321) % kPrime);
}

std::string PhoneNumber(int64_t four_digits) {
  return absl::StrFormat("010-0000-%04d", four_digits % 10000);
}

}  // namespace naru::people
