#include "adapters/resolver/request_form.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "broker/base/errors.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

using identity::v1::LookUpPersonRequest;
using identity::v1::ResolveNumberRequest;

constexpr size_t kResidentDigits = 13;
constexpr size_t kPassportMin = 6;
constexpr size_t kPassportMax = 9;
// Region, year, order, check; 9 stands for any digit.
constexpr absl::string_view kLicenceForm = "99-99-999999-99";
constexpr size_t kNumberMax = 25;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsUpperOrDigit(char c) {
  return absl::ascii_isupper(static_cast<unsigned char>(c)) || IsDigit(c);
}

bool IsResidentNumber(absl::string_view text) {
  return text.size() == kResidentDigits && std::all_of(text.begin(), text.end(), IsDigit);
}

bool IsPassportNumber(absl::string_view text) {
  return text.size() >= kPassportMin && text.size() <= kPassportMax &&
         std::all_of(text.begin(), text.end(), IsUpperOrDigit);
}

bool IsLicenceNumber(absl::string_view text) {
  return text.size() == kLicenceForm.size() &&
         std::equal(text.begin(), text.end(), kLicenceForm.begin(),
                    [](char c, char form) { return form == '9' ? IsDigit(c) : c == form; });
}

bool IsHolderNumber(absl::string_view text) {
  return !text.empty() && text.size() <= kNumberMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsUpperOrDigit(c) || c == '-'; });
}

// Takes the next character of UTF-8 off `rest`; false when it is none. Protobuf has checked the
// encoding, but a text from elsewhere must not run over the end either.
bool TakeCharacter(absl::string_view& rest, uint32_t& character) {
  const auto first = static_cast<uint8_t>(rest.front());
  const size_t size = first < 0x80             ? 1
                      : (first & 0xe0) == 0xc0 ? 2
                      : (first & 0xf0) == 0xe0 ? 3
                      : (first & 0xf8) == 0xf0 ? 4
                                               : 0;
  if (size == 0 || size > rest.size()) return false;
  character = size == 1 ? first : first & (0x7f >> size);
  for (size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<uint8_t>(rest[i]);
    if ((byte & 0xc0) != 0x80) return false;
    character = character << 6 | (byte & 0x3f);
  }
  rest.remove_prefix(size);
  return true;
}

bool IsControl(uint32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x2028 ||
         character == 0x2029;
}

// Hangul in pieces, which never stand in text of normal form C beside modern syllables.
bool IsHangulPiece(uint32_t character) { return character >= 0x1100 && character <= 0x11ff; }

struct TextFacts {
  int characters = 0;
  bool well_formed = true;
  bool composed = true;
};

TextFacts Look(absl::string_view text) {
  TextFacts facts;
  while (!text.empty()) {
    uint32_t character = 0;
    if (!TakeCharacter(text, character) || IsControl(character)) {
      facts.well_formed = false;
      return facts;
    }
    if (IsHangulPiece(character)) facts.composed = false;
    ++facts.characters;
  }
  return facts;
}

absl::Status CheckText(absl::string_view text, absl::string_view field, int max) {
  if (text.empty()) return FieldMissing(field);
  const TextFacts facts = Look(text);
  if (!facts.well_formed) return FieldMalformed(field, "text without control characters");
  if (facts.characters > max) return FieldTooLarge(field, max);
  return absl::OkStatus();
}

absl::Status CheckName(absl::string_view name) {
  ABSL_RETURN_IF_ERROR(CheckText(name, "name", limits::kPersonName));
  // Such a name would match nobody and the answer would say that the person is unknown.
  if (!Look(name).composed) return FieldMalformed("name", "text in Unicode normal form C");
  return absl::OkStatus();
}

absl::Status CheckShown(const LookUpPersonRequest& request) {
  switch (request.shown_case()) {
    case LookUpPersonRequest::kResidentNumber:
      if (IsResidentNumber(request.resident_number())) return absl::OkStatus();
      return FieldMalformed("resident_number", "13 digits");
    case LookUpPersonRequest::kPassportNumber:
      if (IsPassportNumber(request.passport_number())) return absl::OkStatus();
      return FieldMalformed("passport_number", "6 to 9 upper-case letters and digits");
    case LookUpPersonRequest::kLicenceNumber:
      if (IsLicenceNumber(request.licence_number())) return absl::OkStatus();
      return FieldMalformed("licence_number", "digits in the form 99-99-999999-99");
    case LookUpPersonRequest::SHOWN_NOT_SET:
      break;
  }
  return FieldMissing("shown");
}

absl::Status CheckPerson(const v1::Subject& person) {
  if (person.type() != v1::SUBJECT_TYPE_PERSON) {
    return FieldMalformed("person.type", "SUBJECT_TYPE_PERSON");
  }
  if (person.number().empty()) return FieldMissing("person.number");
  if (!IsConnectingInformation(person.number())) {
    return FieldMalformed("person.number", "a CI of 88 base64 characters");
  }
  return absl::OkStatus();
}

absl::Status CheckNumber(const ResolveNumberRequest& request) {
  if (request.kind() == identity::v1::NUMBER_KIND_RESIDENT) {
    if (IsResidentNumber(request.number())) return absl::OkStatus();
    return FieldMalformed("number", "13 digits");
  }
  if (IsHolderNumber(request.number())) return absl::OkStatus();
  return FieldMalformed("number", "1 to 25 upper-case letters, digits and hyphens");
}

}  // namespace

bool IsConnectingInformation(absl::string_view text) {
  return text.size() == static_cast<size_t>(limits::kSubjectNumber) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/' ||
                  c == '=';
         });
}

absl::Status CheckForm(const LookUpPersonRequest& request) {
  if (request.request_id().empty()) return FieldMissing("request_id");
  if (!RequestIdTime(request.request_id()).ok()) {
    return FieldMalformed("request_id", "a UUIDv7 of 36 lower-case characters");
  }
  ABSL_RETURN_IF_ERROR(CheckShown(request));
  ABSL_RETURN_IF_ERROR(CheckName(request.name()));
  const v1::CaseContext& context = request.case_();
  ABSL_RETURN_IF_ERROR(CheckText(context.official_id(), "case.official_id", limits::kShortText));
  ABSL_RETURN_IF_ERROR(CheckText(context.terminal_id(), "case.terminal_id", limits::kShortText));
  return CheckText(context.case_number(), "case.case_number", limits::kShortText);
}

absl::Status CheckForm(const identity::v1::ResolveContactRequest& request) {
  if (!request.has_person()) return FieldMissing("person");
  return CheckPerson(request.person());
}

absl::Status CheckForm(const ResolveNumberRequest& request) {
  if (request.kind() == identity::v1::NUMBER_KIND_UNSPECIFIED) return FieldMissing("kind");
  if (!identity::v1::NumberKind_IsValid(request.kind())) {
    return FieldMalformed("kind", "a NumberKind of this version");
  }
  switch (request.known_case()) {
    case ResolveNumberRequest::kPerson:
      return CheckPerson(request.person());
    case ResolveNumberRequest::kNumber:
      return CheckNumber(request);
    case ResolveNumberRequest::KNOWN_NOT_SET:
      break;
  }
  return FieldMissing("known");
}

}  // namespace naru
