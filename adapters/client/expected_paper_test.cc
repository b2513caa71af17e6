#include "adapters/client/expected_paper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/string_view.h"
#include "broker/base/status_matchers.h"
#include "broker/base/textproto.h"

namespace naru::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
T Parse(absl::string_view text) {
  T message;
  ABSL_EXPECT_OK(ParseTextProto("test", text, &message));
  return message;
}

class ExpectedPaperTest : public testing::Test {
 protected:
  ExpectedPaperTest() {
    auto catalogue = ClientCatalogue::Make(Parse<config::v1::Catalogue>(R"pb(
      kinds {
        code: "INCOME"
        holder: "1210000"
        subject_type: SUBJECT_TYPE_PERSON
        parameters { name: "tax_years" default_values: "2024" default_values: "2025" }
        parameters { name: "form" default_values: "short" }
        fields: "name"
        fields: "income"
        max_size_bytes: 5000
      }
      kinds { code: "FAMILY" holder: "9700000" subject_type: SUBJECT_TYPE_HOUSEHOLD }
      kinds { code: "BUSINESS" holder: "1210000" subject_type: SUBJECT_TYPE_BUSINESS }
      affairs {
        code: "LOAN"
        kinds {
          kind: "INCOME"
          fixed_parameters { name: "form" values: "long" }
          fields: "income"
        }
      }
    )pb"));
    ABSL_EXPECT_OK(catalogue);
    catalogue_ = *std::move(catalogue);
    fetch_.requester = "B553077";
    fetch_.nonce = std::string(32, 'n');
    fetch_.person = Parse<v1::Subject>(R"pb(type: SUBJECT_TYPE_PERSON number: "ci")pb");
  }

  ExpectedPaper Expect(absl::string_view announced, absl::string_view own) {
    auto paper = Parse<v1::FetchedPaper>(announced);
    if (paper.release_id().empty()) paper.set_release_id("0001aaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    const auto own_paper = Parse<v1::Paper>(own);
    return ExpectPaper(paper, &own_paper, fetch_, *catalogue_);
  }

  std::unique_ptr<ClientCatalogue> catalogue_;
  OwnFetch fetch_;
};

constexpr char kIncome[] = R"pb(
  holder: "1210000"
  paper {
    kind: "INCOME"
    parameters { name: "tax_years" values: "2024" values: "2025" }
    parameters { name: "form" values: "short" }
  })pb";

TEST_F(ExpectedPaperTest, TakesPersonAndDefaultsFromThisSide) {
  const ExpectedPaper expected = Expect(kIncome, R"pb(kind: "INCOME")pb");
  EXPECT_EQ(expected.not_expected, "");
  EXPECT_EQ(expected.header.subject.number(), "ci");
  EXPECT_EQ(expected.header.subject.type(), v1::SUBJECT_TYPE_PERSON);
  EXPECT_EQ(expected.header.holder, "1210000");
  EXPECT_EQ(expected.header.max_size_bytes, 5000u);
  EXPECT_THAT(expected.header.approved_fields, ElementsAre("name", "income"));
}

TEST_F(ExpectedPaperTest, AnAffairNarrowsFieldsAndFixesParameters) {
  fetch_.affair = "LOAN";
  EXPECT_THAT(Expect(kIncome, R"pb(kind: "INCOME")pb").not_expected, HasSubstr("parameters"));
  const ExpectedPaper expected =
      Expect(R"pb(
               holder: "1210000"
               paper {
                 kind: "INCOME"
                 parameters { name: "tax_years" values: "2024" values: "2025" }
                 parameters { name: "form" values: "long" }
               })pb",
             R"pb(kind: "INCOME")pb");
  EXPECT_EQ(expected.not_expected, "");
  EXPECT_THAT(expected.header.approved_fields, ElementsAre("income"));
}

TEST_F(ExpectedPaperTest, ParametersAreTheOnesAskedForInAnyOrder) {
  EXPECT_EQ(Expect(kIncome, R"pb(
              kind: "INCOME"
              parameters { name: "tax_years" values: "2025" values: "2024" })pb")
                .not_expected,
            "");
  EXPECT_THAT(Expect(kIncome, R"pb(
                kind: "INCOME"
                parameters { name: "tax_years" values: "2025" })pb")
                  .not_expected,
              HasSubstr("parameters"));
}

TEST_F(ExpectedPaperTest, AParameterThatTheKindDoesNotHaveIsAnotherPaper) {
  EXPECT_THAT(Expect(R"pb(
                       holder: "9700000"
                       paper {
                         kind: "FAMILY"
                         parameters { name: "full" values: "true" }
                       })pb",
                     R"pb(kind: "FAMILY")pb")
                  .not_expected,
              HasSubstr("parameters"));
}

TEST_F(ExpectedPaperTest, AHouseholdIsNamedByThePerson) {
  const ExpectedPaper expected = Expect(R"pb(holder: "9700000"
                                             paper { kind: "FAMILY" })pb",
                                        R"pb(kind: "FAMILY")pb");
  EXPECT_EQ(expected.not_expected, "");
  EXPECT_EQ(expected.header.subject.type(), v1::SUBJECT_TYPE_HOUSEHOLD);
  EXPECT_EQ(expected.header.subject.number(), "ci");
}

TEST_F(ExpectedPaperTest, AThingIsTheOneThatThisSideNames) {
  constexpr char kAnnounced[] = R"pb(
    holder: "1210000"
    paper {
      kind: "BUSINESS"
      subject { type: SUBJECT_TYPE_BUSINESS number: "1208147521" }
    })pb";
  EXPECT_EQ(Expect(kAnnounced, R"pb(
              kind: "BUSINESS"
              subject { type: SUBJECT_TYPE_BUSINESS number: "1208147521" })pb")
                .not_expected,
            "");
  EXPECT_THAT(Expect(kAnnounced, R"pb(
                kind: "BUSINESS"
                subject { type: SUBJECT_TYPE_BUSINESS number: "1208147522" })pb")
                  .not_expected,
              HasSubstr("another subject"));
  EXPECT_THAT(Expect(kAnnounced, R"pb(kind: "BUSINESS")pb").not_expected,
              HasSubstr("no identifier of our own"));
  EXPECT_THAT(Expect(kAnnounced, R"pb(
                kind: "BUSINESS"
                subject { type: SUBJECT_TYPE_CORPORATION number: "1208147521" })pb")
                  .not_expected,
              HasSubstr("another subject type"));
}

TEST_F(ExpectedPaperTest, NothingElseIsExpected) {
  EXPECT_THAT(ExpectPaper({}, nullptr, fetch_, *catalogue_).not_expected,
              HasSubstr("not asked for"));
  EXPECT_THAT(Expect(kIncome, R"pb(kind: "UNHEARD")pb").not_expected, HasSubstr("catalogue"));
  EXPECT_THAT(Expect(kIncome, R"pb(kind: "FAMILY")pb").not_expected, HasSubstr("another document"));
  EXPECT_THAT(Expect(R"pb(holder: "1"
                          paper { kind: "FAMILY" })pb",
                     R"pb(kind: "FAMILY")pb")
                  .not_expected,
              HasSubstr("holder"));
  EXPECT_THAT(Expect(R"pb(holder: "9700000"
                          release_id: "x"
                          paper { kind: "FAMILY" })pb",
                     R"pb(kind: "FAMILY")pb")
                  .not_expected,
              HasSubstr("release id"));
}

}  // namespace
}  // namespace naru::client
