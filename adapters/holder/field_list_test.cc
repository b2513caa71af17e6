#include "adapters/holder/field_list.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "adapters/holder/document_maker.h"
#include "adapters/holder/json_document.h"
#include "broker/base/clock.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using holder::v1::DocumentField;

// Of nobody: its region was never given out.
constexpr char kNumber[] = "840315-1970001";

DocumentForm Form(config::v1::BodyFormat format) {
  DocumentForm form;
  form.kind = "TAX_PAPER";
  form.title = "납세증명서";
  form.format = format;
  form.subject_type = v1::SUBJECT_TYPE_BUSINESS;
  form.masks = {{"trade_name", config::v1::MASK_UNSPECIFIED},
                {"resident_no", config::v1::MASK_RESIDENT_NUMBER_BACK},
                {"corporation_no", config::v1::MASK_NONE},
                {"income", config::v1::MASK_UNSPECIFIED},
                {"rows.member", config::v1::MASK_NAME_MIDDLE},
                {"rows.note", config::v1::MASK_UNSPECIFIED}};
  return form;
}

DocumentOrder Order() {
  DocumentOrder order;
  order.head.set_title("납세증명서");
  order.head.set_document_kind("TAX_PAPER");
  order.head.set_document_number("1210000-20261126-0A1B-2C3D-4E5F-6071");
  order.head.mutable_issue_time()->set_seconds(1795672800);
  order.head.set_holder_name("국세청");
  order.issued = {"B553077", "FUND_LOAN", "전자정부법 제43조의2"};
  order.approved_fields = {"trade_name", "resident_no", "corporation_no", "income", "rows"};
  order.max_bytes = 1 << 20;
  return order;
}

std::vector<DocumentField> Fields() {
  std::vector<DocumentField> fields(5);
  fields[0].set_name("trade_name");
  fields[0].set_label("상호");
  fields[0].set_value("나루상회");
  fields[1].set_name("resident_no");
  fields[1].set_label("주민등록번호");
  fields[1].set_value(kNumber);
  fields[2].set_name("corporation_no");
  fields[2].set_label("법인등록번호");
  fields[2].set_value("110111-1970001");
  fields[3].set_name("income");
  fields[3].set_label("소득");
  fields[3].add_values()->set_value("1000");
  fields[4].set_name("rows");
  fields[4].set_label("구성원");
  for (const char* name : {"member", "note"}) {
    fields[4].mutable_table()->add_columns()->set_name(name);
  }
  holder::v1::DocumentRow& row = *fields[4].mutable_table()->add_rows();
  row.add_cells("홍길동");
  row.add_cells("대표");
  return fields;
}

Record RecordOf(std::vector<DocumentField> fields) {
  v1::Subject subject;
  subject.set_type(v1::SUBJECT_TYPE_BUSINESS);
  subject.set_number("2148100003");
  return Record(subject, subject, std::move(fields));
}

absl::StatusOr<MadeDocument> Make(const DocumentForm& form, const DocumentOrder& order,
                                  std::vector<DocumentField> fields) {
  const SimulatedClock clock;
  return MakeDocument(form, order, RecordOf(std::move(fields)), clock);
}

absl::StatusOr<holder::v1::DocumentBody> Read(const MadeDocument& made) {
  if (made.media_type == kJsonMediaType) return ReadJsonDocument(made.bytes);
  const auto json = JsonOfPdfDocument(made.bytes);
  if (!json.ok()) return json.status();
  return ReadJsonDocument(*json);
}

class FieldListTest : public testing::TestWithParam<config::v1::BodyFormat> {};

TEST_P(FieldListTest, WhatIsMaskedEntersNothing) {
  const auto made = Make(Form(GetParam()), Order(), Fields());
  ABSL_ASSERT_OK(made);
  EXPECT_EQ(made->stray_number_field, "");
  EXPECT_EQ(made->subject.number(), "2148100003");
  const auto read = Read(*made);
  ABSL_ASSERT_OK(read);
  EXPECT_EQ(read->fields(0).value(), "나루상회");
  EXPECT_EQ(read->fields(1).value(), "840315-1******");
  EXPECT_EQ(read->fields(4).table().rows(0).cells(0), "홍*동");
  EXPECT_FALSE(absl::StrContains(made->bytes, kNumber));
}

TEST_P(FieldListTest, TheBackOfANumberIsShownWhereTheParameterSaysSoAndNowhereElse) {
  const struct {
    bool kind_has_it;
    const char* value;
    const char* shown;
  } kCases[] = {
      {true, "false", kNumber},           {true, "true", "840315-1******"},
      {true, "", "840315-1******"},       {true, "FALSE", "840315-1******"},
      {false, "false", "840315-1******"},
  };
  for (const auto& [kind_has_it, value, shown] : kCases) {
    DocumentForm form = Form(GetParam());
    if (kind_has_it) form.parameters.emplace_back(kHideDigits);
    DocumentOrder order = Order();
    v1::Parameter& parameter = *order.head.add_parameters();
    parameter.set_name(std::string(kHideDigits));
    parameter.add_values(value);
    const auto made = Make(form, order, Fields());
    ABSL_ASSERT_OK(made);
    EXPECT_EQ(made->stray_number_field, "");
    EXPECT_EQ(Read(*made)->fields(1).value(), shown) << value;
    // Names stay hidden.
    EXPECT_EQ(Read(*made)->fields(4).table().rows(0).cells(0), "홍*동");
  }
}

TEST_P(FieldListTest, P3_ANumberInAFieldThatMayNotShowOneIsFound) {
  const std::vector<std::pair<std::string, std::function<void(std::vector<DocumentField>*)>>>
      kChanges = {
          {"trade_name",
           [](auto* fields) { (*fields)[0].set_value(std::string("나루상회 ") + kNumber); }},
          {"trade_name", [](auto* fields) { (*fields)[0].set_label(kNumber); }},
          {"income",
           [](auto* fields) { (*fields)[3].mutable_values(0)->set_value("8403151970001"); }},
          {"rows.note",
           [](auto* fields) {
             (*fields)[4].mutable_table()->mutable_rows(0)->set_cells(1, kNumber);
           }},
          {"", [](auto*) {}},
      };
  for (const auto& [field, change] : kChanges) {
    std::vector<DocumentField> fields = Fields();
    change(&fields);
    const auto made = Make(Form(GetParam()), Order(), fields);
    ABSL_ASSERT_OK(made);
    EXPECT_EQ(made->stray_number_field, field);
  }
}

TEST_P(FieldListTest, P3_AFieldOrColumnThatIsNotInTheListIsAFault) {
  const std::vector<std::function<void(std::vector<DocumentField>*)>> kChanges = {
      [](auto* fields) { (*fields)[0].set_name("representative_rrn"); },
      [](auto* fields) {
        (*fields)[4].mutable_table()->mutable_columns(1)->set_name("representative_rrn");
      },
      [](auto* fields) { (*fields)[4].mutable_table()->mutable_rows(0)->add_cells("more"); },
      [](auto* fields) { (*fields)[4].set_name("other_rows"); },
  };
  for (const auto& change : kChanges) {
    std::vector<DocumentField> fields = Fields();
    change(&fields);
    EXPECT_THAT(Make(Form(GetParam()), Order(), fields), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  }
  // One that the form has and the request does not approve.
  DocumentOrder order = Order();
  order.approved_fields.erase("income");
  EXPECT_THAT(Make(Form(GetParam()), order, Fields()), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

INSTANTIATE_TEST_SUITE_P(Formats, FieldListTest,
                         testing::Values(config::v1::BODY_FORMAT_UNSPECIFIED,
                                         config::v1::BODY_FORMAT_JSON,
                                         config::v1::BODY_FORMAT_PDF));

}  // namespace
}  // namespace naru
