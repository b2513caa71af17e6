// Goal: what is printed says what the record says, to a reader of the pages and to a machine, in
// the same bytes each time. Method: documents are made and read with poppler's programs, which
// share nothing with what makes them.

#include "adapters/holder/pdf/pdf_document.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/holder/json_document.h"
#include "adapters/holder/pdf/text_setter.h"
#include "broker/base/clock.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using holder::v1::DocumentBody;
using holder::v1::DocumentField;

constexpr uint64_t kMaxBytes = 16 * 1024 * 1024;

DocumentField* AddField(DocumentBody* body, const std::string& label, const std::string& value) {
  DocumentField* const field = body->add_fields();
  field->set_name("f" + std::to_string(body->fields_size()));
  field->set_label(label);
  field->set_value(value);
  return field;
}

// A business of nobody, with values of every sort.
DocumentBody Paper(int rows) {
  DocumentBody body;
  body.set_title("사업자등록증명");
  body.set_document_kind("BUSINESS_REGISTRATION");
  body.set_document_number("1210000-20261126-0A1B-2C3D-4E5F-6071");
  body.mutable_issue_time()->set_seconds(1795672800);
  body.set_holder("1210000");
  body.set_holder_name("국세청");
  body.mutable_subject()->set_type(v1::SUBJECT_TYPE_BUSINESS);
  body.mutable_subject()->set_number("2148100003");
  AddField(&body, "사업자등록번호", "214-81-00003");
  AddField(&body, "상호", "나루터국밥 & <본점> \"가\"");
  AddField(&body, "대표자", "홍길동");
  AddField(&body, "폐업일", "");
  AddField(&body, "주소",
           "서울특별시 서초구 반포대로 1234번길 56-78, 나루아파트 101동 1203호 (반포동, "
           "한강나루마을1단지)");
  AddField(&body, "긴 번호", std::string(300, '7'));
  AddField(&body, "과세유형", "일반과세자");
  for (const char* label : {"귀속연도", "과세표준(원)", "매출세액(원)"}) {
    DocumentField* const field = AddField(&body, label, "");
    for (const char* year : {"2024", "2025"}) {
      holder::v1::DocumentValue* const value = field->add_values();
      value->set_of(year);
      value->set_value(label == std::string("귀속연도") ? year : absl::StrCat(year, "1234567"));
    }
  }
  DocumentField* const list = AddField(&body, "업종", "");
  for (const char* label : {"순번", "업태", "종목", "금액"}) {
    list->mutable_table()->add_columns()->set_label(label);
  }
  for (int i = 0; i < rows; ++i) {
    holder::v1::DocumentRow* const row = list->mutable_table()->add_rows();
    row->add_cells(absl::StrCat(i + 1));
    row->add_cells("음식점업");
    row->add_cells(
        absl::StrCat("한식 일반 음식점업과 그 밖의 아주 긴 이름을 가진 종목 제", i, "호"));
    row->add_cells(absl::StrCat(1000000 + i));
  }
  AddField(&body, "자료 구분", "합성 데이터");
  return body;
}

config::v1::PdfTemplate Form() {
  config::v1::PdfTemplate form;
  form.set_statement("위와 같이 증명합니다.");
  form.set_subtitle("Certificate of Business Registration");
  form.set_issuer("서초세무서장");
  form.add_footer("이 증명서는 문서확인번호로 진위를 확인할 수 있습니다.");
  return form;
}

const IssuedFor kIssued = {"B553077", "SMALL_BUSINESS_POLICY_FUND", "전자정부법 제43조의2"};

std::string JsonOf(const DocumentBody& body) {
  DocumentBody head = body;
  head.clear_fields();
  auto json = RenderJsonDocument(
      head, Record(body.subject(), body.subject(), {body.fields().begin(), body.fields().end()}));
  EXPECT_TRUE(json.ok()) << json.status();
  return json.value_or("");
}

absl::StatusOr<std::string> Print(const DocumentBody& body,
                                  const config::v1::PdfTemplate& form = Form(),
                                  uint64_t max_bytes = kMaxBytes) {
  const SimulatedClock clock;
  return RenderPdfDocument(body, JsonOf(body), form, kIssued, max_bytes, clock);
}

// What a program prints that is given the PDF as its last but one argument.
std::string Output(const std::string& command, const std::string& pdf) {
  const std::string path = absl::StrCat(testing::TempDir(), "/paper.pdf");
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  EXPECT_EQ(std::fwrite(pdf.data(), 1, pdf.size(), file), pdf.size());
  std::fclose(file);
  std::FILE* const pipe =
      popen(absl::StrReplaceAll(command, {{"$PDF", "'" + path + "'"}}).c_str(), "r");
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    output.push_back(static_cast<char>(c));
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

// Without blanks and line ends: where lines break is not what is said.
std::string Tight(absl::string_view text) {
  std::string tight;
  for (const char c : text) {
    if (!absl::ascii_isspace(static_cast<unsigned char>(c)) && c != '\f') tight.push_back(c);
  }
  return tight;
}

std::string TextOf(const std::string& pdf) {
  return Output("pdftotext -raw -enc UTF-8 $PDF -", pdf);
}

int PagesOf(const std::string& pdf) {
  const std::string info = Output("pdfinfo $PDF", pdf);
  return std::atoi(info.substr(info.find("Pages:") + 6).c_str());
}

int Count(absl::string_view text, absl::string_view part) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(PdfDocumentTest, EveryValueIsReadBackFromThePages) {
  const DocumentBody body = Paper(3);
  const auto pdf = Print(body);
  ABSL_ASSERT_OK(pdf);
  EXPECT_EQ(PagesOf(*pdf), 1);
  const std::string text = Tight(TextOf(*pdf));
  std::vector<std::string> said = {body.title(),
                                   body.document_number(),
                                   "2026년11월26일",
                                   "위와 같이 증명합니다.",
                                   "서초세무서장",
                                   "B553077",
                                   "SMALL_BUSINESS_POLICY_FUND",
                                   "전자정부법 제43조의2",
                                   "2026-11-26 15:00:00",
                                   "문서확인번호로 진위를",
                                   "1/1"};
  for (const DocumentField& field : body.fields()) {
    said.push_back(field.value());
    if (field.values().empty() && !field.has_table()) said.push_back(field.label());
    for (const auto& value : field.values()) said.push_back(value.value());
    for (const auto& column : field.table().columns()) said.push_back(column.label());
    for (const auto& row : field.table().rows()) {
      said.insert(said.end(), row.cells().begin(), row.cells().end());
    }
  }
  for (const std::string& one : said) {
    EXPECT_TRUE(absl::StrContains(text, Tight(one))) << one << " is not in " << text;
  }
  const std::string fonts = Output("pdffonts $PDF", *pdf);
  EXPECT_TRUE(absl::StrContains(fonts, "+NanumGothic")) << fonts;  // A subset.
  EXPECT_TRUE(absl::StrContains(fonts, "+NanumMyeongjo")) << fonts;
}

TEST(PdfDocumentTest, AMachineReadsTheSameDocument) {
  const DocumentBody body = Paper(3);
  const auto pdf = Print(body);
  ABSL_ASSERT_OK(pdf);
  const auto json = JsonOfPdfDocument(*pdf);
  ABSL_ASSERT_OK(json);
  EXPECT_EQ(*json, JsonOf(body));
  EXPECT_EQ(Output("pdfdetach -save 1 -o /dev/stdout $PDF", *pdf), JsonOf(body));
  const std::string info = Output("pdfinfo $PDF", *pdf);
  EXPECT_TRUE(absl::StrContains(info, body.document_number())) << info;
  EXPECT_TRUE(absl::StrContains(info, "A4")) << info;
}

TEST(PdfDocumentTest, TheSameDocumentIsTheSameBytes) {
  const auto first = Print(Paper(120));
  const auto second = Print(Paper(120));
  ABSL_ASSERT_OK(first);
  ABSL_ASSERT_OK(second);
  EXPECT_TRUE(*first == *second);
  DocumentBody other = Paper(120);
  other.mutable_fields(2)->set_value("홍길순");
  const auto third = Print(other);
  ABSL_ASSERT_OK(third);
  EXPECT_FALSE(*first == *third);
}

TEST(PdfDocumentTest, ListsGoOverSheetsUnderTheirHeads) {
  const auto pdf = Print(Paper(120));
  ABSL_ASSERT_OK(pdf);
  const int pages = PagesOf(*pdf);
  EXPECT_GT(pages, 3);
  const std::string text = Tight(TextOf(*pdf));
  for (int i = 0; i < 120; ++i) {
    EXPECT_TRUE(absl::StrContains(text, absl::StrCat("종목제", i, "호", 1000000 + i))) << i;
  }
  EXPECT_GE(Count(text, "순번업태종목금액"), pages - 1);
  // The number and for whom are on each; what certifies is there once.
  EXPECT_EQ(Count(text, Paper(0).document_number()), pages);
  EXPECT_EQ(Count(text, "발급대상B553077"), pages);
  EXPECT_EQ(Count(text, "위와같이증명합니다."), 1);
  EXPECT_TRUE(absl::StrContains(text, absl::StrCat(pages, "/", pages)));
}

TEST(PdfDocumentTest, ARowHigherThanASheetGoesOverSeveral) {
  DocumentBody body = Paper(1);
  std::string words;
  for (int i = 0; i < 900; ++i) absl::StrAppend(&words, "낱말", i, " ");
  body.mutable_fields(4)->set_value(words);
  const auto pdf = Print(body);
  ABSL_ASSERT_OK(pdf);
  EXPECT_GT(PagesOf(*pdf), 2);
  const std::string text = TextOf(*pdf);
  for (int i = 0; i < 900; ++i) EXPECT_TRUE(absl::StrContains(text, absl::StrCat("낱말", i))) << i;
}

TEST(PdfDocumentTest, ASheetCanLieOnItsSideAndHaveASealOfItsOwn) {
  config::v1::PdfTemplate form = Form();
  form.set_landscape(true);
  const std::string png = absl::StrCat(testing::TempDir(), "/seal.png");
  // A pixel.
  constexpr char kPng[] =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5E"
      "rkJggg==";
  Output(absl::StrCat("printf ", kPng, " | base64 -d > '", png, "'"), "");
  form.set_seal_file(png);
  ABSL_EXPECT_OK(CheckPdfTemplate(form));
  const auto pdf = Print(Paper(3), form);
  ABSL_ASSERT_OK(pdf);
  EXPECT_TRUE(absl::StrContains(Output("pdfinfo $PDF", *pdf), "841.89 x 595.28")) << "landscape";
  EXPECT_TRUE(absl::StrContains(Output("pdfimages -list $PDF", *pdf), "image"));
  form.set_seal_file("/nowhere/seal.png");
  EXPECT_FALSE(CheckPdfTemplate(form).ok());
  EXPECT_FALSE(Print(Paper(3), form).ok());
}

TEST(PdfDocumentTest, BoundsAreKept) {
  // Bytes.
  EXPECT_THAT(Print(Paper(3), Form(), 4000).status(),
              HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
  const auto whole = Print(Paper(3));
  ABSL_ASSERT_OK(whole);
  ABSL_EXPECT_OK(Print(Paper(3), Form(), whole->size()));
  EXPECT_THAT(Print(Paper(3), Form(), whole->size() - 1).status(),
              HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
  // One value.
  DocumentBody body = Paper(1);
  body.mutable_fields(2)->set_value(std::string(limits::kPdfValueBytes + 1, 'x'));
  EXPECT_THAT(Print(body).status(), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  // Pages.
  EXPECT_THAT(Print(Paper(limits::kPdfPages * 40)).status(),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST(PdfDocumentTest, NoTextIsWiderThanItsPlace) {
  TextSetter setter;
  for (const double width : {12.0, 25.0, 40.0, 80.0, 400.0}) {
    for (const char* text : {"720230000101", "나루터국밥", "서울특별시 서초구 반포대로", "a b"}) {
      EXPECT_LE(setter.Set(text, TextStyle(), width).width(), width) << text;
    }
  }
  // Korean words stay whole where there is room.
  EXPECT_EQ(setter.Set("서울특별시 서초구", TextStyle(), 60).lines(), 2);
}

// Each look at the time is a second.
class FastClock : public Clock {
 public:
  absl::Time Now() const override { return absl::UnixEpoch(); }
  absl::Duration Monotonic() const override { return time_ += absl::Seconds(1); }

 private:
  mutable absl::Duration time_;
};

TEST(PdfDocumentTest, ADocumentThatTakesTooLongIsGivenUp) {
  const DocumentBody body = Paper(3);
  EXPECT_THAT(
      RenderPdfDocument(body, JsonOf(body), Form(), kIssued, kMaxBytes, FastClock()).status(),
      HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST(PdfDocumentTest, WhatNoFontHasIsNotPrintedAsABox) {
  DocumentBody body = Paper(1);
  body.mutable_fields(2)->set_value("홍\U0001F9FF길동");
  EXPECT_THAT(Print(body).status(), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  body.mutable_fields(2)->set_value("홍길동(洪吉東) ①②㈜ 뷁쀍");
  const auto pdf = Print(body);
  ABSL_ASSERT_OK(pdf);
  EXPECT_TRUE(absl::StrContains(Tight(TextOf(*pdf)), "홍길동(洪吉東)①②㈜뷁쀍"));
}

TEST(PdfDocumentTest, WhatIsNoPdfOfOursSaysNothing) {
  const auto pdf = Print(Paper(1));
  ABSL_ASSERT_OK(pdf);
  for (const std::string& bytes :
       {std::string(), std::string("{}"), pdf->substr(0, pdf->size() / 2)}) {
    EXPECT_THAT(JsonOfPdfDocument(bytes).status(), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  }
}

}  // namespace
}  // namespace naru
