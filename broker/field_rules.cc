#include "broker/field_rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"

namespace naru::field_rules {
namespace {

bool AllOf(absl::string_view value, bool (*accepts)(unsigned char)) {
  return std::all_of(value.begin(), value.end(),
                     [&](char c) { return accepts(static_cast<unsigned char>(c)); });
}

bool IsBase64(unsigned char c) {
  return absl::ascii_isalnum(c) || c == '+' || c == '/' || c == '=';
}
bool IsBase64Url(unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; }
bool IsDigitOrHyphen(unsigned char c) { return absl::ascii_isdigit(c) || c == '-'; }
bool IsJws(unsigned char c) { return IsBase64Url(c) || c == '.'; }
bool IsLowerName(unsigned char c) { return absl::ascii_islower(c) || c == '_'; }
bool IsNotControl(unsigned char c) { return c >= 0x20 && c != 0x7f; }

constexpr size_t kCiCharacters = 88;
constexpr size_t kBusinessDigits = 10;
constexpr size_t kCorporationDigits = 13;
constexpr size_t kPropertyMin = 14;
constexpr size_t kPropertyMax = 25;
constexpr size_t kVehicleMax = 17;
constexpr size_t kLinkTokenCharacters = 43;
constexpr int kPageTokenMax = 128;

absl::Status Number(v1::SubjectType type, absl::string_view number, absl::string_view field) {
  if (number.size() > limits::kSubjectNumber) return FieldTooLarge(field, limits::kSubjectNumber);
  switch (type) {
    case v1::SUBJECT_TYPE_PERSON:
    case v1::SUBJECT_TYPE_HOUSEHOLD:
      if (number.size() != kCiCharacters || !AllOf(number, IsBase64)) {
        return FieldMalformed(field, "a CI of 88 base64 characters");
      }
      return absl::OkStatus();
    case v1::SUBJECT_TYPE_BUSINESS:
      if (number.size() != kBusinessDigits || !AllOf(number, absl::ascii_isdigit)) {
        return FieldMalformed(field, "10 digits");
      }
      return absl::OkStatus();
    case v1::SUBJECT_TYPE_CORPORATION:
      if (number.size() != kCorporationDigits || !AllOf(number, absl::ascii_isdigit)) {
        return FieldMalformed(field, "13 digits");
      }
      return absl::OkStatus();
    case v1::SUBJECT_TYPE_PROPERTY:
      if (number.size() < kPropertyMin || number.size() > kPropertyMax ||
          !AllOf(number, IsDigitOrHyphen)) {
        return FieldMalformed(field, "14 to 25 digits or hyphens");
      }
      return absl::OkStatus();
    case v1::SUBJECT_TYPE_VEHICLE:
      if (number.empty() || number.size() > kVehicleMax || !AllOf(number, IsNotControl)) {
        return FieldMalformed(field, "1 to 17 characters");
      }
      return absl::OkStatus();
    default:
      return FieldMalformed(absl::StrCat(field, " type"), "a type of subject this version knows");
  }
}

absl::Status Parameters(const v1::Paper& paper, const std::string& field) {
  if (paper.parameters_size() > limits::kParametersPerPaper) {
    return FieldTooLarge(absl::StrCat(field, ".parameters"), limits::kParametersPerPaper);
  }
  std::set<std::string> names;
  for (int i = 0; i < paper.parameters_size(); ++i) {
    const v1::Parameter& parameter = paper.parameters(i);
    const std::string path = absl::StrCat(field, ".parameters[", i, "]");
    ABSL_RETURN_IF_ERROR(
        Text(parameter.name(), absl::StrCat(path, ".name"), limits::kParameterValue, true));
    if (!AllOf(parameter.name(), IsLowerName)) {
      return FieldMalformed(absl::StrCat(path, ".name"), "lower-case letters and underscore");
    }
    if (!names.insert(parameter.name()).second) {
      return FieldsContradict(absl::StrCat(path, ".name"), "the parameter is named twice");
    }
    if (parameter.values_size() > limits::kValuesPerParameter) {
      return FieldTooLarge(absl::StrCat(path, ".values"), limits::kValuesPerParameter);
    }
    for (const std::string& value : parameter.values()) {
      ABSL_RETURN_IF_ERROR(
          Text(value, absl::StrCat(path, ".values"), limits::kParameterValue, true));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RequestId(absl::string_view value) {
  if (value.empty()) return FieldMissing("request_id");
  if (!RequestIdTime(value).ok()) {
    return FieldMalformed("request_id", "a UUIDv7 of 36 lower-case characters");
  }
  return absl::OkStatus();
}

absl::Status ConsentId(absl::string_view value, absl::string_view field) {
  if (value.empty()) return FieldMissing(field);
  if (!naru::ConsentId::Parse(value).ok()) {
    return FieldMalformed(field, "32 lower-case hexadecimal characters");
  }
  return absl::OkStatus();
}

absl::Status FetchId(absl::string_view value, absl::string_view field) {
  if (value.empty()) return FieldMissing(field);
  if (!naru::FetchId::Parse(value).ok()) {
    return FieldMalformed(field, "32 lower-case hexadecimal characters");
  }
  return absl::OkStatus();
}

absl::Status Text(absl::string_view value, absl::string_view field, int max, bool required) {
  if (value.empty()) return required ? FieldMissing(field) : absl::OkStatus();
  if (value.size() > static_cast<size_t>(max)) return FieldTooLarge(field, max);
  if (!AllOf(value, IsNotControl)) return FieldMalformed(field, "text without control characters");
  return absl::OkStatus();
}

absl::Status Code(absl::string_view value, absl::string_view field) {
  constexpr size_t kMax = 40;
  if (value.empty()) return FieldMissing(field);
  if (value.size() > kMax) return FieldTooLarge(field, kMax);
  const bool ok = AllOf(value, [](unsigned char c) {
    return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
  });
  if (!ok) return FieldMalformed(field, "upper-case letters, digits and underscore");
  return absl::OkStatus();
}

absl::Status Bytes(absl::string_view value, absl::string_view field, size_t size) {
  if (value.empty()) return FieldMissing(field);
  if (value.size() != size) return FieldMalformed(field, absl::StrCat(size, " bytes"));
  return absl::OkStatus();
}

absl::Status Range(int64_t value, absl::string_view field, int64_t min, int64_t max) {
  if (value > max) return FieldTooLarge(field, max);
  if (value < min) return FieldMalformed(field, absl::StrCat("at least ", min));
  return absl::OkStatus();
}

absl::Status Subject(const v1::Subject& subject, absl::string_view field) {
  if (subject.type() == v1::SUBJECT_TYPE_UNSPECIFIED) {
    return FieldMissing(absl::StrCat(field, ".type"));
  }
  return Number(subject.type(), subject.number(), absl::StrCat(field, ".number"));
}

absl::Status Person(bool present, const v1::Subject& person, absl::string_view field) {
  if (!present) return FieldMissing(field);
  if (person.type() != v1::SUBJECT_TYPE_PERSON) {
    return FieldMalformed(absl::StrCat(field, ".type"), "SUBJECT_TYPE_PERSON");
  }
  if (person.number().empty()) return FieldMissing(absl::StrCat(field, ".number"));
  return Number(person.type(), person.number(), absl::StrCat(field, ".number"));
}

absl::Status Case(const v1::CaseContext& context) {
  ABSL_RETURN_IF_ERROR(Text(context.official_id(), "case.official_id", limits::kShortText, false));
  ABSL_RETURN_IF_ERROR(Text(context.terminal_id(), "case.terminal_id", limits::kShortText, false));
  return Text(context.case_number(), "case.case_number", limits::kShortText, false);
}

absl::Status LinkToken(absl::string_view value) {
  if (value.empty()) return FieldMissing("link_token");
  if (value.size() != kLinkTokenCharacters || !AllOf(value, IsBase64Url)) {
    return FieldMalformed("link_token", "43 base64url characters");
  }
  return absl::OkStatus();
}

absl::Status Session(const v1::SessionAssertion& session, bool present) {
  if (!present || session.jws().empty()) return FieldMissing("session.jws");
  if (session.jws().size() > limits::kAssertion) {
    return FieldTooLarge("session.jws", limits::kAssertion);
  }
  if (!AllOf(session.jws(), IsJws)) return FieldMalformed("session.jws", "a compact JWS");
  return absl::OkStatus();
}

absl::Status Evidence(const v1::Evidence& evidence, bool present, bool code_allowed) {
  constexpr size_t kSaltBytes = 16;
  if (!present) return FieldMissing("evidence");
  switch (evidence.proof_case()) {
    case v1::Evidence::kCode:
      if (!code_allowed) return FieldsContradict("evidence.code", "this call takes an assertion");
      if (evidence.code().size() != limits::kCodeDigits ||
          !AllOf(evidence.code(), absl::ascii_isdigit)) {
        return FieldMalformed("evidence.code", "six digits");
      }
      return absl::OkStatus();
    case v1::Evidence::kAssertion: {
      const std::string& jws = evidence.assertion().jws();
      if (jws.empty()) return FieldMissing("evidence.assertion.jws");
      if (jws.size() > limits::kAssertion) {
        return FieldTooLarge("evidence.assertion.jws", limits::kAssertion);
      }
      if (!AllOf(jws, IsJws)) return FieldMalformed("evidence.assertion.jws", "a compact JWS");
      return Bytes(evidence.assertion().salt(), "evidence.assertion.salt", kSaltBytes);
    }
    case v1::Evidence::PROOF_NOT_SET:
      return FieldMissing("evidence.proof");
  }
  return FieldMissing("evidence.proof");
}

absl::Status PaperIds(const google::protobuf::RepeatedField<uint32_t>& ids, bool required) {
  if (ids.empty()) return required ? FieldMissing("paper_ids") : absl::OkStatus();
  if (ids.size() > limits::kPapersPerConsent) {
    return FieldTooLarge("paper_ids", limits::kPapersPerConsent);
  }
  std::set<uint32_t> seen;
  for (int i = 0; i < ids.size(); ++i) {
    const std::string field = absl::StrCat("paper_ids[", i, "]");
    ABSL_RETURN_IF_ERROR(Range(ids.Get(i), field, 1, limits::kPapersPerConsent));
    if (!seen.insert(ids.Get(i)).second) return FieldsContradict(field, "the paper is named twice");
  }
  return absl::OkStatus();
}

absl::Status Papers(const google::protobuf::RepeatedPtrField<v1::Paper>& papers) {
  if (papers.empty()) return FieldMissing("papers");
  if (papers.size() > limits::kPapersPerConsent) {
    return FieldTooLarge("papers", limits::kPapersPerConsent);
  }
  std::set<uint32_t> seen;
  for (int i = 0; i < papers.size(); ++i) {
    const v1::Paper& paper = papers.Get(i);
    const std::string field = absl::StrCat("papers[", i, "]");
    if (paper.paper_id() == 0) return FieldMissing(absl::StrCat(field, ".paper_id"));
    ABSL_RETURN_IF_ERROR(
        Range(paper.paper_id(), absl::StrCat(field, ".paper_id"), 1, limits::kPapersPerConsent));
    if (!seen.insert(paper.paper_id()).second) {
      return FieldsContradict(absl::StrCat(field, ".paper_id"), "the paper is named twice");
    }
    ABSL_RETURN_IF_ERROR(Code(paper.kind(), absl::StrCat(field, ".kind")));
    // An empty number means the consent's person; the kind decides whether that will do.
    if (paper.has_subject() && !paper.subject().number().empty()) {
      ABSL_RETURN_IF_ERROR(Subject(paper.subject(), absl::StrCat(field, ".subject")));
    }
    ABSL_RETURN_IF_ERROR(Parameters(paper, field));
  }
  return absl::OkStatus();
}

absl::Status PageSize(int32_t value) { return Range(value, "page_size", 0, limits::kPageMax); }

absl::Status PageToken(absl::string_view value) {
  return Text(value, "page_token", kPageTokenMax, false);
}

}  // namespace naru::field_rules
