#include "consent/catalog/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"
#include "broker/base/textproto.h"
#include "broker/proof/catalogue_keys.h"
#include "broker/proof/crypto.h"
#include "consent/catalog/deploy_catalogue.h"
#include "naru/config/v1/catalogue.pb.h"

namespace naru {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr char kFund[] = "SMALL_BUSINESS_POLICY_FUND";
constexpr char kFundAgency[] = "B553077";

v1::Parameter Years(const std::vector<std::string>& values) {
  v1::Parameter parameter;
  parameter.set_name("tax_years");
  for (const std::string& value : values) parameter.add_values(value);
  return parameter;
}

Catalogue::Parameters Given(const std::vector<v1::Parameter>& parameters) {
  return Catalogue::Parameters(parameters.begin(), parameters.end());
}

class CatalogueTest : public testing::Test {
 protected:
  DeployCatalogue deploy_{{{"@NTS@", "nts.example:7001"}, {"@RESOLVER@", "127.0.0.1:7009"}}};
  std::shared_ptr<const Catalogue> catalogue_ = deploy_.Load();
};

TEST_F(CatalogueTest, TheCatalogueOfDeployStands) {
  EXPECT_THAT(catalogue_->kinds(), SizeIs(41));
  EXPECT_EQ(catalogue_->kinds().front()->code(), "ALIEN_REGISTRATION");
  EXPECT_EQ(catalogue_->FindAffair(kFund)->kinds_size(), 13);
  EXPECT_EQ(catalogue_->DecideWithin(kFund), absl::Minutes(30));
  EXPECT_EQ(catalogue_->ValidFor(kFund), absl::Hours(24 * 30));
  for (const config::v1::DocumentKind* kind : catalogue_->kinds()) {
    ASSERT_NE(catalogue_->HolderOf(kind->code()), nullptr) << kind->code();
    EXPECT_EQ(catalogue_->HolderOf(kind->code())->agency->code(), kind->holder());
    EXPECT_EQ(catalogue_->MaxSizeBytes(kind->code()), 16u << 20);
  }
  for (const auto& needed : catalogue_->FindAffair(kFund)->kinds()) {
    for (const v1::AccessMode mode : {v1::ACCESS_MODE_VIEW, v1::ACCESS_MODE_TRANSFER}) {
      const auto* approval = catalogue_->FindApproval(kFundAgency, kFund, needed.kind(), mode);
      ASSERT_NE(approval, nullptr) << needed.kind();
      EXPECT_EQ(approval->id(), "fund-2026");
    }
  }
  EXPECT_EQ(catalogue_->HolderOf("INCOME_AMOUNT")->service->address(), "nts.example:7001");
  EXPECT_EQ(catalogue_->resolver()->service->address(), "127.0.0.1:7009");

  ABSL_ASSERT_OK_AND_ASSIGN(const CatalogueKeys keys,
                            LoadCatalogueKeys(catalogue_->message(), DevelopmentProviders::kAllow));
  EXPECT_NE(keys.keys.Find("1210000", "1210000-1", absl::UnixEpoch()), nullptr);
  EXPECT_NE(keys.keys.Find(kReceiptKeyOwner, "receipt-1", absl::UnixEpoch()), nullptr);
}

// Access without consent begins with what the catalogue says.
TEST_F(CatalogueTest, PublicPapersAreAboutThingsAndNeedNoConsentInTheirAffair) {
  int open = 0;
  for (const config::v1::DocumentKind* kind : catalogue_->kinds()) {
    if (!kind->open_to_public()) continue;
    ++open;
    EXPECT_FALSE(kind->sensitive()) << kind->code();
    EXPECT_THAT(kind->fields(), Not(Contains(HasSubstr("resident_no")))) << kind->code();
  }
  EXPECT_EQ(open, 5);
  const config::v1::Affair* const inspection = catalogue_->FindAffair("BUILDING_INSPECTION");
  ASSERT_NE(inspection, nullptr);
  EXPECT_EQ(inspection->exempt_ground(), config::v1::EXEMPT_GROUND_PUBLIC_INFORMATION);
}

TEST_F(CatalogueTest, BytesHoldTheWholeCatalogueWithItsKeys) {
  EXPECT_EQ(catalogue_->sha256(), crypto::Sha256(catalogue_->bytes()));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto again, Catalogue::Parse(catalogue_->bytes()));
  EXPECT_EQ(again->bytes(), catalogue_->bytes());
  EXPECT_EQ(again->sha256(), catalogue_->sha256());
  EXPECT_THAT(again->FindAgency("1210000")->signing_keys(0).pem(), HasSubstr("BEGIN PUBLIC KEY"));
  EXPECT_EQ(again->FindAgency("1210000")->signing_keys(0).pem(),
            DeployCatalogue::Key("1210000-1").PublicPem());
}

TEST_F(CatalogueTest, BytesOfAnotherKindAreRefused) {
  EXPECT_THAT(Catalogue::Parse("\xff\xff"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(deploy_.LoadEdited([](auto* message) { message->mutable_kinds(3)->clear_holder(); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kinds[3].holder: ")));
  EXPECT_THAT(Catalogue::Parse(std::string(5 << 20, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("larger than")));
}

TEST_F(CatalogueTest, ATokenThatNobodyFilledInIsNamedWithItsLine) {
  ABSL_ASSERT_OK_AND_ASSIGN(const std::string text,
                            ReadFile("deploy/catalogue/agencies.textproto", 1 << 20));
  const size_t at = text.find("@RESOLVER@");
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
  EXPECT_THAT(Catalogue::Load("deploy/catalogue", deploy_.key_directory()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(absl::StrCat("deploy/catalogue/agencies.textproto:", line,
                                              ": agencies[0].services[1].address: "))));
}

TEST_F(CatalogueTest, AKeyFileLiesInTheKeyDirectory) {
  const std::string path = deploy_.key_directory() + "/edited.textproto";
  for (const char* bad : {"file:", "file:/etc/passwd", "file:../x.pem", "file:nothing.pem"}) {
    ABSL_ASSERT_OK(AtomicWriteFile(
        path, absl::StrReplaceAll(deploy_.text(), {{"file:nts/signing_public.pem", bad}})));
    EXPECT_THAT(Catalogue::Load(path, deploy_.key_directory()),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("agencies[6].signing_keys[0].pem: ")))
        << bad;
  }
}

TEST_F(CatalogueTest, AServiceIsFoundByItsCertificatesName) {
  const Catalogue::Party* party = catalogue_->FindService({kFundAgency, "counter"});
  ASSERT_NE(party, nullptr);
  EXPECT_EQ(party->agency->name_en(), "Small Enterprise and Market Service");
  EXPECT_THAT(party->roles, ElementsAre(config::v1::ROLE_COUNTER));
  EXPECT_EQ(catalogue_->FindService({kFundAgency, "holder"}), nullptr);
  EXPECT_EQ(catalogue_->FindService({"0000000", "counter"}), nullptr);
}

TEST_F(CatalogueTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(catalogue_->FindAgency("0000000"), nullptr);
  EXPECT_EQ(catalogue_->FindKind("NO_SUCH_PAPER"), nullptr);
  EXPECT_EQ(catalogue_->FindAffair("NOTHING"), nullptr);
  EXPECT_EQ(catalogue_->HolderOf("NO_SUCH_PAPER"), nullptr);
  EXPECT_EQ(catalogue_->FindAffairKind(kFund, "NO_SUCH_PAPER"), nullptr);
  EXPECT_EQ(catalogue_->AffairKindIndex("NOTHING", "INCOME_AMOUNT"), std::nullopt);
  EXPECT_EQ(catalogue_->ApprovalById("fund-1999"), nullptr);
}

TEST_F(CatalogueTest, AnApprovalCoversAgencyAffairKindAndMode) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto edited, deploy_.LoadEdited([](auto* message) {
    auto* approval = message->mutable_approvals(0);
    approval->clear_modes();
    approval->add_modes(v1::ACCESS_MODE_VIEW);
    approval->mutable_kinds()->DeleteSubrange(0, 1);
  }));
  const auto find = [&](const char* agency, const char* kind, v1::AccessMode mode) {
    return edited->FindApproval(agency, kFund, kind, mode);
  };
  EXPECT_NE(find(kFundAgency, "INCOME_AMOUNT", v1::ACCESS_MODE_VIEW), nullptr);
  EXPECT_NE(find(kFundAgency, "INCOME_AMOUNT", v1::ACCESS_MODE_UNSPECIFIED), nullptr);
  EXPECT_EQ(find(kFundAgency, "INCOME_AMOUNT", v1::ACCESS_MODE_TRANSFER), nullptr);
  EXPECT_EQ(find(kFundAgency, "RESIDENT_REGISTER_FULL", v1::ACCESS_MODE_VIEW), nullptr);
  EXPECT_EQ(find(kFundAgency, "RESIDENT_REGISTER_FULL", v1::ACCESS_MODE_UNSPECIFIED), nullptr);
  EXPECT_EQ(find("1210000", "INCOME_AMOUNT", v1::ACCESS_MODE_VIEW), nullptr);
}

TEST_F(CatalogueTest, AnAffairMayHaveFewerFieldsInTheKindsOrder) {
  const auto* kind = catalogue_->FindKind("INCOME_AMOUNT");
  EXPECT_THAT(catalogue_->ApprovedFields("INCOME_AMOUNT", kFund), ElementsAreArray(kind->fields()));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto edited, deploy_.LoadEdited([](auto* message) {
    auto* needed = message->mutable_affairs(0)->mutable_kinds(3);
    ASSERT_EQ(needed->kind(), "INCOME_AMOUNT");
    needed->add_fields("income_amount");
    needed->add_fields("name");
  }));
  EXPECT_THAT(edited->ApprovedFields("INCOME_AMOUNT", kFund), ElementsAre("name", "income_amount"));
}

class ParametersTest : public CatalogueTest {
 protected:
  absl::StatusOr<std::vector<v1::Parameter>> Explicit(const std::vector<v1::Parameter>& given,
                                                      const char* kind = "INCOME_AMOUNT") {
    return catalogue_->ExplicitParameters(kind, kFund, Given(given), "papers[2]");
  }
  static std::string FieldOf(const absl::Status& status) {
    const auto detail = GetErrorDetail(status);
    return detail.has_value() ? detail->field() : "";
  }
  void Edit(const std::function<void(config::v1::DocumentKind*, config::v1::AffairKind*)>& edit) {
    auto edited = deploy_.LoadEdited([&](auto* message) {
      for (auto& kind : *message->mutable_kinds()) {
        if (kind.code() != "INCOME_AMOUNT") continue;
        edit(&kind, message->mutable_affairs(0)->mutable_kinds(3));
      }
    });
    ABSL_ASSERT_OK(edited);
    catalogue_ = *std::move(edited);
  }
};

TEST_F(ParametersTest, DefaultsStandForWhatIsLeftOut) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto parameters, Explicit({}));
  ASSERT_THAT(parameters, SizeIs(1));
  EXPECT_THAT(parameters[0].values(), ElementsAre("2024", "2025"));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto none, Explicit({}, "RESIDENT_REGISTER_FULL"));
  EXPECT_THAT(none, SizeIs(0));
}

TEST_F(ParametersTest, ValuesComeOutInAscendingOrder) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto parameters, Explicit({Years({"2025", "2021", "2023"})}));
  EXPECT_THAT(parameters[0].values(), ElementsAre("2021", "2023", "2025"));
}

TEST_F(ParametersTest, ParametersComeOutInOrderOfName) {
  Edit([](config::v1::DocumentKind* kind, config::v1::AffairKind*) {
    auto* rule = kind->add_parameters();
    *rule = kind->parameters(0);
    rule->set_name("a_flag");
    rule->set_type(config::v1::PARAMETER_TYPE_BOOL);
    rule->clear_default_values();
    rule->set_max_values(0);
  });
  EXPECT_THAT(Explicit({}), HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
  v1::Parameter flag;
  flag.set_name("a_flag");
  flag.add_values("true");
  ABSL_ASSERT_OK_AND_ASSIGN(const auto parameters, Explicit({Years({"2025"}), flag}));
  ASSERT_THAT(parameters, SizeIs(2));
  EXPECT_EQ(parameters[0].name(), "a_flag");
  EXPECT_EQ(parameters[1].name(), "tax_years");
  flag.add_values("false");
  EXPECT_THAT(Explicit({flag}), HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE))
      << "max_values 0 means 1";
}

TEST_F(ParametersTest, WhatTheAffairFixesCannotBeOtherwise) {
  Edit([](config::v1::DocumentKind*, config::v1::AffairKind* needed) {
    *needed->add_fixed_parameters() = Years({"2025", "2023"});
  });
  ABSL_ASSERT_OK_AND_ASSIGN(const auto fixed, Explicit({}));
  EXPECT_THAT(fixed[0].values(), ElementsAre("2023", "2025"));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto same, Explicit({Years({"2023", "2025"})}));
  EXPECT_THAT(same[0].values(), ElementsAre("2023", "2025"));
  const auto other = Explicit({Years({"2024"})});
  EXPECT_THAT(other, HasErrorReason(v1::ERROR_REASON_FIELDS_CONTRADICT));
  EXPECT_EQ(FieldOf(other.status()), "papers[2].parameters[0].values");
}

TEST_F(ParametersTest, WhatIsWrongIsNamedByItsPath) {
  v1::Parameter unknown;
  unknown.set_name("months");
  unknown.add_values("3");
  const struct {
    std::vector<v1::Parameter> given;
    v1::ErrorReason reason;
    const char* field;
  } kCases[] = {
      {{unknown}, v1::ERROR_REASON_FIELD_MALFORMED, "papers[2].parameters[0].name"},
      {{Years({"2024"}), Years({"2024"})},
       v1::ERROR_REASON_FIELDS_CONTRADICT,
       "papers[2].parameters[1].name"},
      {{Years({})}, v1::ERROR_REASON_FIELD_MISSING, "papers[2].parameters[0].values"},
      {{Years({"2024", "24"})},
       v1::ERROR_REASON_FIELD_MALFORMED,
       "papers[2].parameters[0].values[1]"},
      {{Years({"2024", "2024"})},
       v1::ERROR_REASON_FIELDS_CONTRADICT,
       "papers[2].parameters[0].values"},
      {{Years({"2020", "2021", "2022", "2023", "2024", "2025"})},
       v1::ERROR_REASON_FIELD_TOO_LARGE,
       "papers[2].parameters[0].values"},
      {std::vector<v1::Parameter>(9, Years({"2024"})), v1::ERROR_REASON_FIELD_TOO_LARGE,
       "papers[2].parameters"},
  };
  for (const auto& one : kCases) {
    const auto result = Explicit(one.given);
    EXPECT_THAT(result, HasErrorReason(one.reason)) << one.field;
    EXPECT_EQ(FieldOf(result.status()), one.field);
  }
}

TEST_F(CatalogueTest, ThreeHundredKindsLoad) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto large, deploy_.LoadEdited([](auto* message) {
    const int first = message->affairs_size(), first_approval = message->approvals_size();
    for (int i = 0; i < 300; ++i) {
      auto* kind = message->add_kinds();
      *kind = message->kinds(i % 41);
      kind->set_code(absl::StrCat("GENERATED_", i));
      if (i % 50 == 0) {
        auto* affair = message->add_affairs();
        *affair = message->affairs(0);
        affair->set_code(absl::StrCat("AFFAIR_", i / 50));
        affair->clear_kinds();
        auto* approval = message->add_approvals();
        *approval = message->approvals(0);
        approval->set_id(absl::StrCat("generated-", i / 50));
        approval->set_affair(affair->code());
        approval->clear_kinds();
      }
      auto* needed = message->mutable_affairs(first + i / 50)->add_kinds();
      *needed = message->affairs(0).kinds(0);
      needed->set_kind(kind->code());
      message->mutable_approvals(first_approval + i / 50)->add_kinds(kind->code());
    }
  }));
  EXPECT_THAT(large->kinds(), SizeIs(341));
  EXPECT_EQ(large->AffairKindIndex("AFFAIR_5", "GENERATED_299"), 49u);
  EXPECT_EQ(
      large->FindApproval(kFundAgency, "AFFAIR_5", "GENERATED_299", v1::ACCESS_MODE_VIEW)->id(),
      "generated-5");
  EXPECT_NE(large->HolderOf("GENERATED_299"), nullptr);
}

}  // namespace
}  // namespace naru
