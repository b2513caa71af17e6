// Goal: what the forms of a holder print, and what stops a form that prints more. Method: a whole
// holder over gRPC, whose register or form changes under it as an agency's did in April 2024.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/holder/holder_harness.h"
#include "adapters/holder/json_document.h"
#include "adapters/holder/pdf/pdf_document.h"
#include "adapters/holder/test_register.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using holder::v1::DocumentAnswer;
using holder::v1::DocumentRequest;

// As TAX_PAPER, printed; and one that says which numbers it shows.
constexpr char kForms[] = R"(
registers {
  name: "서식"
  connection: "$DB"
  documents {
    kind: "PRINTED_PAPER"
    title: "납세증명서"
    subject_type: SUBJECT_TYPE_BUSINESS
    format: BODY_FORMAT_PDF
    pdf { statement: "위와 같이 증명합니다." issuer: "서초세무서장" }
    query: "SELECT * FROM tax_paper WHERE business_no = :subject"
    subject_column: "business_no"
    person_column: "person_ci"
    fields { column: "trade_name" field: "trade_name" label: "상호" }
    fields { column: "capital" field: "capital" label: "자본금" }
    lists {
      field: "rows"
      label: "연도"
      query: "SELECT * FROM tax_year WHERE business_no = :subject"
      subject_column: "business_no"
      order_by: "yr"
      fields { column: "yr" field: "tax_year" label: "귀속연도" }
      fields { column: "amount" field: "amount" label: "금액" }
    }
  }
  documents {
    kind: "NUMBERED_PAPER"
    title: "대표자 확인서"
    subject_type: SUBJECT_TYPE_BUSINESS
    query: "SELECT * FROM tax_paper WHERE business_no = :subject"
    subject_column: "business_no"
    person_column: "person_ci"
    parameters: "hide_digits"
    fields { column: "trade_name" field: "trade_name" label: "상호" mask: MASK_NAME_MIDDLE }
    fields {
      column: "representative_rrn"
      field: "representative_rrn"
      label: "대표자 주민등록번호"
      mask: MASK_RESIDENT_NUMBER_BACK
    }
  }
}
)";

class HolderFormsTest : public testing::Test {
 protected:
  HolderFormsTest() : stub_(harness_.Connect(kBrokerIdentity)) {}

  // The body, once everything about its header is as it must be.
  std::string Fetch(const DocumentRequest& request, std::string* media_type = nullptr) {
    BrokerCall call(*stub_, request);
    const DocumentAnswer answer = call.ReadAnswer();
    const CheckedHeader checked = harness_.Check(request, answer);
    EXPECT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
    if (media_type != nullptr) *media_type = checked.header.media_type();
    call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size()));
    BodyChecker checker(checked.header);
    std::string body = call.ReadBody(&checker);
    EXPECT_TRUE(checker.complete());
    EXPECT_TRUE(call.Finish().ok());
    return body;
  }

  // The form gives no answer at all about any of the businesses, and each is counted.
  void ExpectAllStopped(const std::string& kind) {
    const double before = harness_.Metric("naru_holder_stray_numbers_total");
    for (int i = 0; i < kTestBusinesses; ++i) {
      BrokerCall call(*stub_, harness_.Ask(kind, i));
      EXPECT_EQ(call.ReadAnswer().header(), "");
      EXPECT_EQ(call.messages(), 0);
      EXPECT_THAT(FromGrpcStatus(call.Finish()), HasErrorReason(v1::ERROR_REASON_INTERNAL));
    }
    EXPECT_EQ(harness_.Metric("naru_holder_stray_numbers_total") - before, kTestBusinesses);
    EXPECT_EQ(harness_.Metric("naru_holder_bodies_total"), 0);
  }

  // The view that papers are made from, as the agency's new program would have it.
  void ChangeView(const std::string& trade_name) {
    ExecuteSql(harness_.database, "DROP VIEW tax_paper");
    ExecuteSql(harness_.database,
               absl::StrCat("CREATE VIEW tax_paper AS SELECT business_no, person_ci, ", trade_name,
                            " AS trade_name, representative_rrn, capital, closed FROM business"));
  }

  HolderHarness harness_{64, kForms};
  std::unique_ptr<holder::v1::HolderService::Stub> stub_;
};

// What the form of 2024 did: the number beside the name.
constexpr char kWithNumber[] =
    "trade_name || ' (' || substr(representative_rrn, 1, 6) || '-' || "
    "substr(representative_rrn, 7) || ')'";

TEST_F(HolderFormsTest, P3_587TaxPapersThatPrintTheRepresentativesNumberAreStopped) {
  ChangeView(kWithNumber);
  ExpectAllStopped("TAX_PAPER");
}

TEST_F(HolderFormsTest, P3_587PrintedTaxPapersWithTheNumberAreStopped) {
  ChangeView(kWithNumber);
  ExpectAllStopped("PRINTED_PAPER");
}

TEST_F(HolderFormsTest, P3_ANumberInTheRowsOfAListIsStopped) {
  ExecuteSql(harness_.database, "ALTER TABLE tax_year RENAME TO tax_year_before");
  ExecuteSql(
      harness_.database,
      "CREATE VIEW tax_year AS SELECT y.business_no, y.yr, substr(b.representative_rrn, 1, 6)"
      " || '-' || substr(b.representative_rrn, 7) AS amount FROM tax_year_before y"
      " JOIN business b ON b.business_no = y.business_no");
  ExpectAllStopped("TAX_PAPER");
}

// A column more in the register is not in any paper, and a paper without one is sent on.
TEST_F(HolderFormsTest, P3_ANewColumnOfTheRegisterIsInNoPaper) {
  ExecuteSql(harness_.database, "ALTER TABLE business ADD COLUMN representative TEXT");
  ExecuteSql(harness_.database, "UPDATE business SET representative = representative_rrn");
  const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  EXPECT_FALSE(absl::StrContains(Fetch(request), TestRrn(3)));
}

// A changed form that names the column as a field: nobody approved it.
TEST_F(HolderFormsTest, P3_ANewFieldThatNobodyApprovedIsInNoPaper) {
  harness_.WriteConfig(absl::StrReplaceAll(
      harness_.config(), {{R"(fields { column: "capital" field: "capital" label: "자본금" })",
                           R"(fields { column: "capital" field: "capital" label: "자본금" }
        fields { column: "representative_rrn" field: "representative_rrn" label: "대표자" })"}}));
  ABSL_ASSERT_OK(harness_.reload().Now());
  const std::string body = Fetch(harness_.Ask("TAX_PAPER", 3));
  EXPECT_FALSE(absl::StrContains(body, "representative"));
  EXPECT_FALSE(absl::StrContains(body, TestRrn(3)));
  // Approved by mistake, it is stopped all the same: its mask does not say that it shows a number.
  ExecuteSql(harness_.database,
             "UPDATE business SET representative_rrn = substr(representative_rrn, 1, 6) || '-' || "
             "substr(representative_rrn, 7)");
  DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  request.add_approved_fields("representative_rrn");
  BrokerCall call(*stub_, request);
  EXPECT_EQ(call.ReadAnswer().header(), "");
  EXPECT_THAT(FromGrpcStatus(call.Finish()), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_F(HolderFormsTest, ANumberIsShownAsFarAsFormAndRequestSay) {
  DocumentRequest request = harness_.Ask("NUMBERED_PAPER", 3);
  request.add_approved_fields("representative_rrn");
  v1::Parameter& parameter = *request.add_parameters();
  parameter.set_name("hide_digits");
  parameter.add_values("true");
  std::string body = Fetch(request);
  EXPECT_TRUE(absl::StrContains(body, TestRrn(3).substr(0, 7) + "******"));
  EXPECT_FALSE(absl::StrContains(body, TestRrn(3)));
  request.mutable_parameters(0)->set_values(0, "false");
  body = Fetch(request);
  EXPECT_TRUE(absl::StrContains(body, TestRrn(3)));
  EXPECT_TRUE(absl::StrContains(body, "상* 3"));
}

TEST_F(HolderFormsTest, P3_APrintedPaperIsReadBackBeforeItIsSigned) {
  std::string media_type;
  const std::string body = Fetch(harness_.Ask("PRINTED_PAPER", 3), &media_type);
  EXPECT_EQ(media_type, kPdfMediaType);
  const auto json = JsonOfPdfDocument(body);
  ABSL_ASSERT_OK(json);
  const auto read = ReadJsonDocument(*json);
  ABSL_ASSERT_OK(read);
  EXPECT_EQ(read->subject().number(), TestBusinessNo(3));
  EXPECT_EQ(read->fields(0).value(), "상호 3");
  EXPECT_EQ(read->fields(2).table().rows(0).cells(1), "2024003");
}

TEST_F(HolderFormsTest, ABrokerThatTakesLessIsTold) {
  DocumentRequest request = harness_.Ask("PRINTED_PAPER", 3);
  request.set_max_size_bytes(5000);
  BrokerCall call(*stub_, request);
  EXPECT_EQ(call.ReadAnswer().header(), "");
  EXPECT_THAT(FromGrpcStatus(call.Finish()), HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
  EXPECT_EQ(harness_.Metric("naru_holder_failures_total"), 1);
}

}  // namespace
}  // namespace naru
