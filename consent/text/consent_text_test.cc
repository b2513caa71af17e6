#include "consent/text/consent_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "consent/catalog/deploy_catalogue.h"

namespace naru {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kFund[] = "SMALL_BUSINESS_POLICY_FUND";

class ConsentTextTest : public testing::Test {
 protected:
  ConsentTextTest() {
    terms_.requester = "B553077";
    terms_.affair = kFund;
    terms_.valid_until = absl::FromUnixSeconds(1798642800);  // 2026-12-31 00:00 in Korea.
    terms_.uses = 10;
    terms_.retention_days = 365;
    AddPaper("INCOME_AMOUNT");
    AddPaper("BUSINESS_REGISTRATION", "1234567890");
  }
  void AddPaper(const std::string& kind, const std::string& number = "") {
    v1::Paper& paper = terms_.papers.emplace_back();
    paper.set_paper_id(static_cast<uint32_t>(terms_.papers.size()));
    paper.set_kind(kind);
    paper.mutable_subject()->set_type(catalogue_->FindKind(kind)->subject_type());
    paper.mutable_subject()->set_number(number);
    const auto parameters = catalogue_->ExplicitParameters(kind, kFund, {}, "papers[0]");
    for (const v1::Parameter& parameter : *parameters) *paper.add_parameters() = parameter;
  }
  std::string Text(absl::string_view language) {
    const auto text = MakeConsentText(*catalogue_, terms_, language);
    EXPECT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(text->version, kConsentTextVersion);
    return text.ok() ? text->text : "";
  }

  DeployCatalogue deploy_;
  std::shared_ptr<const Catalogue> catalogue_ = deploy_.Load();
  ConsentTerms terms_;
};

// Word for word: who changes this changes kConsentTextVersion.
TEST_F(ConsentTextTest, TheKoreanText) {
  EXPECT_EQ(Text("ko"), R"(서류 확인 동의

서류를 확인하려는 기관: 소상공인시장진흥공단
신청하신 일: 소상공인 정책자금 신청
쓰는 목적: 소상공인 정책자금을 받을 수 있는지 심사하고 대출 한도를 정합니다.
법적 근거: 전자정부법 제36조, 소상공인기본법
확인할 서류: 2종

(1) 소득금액증명
  - 서류를 가지고 있는 기관: 국세청
  - 들어 있는 내용: 해마다 신고하거나 정산한 소득 금액과 세금, 주민등록번호
  - 필요한 이유: 대출 한도를 정하는 데 씁니다.
  - 누구의 서류: 본인
  - 조건: 과세연도 2024년, 2025년
  - 건강에 관한 정보나 주민등록번호처럼 특별히 보호하는 정보가 들어 있습니다.

(2) 사업자등록증명
  - 서류를 가지고 있는 기관: 국세청
  - 들어 있는 내용: 상호, 대표자, 업종, 문을 연 날, 사업장 주소
  - 필요한 이유: 지금 사업을 하고 있는 소상공인인지 확인합니다.
  - 무엇의 서류: 사업자등록번호가 7890(으)로 끝나는 사업장

이번 신청에만 쓰고, 늦어도 2026년 12월 31일에 끝납니다.
서류는 10번까지 확인할 수 있습니다.
받은 서류는 365일 동안만 보관하고, 그 뒤에는 파기합니다.
서류마다 따로 동의하거나 동의하지 않을 수 있습니다.
동의하지 않아도 불이익은 없습니다. 다만 그 서류는 직접 내셔야 합니다.
언제든지 철회할 수 있습니다.
)");
}

TEST_F(ConsentTextTest, TheEnglishText) {
  EXPECT_EQ(Text("en"), R"(Consent to have papers checked

Agency that wants to check the papers: Small Enterprise and Market Service
What you applied for: application to the small-business policy fund
What the papers are used for: to decide whether you can have a loan from the small-business policy fund, and how large
Legal basis: 전자정부법 제36조, 소상공인기본법
To be checked: 2 papers

(1) Income certificate
  - Agency that has the paper: National Tax Service
  - What is in it: Income and tax of each year, resident number
  - Why it is needed: To set the limit of the loan.
  - Whose paper: yours
  - Condition: tax years 2024, 2025
  - It holds specially protected information, such as about health or a resident number.

(2) Business registration certificate
  - Agency that has the paper: National Tax Service
  - What is in it: Trade name, representative, trade, opening date, address
  - Why it is needed: To check that you run a small business now.
  - Whose paper: the business whose registration number ends in 7890

The consent is for this application only and ends on 31 December 2026 at the latest.
The papers can be checked up to 10 times.
The papers are kept for at most 365 days and then destroyed.
You can agree or not agree to each paper by itself.
Not agreeing brings you no disadvantage. You then have to hand in that paper yourself.
You can withdraw at any time.
)");
}

// 전자정부법 42조 1항, and what the citizen must know to agree freely; for every paper of the demo.
TEST_F(ConsentTextTest, SaysWhatTheLawDemandsInBothLanguages) {
  terms_.papers.clear();
  for (const auto& needed : catalogue_->FindAffair(kFund)->kinds()) {
    AddPaper(needed.kind(), "1234567890");
  }
  for (const bool english : {false, true}) {
    const std::string text = Text(english ? "en" : "ko");
    const auto& affair = *catalogue_->FindAffair(kFund);
    EXPECT_THAT(text, HasSubstr(english ? affair.purpose_en() : affair.purpose_ko()));
    EXPECT_THAT(text, HasSubstr(english ? affair.name_en() : affair.name_ko()));
    EXPECT_THAT(text, HasSubstr(affair.legal_basis()));
    const auto& asker = *catalogue_->FindAgency("B553077");
    EXPECT_THAT(text, HasSubstr(english ? asker.name_en() : asker.name_ko()));
    for (const auto& needed : affair.kinds()) {
      const auto& kind = *catalogue_->FindKind(needed.kind());
      EXPECT_THAT(text, HasSubstr(english ? kind.name_en() : kind.name_ko()));
      EXPECT_THAT(text, HasSubstr(english ? kind.contents_en() : kind.contents_ko()));
      EXPECT_THAT(text, HasSubstr(english ? needed.reason_en() : needed.reason_ko()));
    }
    EXPECT_THAT(text, HasSubstr(english ? "no disadvantage" : "불이익은 없습니다"));
    EXPECT_THAT(text, HasSubstr(english ? "withdraw at any time" : "언제든지 철회"));
    EXPECT_THAT(text, HasSubstr(english ? "31 December 2026" : "2026년 12월 31일"));
    EXPECT_THAT(text, Not(HasSubstr("$")));
    // The remark stands once for each sensitive paper.
    size_t remarks = 0, sensitive = 0;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      remarks += absl::StrContains(line, english ? "specially protected" : "특별히 보호");
    }
    for (const auto& needed : affair.kinds()) {
      sensitive += catalogue_->FindKind(needed.kind())->sensitive();
    }
    EXPECT_EQ(remarks, sensitive);
    EXPECT_GT(sensitive, 0u);
  }
}

TEST_F(ConsentTextTest, P6_NoNumberOfASubjectCanBeFoundOutFromItsDigest) {
  for (const char* language : {"ko", "en"}) {
    EXPECT_THAT(Text(language), Not(HasSubstr("12345")));
    EXPECT_THAT(Text(language), HasSubstr("7890"));
  }
}

TEST_F(ConsentTextTest, TheSameTermsGiveTheSameBytes) {
  EXPECT_EQ(crypto::Sha256(Text("ko")), crypto::Sha256(Text("ko")));
  const std::string before = Text("ko");
  terms_.papers[0].mutable_parameters(0)->set_values(0, "2023");
  EXPECT_NE(Text("ko"), before);
}

TEST_F(ConsentTextTest, OneOfSomethingIsNotSeveral) {
  terms_.papers.resize(1);
  terms_.uses = 1;
  EXPECT_THAT(Text("en"), HasSubstr("To be checked: 1 paper\n"));
  EXPECT_THAT(Text("en"), HasSubstr("once only"));
  EXPECT_THAT(Text("ko"), HasSubstr("한 번만"));
}

TEST_F(ConsentTextTest, SaysWhenOnlySomeFieldsAreSeen) {
  EXPECT_THAT(Text("ko"), Not(HasSubstr("필요한 항목만")));
  ABSL_ASSERT_OK_AND_ASSIGN(catalogue_, deploy_.LoadEdited([](auto* message) {
    for (auto& needed : *message->mutable_affairs(0)->mutable_kinds()) {
      if (needed.kind() == "INCOME_AMOUNT") needed.add_fields("income_amount");
    }
  }));
  EXPECT_THAT(Text("ko"), HasSubstr("필요한 항목만"));
  EXPECT_THAT(Text("en"), HasSubstr("only what the application needs"));
}

TEST_F(ConsentTextTest, ValuesOfOtherFormsAreShownAsWords) {
  ABSL_ASSERT_OK_AND_ASSIGN(catalogue_, deploy_.LoadEdited([](auto* message) {
    for (auto& kind : *message->mutable_kinds()) {
      if (kind.code() != "INCOME_AMOUNT") continue;
      auto* rule = kind.add_parameters();
      rule->set_name("detail");
      rule->set_label_ko("자세히");
      rule->set_label_en("in detail");
      rule->set_type(config::v1::PARAMETER_TYPE_BOOL);
      rule->add_default_values("true");
    }
  }));
  terms_.papers.clear();
  AddPaper("INCOME_AMOUNT");
  EXPECT_THAT(Text("ko"), HasSubstr("조건: 자세히 예\n"));
  EXPECT_THAT(Text("en"), HasSubstr("Condition: in detail yes\n"));
}

TEST_F(ConsentTextTest, WhatTheCatalogueDoesNotHaveIsAFault) {
  EXPECT_THAT(MakeConsentText(*catalogue_, terms_, "fr"),
              HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  ConsentTerms terms = terms_;
  terms.papers[0].set_kind("NOTHING");
  EXPECT_THAT(MakeConsentText(*catalogue_, terms, "ko"), StatusIs(absl::StatusCode::kInternal));
  terms = terms_;
  terms.affair = "NOTHING";
  EXPECT_THAT(MakeConsentText(*catalogue_, terms, "ko"), StatusIs(absl::StatusCode::kInternal));
  terms = terms_;
  terms.papers.clear();
  EXPECT_THAT(MakeConsentText(*catalogue_, terms, "ko"), StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace naru
