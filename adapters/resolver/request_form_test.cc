#include "adapters/resolver/request_form.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using identity::v1::LookUpPersonRequest;
using identity::v1::ResolveContactRequest;
using identity::v1::ResolveNumberRequest;

const std::string kCi = std::string(86, 'A') + "==";

LookUpPersonRequest GoodLookUp() {
  LookUpPersonRequest request;
  request.set_request_id("01934d2e-7c00-7000-8000-000000000001");
  request.set_resident_number("9001019700001");
  request.set_name("홍길동");
  request.mutable_case_()->set_official_id("official-1");
  request.mutable_case_()->set_terminal_id("terminal-1");
  request.mutable_case_()->set_case_number("2026-1");
  return request;
}

// The field that is at fault.
std::string FieldOf(const absl::Status& status) {
  const auto detail = GetErrorDetail(status);
  return detail.has_value() ? detail->field() : "";
}

TEST(RequestFormTest, AGoodLookUpIsTakenWithEachKindOfNumber) {
  LookUpPersonRequest request = GoodLookUp();
  ABSL_EXPECT_OK(CheckForm(request));
  request.set_passport_number("X00000001");
  ABSL_EXPECT_OK(CheckForm(request));
  request.set_licence_number("99-02-123456-10");
  ABSL_EXPECT_OK(CheckForm(request));
  // As long as a name may be, in characters and not in bytes.
  std::string name;
  for (int i = 0; i < 100; ++i) name += "길";
  request.set_name(name);
  ABSL_EXPECT_OK(CheckForm(request));
}

TEST(RequestFormTest, WhatIsMissingIsNamed) {
  struct Case {
    const char* field;
    void (*spoil)(LookUpPersonRequest&);
  };
  const std::vector<Case> cases = {
      {"request_id", [](LookUpPersonRequest& r) { r.clear_request_id(); }},
      {"shown", [](LookUpPersonRequest& r) { r.clear_shown(); }},
      {"name", [](LookUpPersonRequest& r) { r.clear_name(); }},
      {"case.official_id", [](LookUpPersonRequest& r) { r.mutable_case_()->clear_official_id(); }},
      {"case.terminal_id", [](LookUpPersonRequest& r) { r.mutable_case_()->clear_terminal_id(); }},
      {"case.case_number", [](LookUpPersonRequest& r) { r.mutable_case_()->clear_case_number(); }},
      {"case.official_id", [](LookUpPersonRequest& r) { r.clear_case_(); }},
  };
  for (const Case& c : cases) {
    LookUpPersonRequest request = GoodLookUp();
    c.spoil(request);
    const absl::Status status = CheckForm(request);
    EXPECT_THAT(status, HasErrorReason(v1::ERROR_REASON_FIELD_MISSING)) << c.field;
    EXPECT_EQ(FieldOf(status), c.field);
  }
}

TEST(RequestFormTest, WhatIsMalformedIsNamedAndNeverQuoted) {
  struct Case {
    const char* field;
    const char* value;
    void (*set)(LookUpPersonRequest&, const char*);
  };
  const auto resident = [](LookUpPersonRequest& r, const char* v) { r.set_resident_number(v); };
  const auto passport = [](LookUpPersonRequest& r, const char* v) { r.set_passport_number(v); };
  const auto licence = [](LookUpPersonRequest& r, const char* v) { r.set_licence_number(v); };
  const auto name = [](LookUpPersonRequest& r, const char* v) { r.set_name(v); };
  const auto id = [](LookUpPersonRequest& r, const char* v) { r.set_request_id(v); };
  const auto official = [](LookUpPersonRequest& r, const char* v) {
    r.mutable_case_()->set_official_id(v);
  };
  const std::vector<Case> cases = {
      {"resident_number", "900101-9700001", resident},
      {"resident_number", "900101970000", resident},
      {"resident_number", "90010197000012", resident},
      {"resident_number", "90010197000O1", resident},
      {"resident_number", "９001019700001", resident},
      {"passport_number", "x00000001", passport},
      {"passport_number", "X0000", passport},
      {"passport_number", "X000000012", passport},
      {"passport_number", "X0000 001", passport},
      {"licence_number", "990212345610", licence},
      {"licence_number", "99-02-123456-1O", licence},
      {"licence_number", "99-02-123456-100", licence},
      {"licence_number", "99902-123456-10", licence},
      {"name", "홍\n길동", name},
      {"name", "홍\x7f길동", name},
      {"name", "홍\u0085길동", name},
      {"name", "홍\u2028길동", name},
      {"name", "\u1112\u1169\u11bc", name},  // 홍 in pieces.
      {"request_id", "01934d2e-7c00-4000-8000-000000000001", id},
      {"request_id", "01934D2E-7C00-7000-8000-000000000001", id},
      {"case.official_id", "official\t1", official},
  };
  for (const Case& c : cases) {
    LookUpPersonRequest request = GoodLookUp();
    c.set(request, c.value);
    const absl::Status status = CheckForm(request);
    EXPECT_THAT(status, HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED)) << c.value;
    EXPECT_EQ(FieldOf(status), c.field) << c.value;
    EXPECT_EQ(status.ToString().find(c.value), std::string::npos) << status;
  }
}

TEST(RequestFormTest, WhatIsTooLongIsNamed) {
  LookUpPersonRequest request = GoodLookUp();
  request.set_name(std::string(101, 'a'));
  EXPECT_THAT(CheckForm(request), HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
  request = GoodLookUp();
  request.mutable_case_()->set_case_number(std::string(65, '1'));
  EXPECT_EQ(FieldOf(CheckForm(request)), "case.case_number");
}

TEST(RequestFormTest, OnlyAPersonHasAContact) {
  ResolveContactRequest request;
  EXPECT_EQ(FieldOf(CheckForm(request)), "person");
  request.mutable_person()->set_number(kCi);
  EXPECT_EQ(FieldOf(CheckForm(request)), "person.type");
  request.mutable_person()->set_type(v1::SUBJECT_TYPE_HOUSEHOLD);
  EXPECT_EQ(FieldOf(CheckForm(request)), "person.type");
  request.mutable_person()->set_type(v1::SUBJECT_TYPE_PERSON);
  ABSL_EXPECT_OK(CheckForm(request));
  request.mutable_person()->set_number(kCi.substr(1));
  EXPECT_EQ(FieldOf(CheckForm(request)), "person.number");
  request.mutable_person()->set_number("'" + kCi.substr(1));
  EXPECT_EQ(FieldOf(CheckForm(request)), "person.number");
}

TEST(RequestFormTest, ANumberHasTheFormOfItsKind) {
  ResolveNumberRequest request;
  EXPECT_EQ(FieldOf(CheckForm(request)), "kind");
  request.set_kind(static_cast<identity::v1::NumberKind>(99));
  EXPECT_EQ(FieldOf(CheckForm(request)), "kind");
  request.set_kind(identity::v1::NUMBER_KIND_RESIDENT);
  EXPECT_EQ(FieldOf(CheckForm(request)), "known");
  request.set_number("EI-0000001");
  EXPECT_EQ(FieldOf(CheckForm(request)), "number");
  request.set_kind(identity::v1::NUMBER_KIND_WORK_INSURANCE);
  ABSL_EXPECT_OK(CheckForm(request));
  request.set_number("EI-0000001' OR 1");
  EXPECT_EQ(FieldOf(CheckForm(request)), "number");
  request.set_number("");
  EXPECT_EQ(FieldOf(CheckForm(request)), "number");
}

}  // namespace
}  // namespace naru
