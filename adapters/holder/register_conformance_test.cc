// What every sort of register must do, over each of them: SQLite, PostgreSQL, PostgreSQL through
// ODBC, a folder, an HTTP service.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/holder/config_words.h"
#include "adapters/holder/folder_register.h"
#include "adapters/holder/http_register.h"
#include "adapters/holder/sql_register.h"
#include "adapters/holder/test_databases.h"
#include "adapters/holder/test_folder.h"
#include "adapters/holder/test_http_service.h"
#include "adapters/holder/test_register.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/fake_ledger.h"

namespace naru {
namespace {

// A register of the businesses of test_register.h as kind TAX_PAPER (fields trade_name, capital),
// and the agency's hand in it.
class Tested {
 public:
  virtual ~Tested() = default;
  virtual Register& source() = 0;
  // The kind that gives business 0 whoever is asked for, or the one that gives several records;
  // empty when such a register cannot be.
  virtual std::string MixedUp() = 0;
  virtual std::string Crowded() = 0;
  virtual void Break() = 0;
  virtual void Mend() = 0;
};

class TestedSql : public Tested {
 public:
  explicit TestedSql(std::unique_ptr<TestDatabase> database) : database_(std::move(database)) {
    const auto file = HolderConfigFile::Parse(
        "c",
        TestHolderConfigFor(database_->connection(), "/nowhere", FakeLedger().VerifierKeys()[0]));
    EXPECT_THAT(file, IsOk());
    auto opened = SqlRegister::Open(file->message().registers(0));
    EXPECT_THAT(opened, IsOk());
    register_ = *std::move(opened);
  }
  Register& source() override { return *register_; }
  std::string MixedUp() override { return "MIXED_UP"; }
  std::string Crowded() override { return "CROWDED"; }
  void Break() override { database_->Execute("DROP VIEW tax_paper"); }
  void Mend() override { database_->Execute("CREATE VIEW tax_paper AS SELECT * FROM business"); }

 private:
  const std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<SqlRegister> register_;
};

// Broken by its server's end.
class TestedServer final : public TestedSql {
 public:
  using TestedSql::TestedSql;
  void Break() override { TestPostgres::Instance().Stop(); }
  void Mend() override { TestPostgres::Instance().Start(); }
};

class TestedFolder final : public Tested {
 public:
  TestedFolder() : folder_(testing::TempDir() + "/conforming") {
    config::v1::FolderManifest manifest;
    for (int i = 0; i < 4; ++i) {
      folder_.Write(absl::StrCat(i, ".pdf"), absl::StrCat("%PDF ", i));
      *manifest.add_files() = folder_.Entry(absl::StrCat(i, ".pdf"), i);
    }
    folder_.Replace(manifest);
    auto opened = FolderRegister::Open(folder_.Config());
    EXPECT_THAT(opened, IsOk());
    register_ = *std::move(opened);
  }
  Register& source() override { return *register_; }
  std::string MixedUp() override { return ""; }
  std::string Crowded() override { return ""; }
  void Break() override {
    std::filesystem::rename(folder_.manifest_file(), folder_.manifest_file() + ".gone");
  }
  void Mend() override {
    std::filesystem::rename(folder_.manifest_file() + ".gone", folder_.manifest_file());
  }

 private:
  TestFolder folder_;
  std::unique_ptr<FolderRegister> register_;
};

class TestedHttp final : public Tested {
 public:
  TestedHttp()
      : ca_(testing::TempDir() + "/conforming-ca"),
        service_(ca_, [](const auto& question, auto& response) { Answer(question, response); }) {
    config::v1::HttpRegister config = service_.Config();
    for (const char* kind : {"MIXED_UP", "CROWDED"}) {
      config::v1::HttpDocument more = config.documents(0);
      more.set_kind(kind);
      *config.add_documents() = more;
    }
    auto opened = HttpRegister::Open(config);
    EXPECT_THAT(opened, IsOk());
    register_ = *std::move(opened);
  }
  Register& source() override { return *register_; }
  std::string MixedUp() override { return "MIXED_UP"; }
  std::string Crowded() override { return "CROWDED"; }
  void Break() override { service_.Stop(); }
  void Mend() override { service_.Start(); }

 private:
  static void Answer(const google::protobuf::Struct& question, httplib::Response& response) {
    const std::string& kind = question.fields().at("kind").string_value();
    const std::string& number =
        question.fields().at("subject").struct_value().fields().at("number").string_value();
    if (kind == "MIXED_UP") return response.set_content(TestBusinessJson(0), "application/json");
    if (kind == "CROWDED") {
      return response.set_content(R"({"result": {"record": [{}, {}]}})", "application/json");
    }
    for (int i = 0; i < kTestBusinesses; ++i) {
      if (number == TestBusinessNo(i)) {
        return response.set_content(TestBusinessJson(i), "application/json");
      }
    }
    response.status = 204;
  }

  TestCa ca_;
  TestHttpService service_;
  std::unique_ptr<HttpRegister> register_;
};

struct Sort {
  const char* name;
  std::unique_ptr<Tested> (*make)();
};

template <std::unique_ptr<TestDatabase> (*kMake)(), typename Sql>
std::unique_ptr<Tested> MakeSql() {
  return std::make_unique<Sql>(kMake());
}
template <typename Any>
std::unique_ptr<Tested> Make() {
  return std::make_unique<Any>();
}

class RegisterConformanceTest : public testing::TestWithParam<Sort> {
 protected:
  RegisterConformanceTest() : tested_(GetParam().make()) {}

  static RecordQuery About(const std::string& business, const std::string& person) {
    RecordQuery query;
    query.subject.set_type(v1::SUBJECT_TYPE_BUSINESS);
    query.subject.set_number(business);
    query.person.set_type(v1::SUBJECT_TYPE_PERSON);
    query.person.set_number(person);
    query.approved_fields = {"trade_name", "capital", "rows"};
    query.max_bytes = 100'000;
    return query;
  }
  static RecordQuery About(int i) { return About(TestBusinessNo(i), TestPersonCi(i)); }

  absl::StatusOr<std::optional<Record>> Find(const RecordQuery& query,
                                             const std::string& kind = "TAX_PAPER") {
    return tested_->source().Find(kind, query);
  }

  const std::unique_ptr<Tested> tested_;
};

TEST_P(RegisterConformanceTest, KnowsItsKindsAndNoOther) {
  const DocumentForm* form = tested_->source().FindForm("TAX_PAPER");
  ASSERT_NE(form, nullptr);
  EXPECT_EQ(form->kind, "TAX_PAPER");
  EXPECT_EQ(form->subject_type, v1::SUBJECT_TYPE_BUSINESS);
  EXPECT_EQ(tested_->source().FindForm("TAX_PAPERS"), nullptr);
  EXPECT_GT(tested_->source().connections(), 0u);
}

TEST_P(RegisterConformanceTest, P3_TheRecordIsOfTheOneItNames) {
  for (const int i : {0, 3, 1, 2}) {
    const auto record = Find(About(i));
    ABSL_ASSERT_OK(record);
    ASSERT_TRUE(record->has_value());
    EXPECT_EQ((*record)->subject().type(), v1::SUBJECT_TYPE_BUSINESS);
    EXPECT_EQ((*record)->subject().number(), TestBusinessNo(i));
    EXPECT_EQ((*record)->person().type(), v1::SUBJECT_TYPE_PERSON);
    EXPECT_EQ((*record)->person().number(), TestPersonCi(i));
    if ((*record)->ready().has_value()) {
      const ReadyDocument& ready = *(*record)->ready();
      EXPECT_EQ(*ready.body->Read(0, ready.body->size()), absl::StrCat("%PDF ", i));
      EXPECT_EQ(ready.head.size_bytes(), ready.body->size());
    } else {
      ASSERT_EQ((*record)->fields().size(), 3u);
      EXPECT_EQ((*record)->fields()[0].value(), absl::StrCat("상호 ", i));
      // More than 32 bits, and whole.
      EXPECT_EQ((*record)->fields()[1].value(), absl::StrCat(5'000'000'000 + i));
      EXPECT_EQ((*record)->fields()[2].table().rows_size(), 2);
    }
  }
}

TEST_P(RegisterConformanceTest, NothingOnFileIsNoRecord) {
  const auto record = Find(About("9999999999", TestPersonCi(1)));
  ABSL_ASSERT_OK(record);
  EXPECT_FALSE(record->has_value());
}

// Numbers of another form find nobody, and nothing breaks.
TEST_P(RegisterConformanceTest, ANumberIsAValueAndNothingElse) {
  for (const std::string& number :
       {std::string("' OR '1'='1"), std::string("../../etc/passwd"), std::string("\"},{\""),
        std::string("%2e%2e"), std::string(64, '7'), std::string("가나다"),
        std::string(":subject")}) {
    const auto record = Find(About(number, TestPersonCi(1)));
    ABSL_ASSERT_OK(record);
    EXPECT_FALSE(record->has_value()) << number;
  }
  EXPECT_TRUE(Find(About(1))->has_value());
}

TEST_P(RegisterConformanceTest, P3_AThingOfAnotherPersonSaysSo) {
  const auto record = Find(About(TestBusinessNo(1), TestPersonCi(2)));
  ABSL_ASSERT_OK(record);
  ASSERT_TRUE(record->has_value());
  EXPECT_EQ((*record)->subject().number(), TestBusinessNo(1));
  EXPECT_EQ((*record)->person().number(), TestPersonCi(1));
  EXPECT_FALSE((*record)->ready().has_value());
}

TEST_P(RegisterConformanceTest, P3_AnothersRecordIsNeverCalledTheAskedOne) {
  if (tested_->MixedUp().empty()) GTEST_SKIP() << "cannot be";
  RecordQuery query = About(2);
  query.approved_fields = {"trade_name"};
  const auto record = Find(query, tested_->MixedUp());
  ABSL_ASSERT_OK(record);
  ASSERT_TRUE(record->has_value());
  EXPECT_EQ((*record)->subject().number(), TestBusinessNo(0));
  EXPECT_EQ((*record)->person().number(), TestPersonCi(0));
}

TEST_P(RegisterConformanceTest, SeveralRecordsForOneAreAFault) {
  if (tested_->Crowded().empty()) GTEST_SKIP() << "cannot be";
  RecordQuery query = About(1);
  query.approved_fields = {"trade_name"};
  EXPECT_THAT(Find(query, tested_->Crowded()), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_P(RegisterConformanceTest, ParametersAreThoseOfTheKind) {
  RecordQuery query = About(1);
  query.parameters.emplace_back();
  query.parameters[0].set_name("tax_years");
  query.parameters[0].add_values("2025");
  EXPECT_THAT(Find(query), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
}

TEST_P(RegisterConformanceTest, MoreThanAllowedIsRefusedAndNeverCut) {
  RecordQuery query = About(1);
  query.max_bytes = 2;
  EXPECT_THAT(Find(query), HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
}

TEST_P(RegisterConformanceTest, AFaultNamesNobodyAndItWorksAgainAfterwards) {
  ABSL_ASSERT_OK(Find(About(1)));
  tested_->Break();
  for (int i = 0; i < 3; ++i) {
    const auto failed = Find(About(1));
    ASSERT_FALSE(failed.ok());
    EXPECT_TRUE(GetErrorDetail(failed.status()).has_value());
    EXPECT_FALSE(absl::StrContains(failed.status().message(), TestBusinessNo(1)));
    EXPECT_FALSE(absl::StrContains(failed.status().message(), "CI0"));
  }
  tested_->Mend();
  // More often than there are connections.
  for (int i = 0; i < 5; ++i) {
    const auto record = Find(About(1));
    ABSL_ASSERT_OK(record);
    EXPECT_TRUE(record->has_value());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Every, RegisterConformanceTest,
    testing::Values(Sort{"Sqlite", MakeSql<NewSqliteDatabase, TestedSql>},
                    Sort{"Postgres", MakeSql<NewPostgresDatabase, TestedServer>},
                    Sort{"OdbcPostgres", MakeSql<NewOdbcPostgresDatabase, TestedSql>},
                    Sort{"Folder", Make<TestedFolder>}, Sort{"Http", Make<TestedHttp>}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace naru
