#include "adapters/holder/sql_register.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/holder/config_words.h"
#include "adapters/holder/test_databases.h"
#include "adapters/holder/test_register.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/fake_ledger.h"

namespace naru {
namespace {

using ::testing::HasSubstr;

// Every database does the same.
struct Database {
  const char* name;
  std::unique_ptr<TestDatabase> (*make)();
};

class SqlRegisterTest : public testing::TestWithParam<Database> {
 protected:
  SqlRegisterTest() : database_(GetParam().make()) {
    const auto file = HolderConfigFile::Parse(
        "c",
        TestHolderConfigFor(database_->connection(), "/nowhere", FakeLedger().VerifierKeys()[0]));
    EXPECT_THAT(file, IsOk());
    auto opened = SqlRegister::Open(file->message().registers(0));
    EXPECT_THAT(opened, IsOk());
    register_ = *std::move(opened);
  }

  static RecordQuery About(int i, std::set<std::string> fields) {
    RecordQuery query;
    query.subject.set_type(v1::SUBJECT_TYPE_BUSINESS);
    query.subject.set_number(TestBusinessNo(i));
    query.person.set_number(TestPersonCi(i));
    query.approved_fields = std::move(fields);
    query.max_bytes = 100'000;
    return query;
  }
  static RecordQuery Income(int i, std::vector<std::string> years) {
    RecordQuery query = About(i, {"name", "amount", "rows"});
    query.subject = query.person;
    query.parameters.emplace_back();
    query.parameters[0].set_name("tax_years");
    for (const std::string& year : years) query.parameters[0].add_values(year);
    return query;
  }

  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<SqlRegister> register_;
};

TEST_P(SqlRegisterTest, ARecordIsWhatItsRowSays) {
  const auto record =
      register_->Find("TAX_PAPER", About(3, {"trade_name", "capital", "close_date", "rows"}));
  ABSL_ASSERT_OK(record);
  ASSERT_TRUE(record->has_value());
  EXPECT_EQ((*record)->subject().number(), TestBusinessNo(3));
  EXPECT_EQ((*record)->subject().type(), v1::SUBJECT_TYPE_BUSINESS);
  EXPECT_EQ((*record)->person().number(), TestPersonCi(3));
  const auto& fields = (*record)->fields();
  ASSERT_EQ(fields.size(), 4u);
  EXPECT_EQ(fields[0].value(), "상호 3");
  // More than 32 bits, whole.
  EXPECT_EQ(fields[1].value(), "5000000003");
  // NULL is empty.
  EXPECT_EQ(fields[2].value(), "");
  // Rows in the configured order, not in that of the table.
  ASSERT_EQ(fields[3].table().rows_size(), 2);
  EXPECT_EQ(fields[3].table().rows(0).cells(0), "2024");
  EXPECT_EQ(fields[3].table().rows(1).cells(1), "2025003");
}

TEST_P(SqlRegisterTest, OnlyApprovedFieldsAreRead) {
  const auto record = register_->Find("TAX_PAPER", About(3, {"capital", "representative_rrn"}));
  ABSL_ASSERT_OK(record);
  ASSERT_EQ((*record)->fields().size(), 1u);
  EXPECT_EQ((*record)->fields()[0].name(), "capital");
}

TEST_P(SqlRegisterTest, NothingOnFileIsNoRecord) {
  RecordQuery query = About(3, {"capital"});
  query.subject.set_number("9999999999");
  const auto record = register_->Find("TAX_PAPER", query);
  ABSL_ASSERT_OK(record);
  EXPECT_FALSE(record->has_value());
}

TEST_P(SqlRegisterTest, AValueIsNeverPartOfAStatement) {
  RecordQuery query = About(3, {"capital"});
  query.subject.set_number("' OR '1'='1");
  const auto record = register_->Find("TAX_PAPER", query);
  ABSL_ASSERT_OK(record);
  EXPECT_FALSE(record->has_value());
}

TEST_P(SqlRegisterTest, RunsOnceForEachYearAndLeavesOutTheMissingOne) {
  const auto record = register_->Find("INCOME_PAPER", Income(5, {"2023", "2024", "2025"}));
  ABSL_ASSERT_OK(record);
  ASSERT_TRUE(record->has_value());
  const auto& fields = (*record)->fields();
  EXPECT_EQ(fields[0].value(), "사람 5");
  ASSERT_EQ(fields[1].values_size(), 2);
  EXPECT_EQ(fields[1].values(0).of(), "2024");
  EXPECT_EQ(fields[1].values(1).value(), "20255");
  ASSERT_EQ(fields[2].table().rows_size(), 2);
  EXPECT_EQ(fields[2].table().rows(1).of(), "2025");

  const auto none = register_->Find("INCOME_PAPER", Income(5, {"1999"}));
  ABSL_ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
}

TEST_P(SqlRegisterTest, AFieldThatMustNotDifferIsAFaultWhenItDoes) {
  database_->Execute("UPDATE income SET name = 'x' WHERE yr = 2025");
  EXPECT_THAT(register_->Find("INCOME_PAPER", Income(5, {"2024", "2025"})),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_P(SqlRegisterTest, ParametersAreThoseOfTheKind) {
  RecordQuery query = About(3, {"capital"});
  query.parameters.emplace_back();
  query.parameters[0].set_name("tax_years");
  query.parameters[0].add_values("2025");
  EXPECT_THAT(register_->Find("TAX_PAPER", query),
              HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
  query = Income(3, {"2025"});
  query.parameters.clear();
  EXPECT_THAT(register_->Find("INCOME_PAPER", query),
              HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
  EXPECT_THAT(register_->Find("INCOME_PAPER", Income(3, {})),
              HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
}

TEST_P(SqlRegisterTest, MoreThanAllowedIsAFaultAndNeverCut) {
  EXPECT_THAT(register_->Find("CROWDED", About(3, {"trade_name"})),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_THAT(register_->Find("LONG_LIST", About(3, {"rows"})),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
  RecordQuery query = About(3, {"trade_name"});
  query.max_bytes = 20;
  EXPECT_THAT(register_->Find("TAX_PAPER", query),
              HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
}

// Drivers have buffers of their own.
TEST_P(SqlRegisterTest, ALongValueIsReadWholeOrRefused) {
  for (const char* letter : {"x", "가"}) {
    for (const int count : {256, 1334, 4000, 9000}) {
      std::string text;
      for (int i = 0; i < count; ++i) text += letter;
      database_->Execute("DROP VIEW tax_paper");
      database_->Execute(absl::StrCat("CREATE VIEW tax_paper AS SELECT business_no, person_ci, '",
                                      text, "' AS trade_name, capital, closed FROM business"));
      const auto record = register_->Find("TAX_PAPER", About(3, {"trade_name"}));
      if (record.ok()) {
        EXPECT_EQ((*record)->fields()[0].value().size(), text.size());
        EXPECT_TRUE((*record)->fields()[0].value() == text);
      } else {
        EXPECT_THAT(record, HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
        EXPECT_GT(text.size(), 250u) << "an everyday value";
      }
    }
  }
}

// P3: rows of a list that are about somebody else never reach a document.
TEST_P(SqlRegisterTest, P3_AListAboutAnotherSubjectIsAFault) {
  EXPECT_THAT(register_->Find("MIXED_UP", About(3, {"rows"})),
              HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST_P(SqlRegisterTest, AQueryThatFailsTellsNothingAndTheNextOneWorks) {
  database_->Execute("DROP VIEW tax_paper");
  const auto failed = register_->Find("TAX_PAPER", About(3, {"capital"}));
  EXPECT_THAT(failed, HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_EQ(failed.status().message().find(TestBusinessNo(3)), absl::string_view::npos);
  database_->Execute("CREATE VIEW tax_paper AS SELECT * FROM business");
  for (uint32_t i = 0; i < 2 * limits::kHolderConnections; ++i) {
    EXPECT_THAT(register_->Find("TAX_PAPER", About(3, {"capital"})), IsOk());
  }
}

// P3: many at once, each its own.
TEST_P(SqlRegisterTest, P3_ConcurrentReadsNeverMixRecords) {
  constexpr int kThreads = 8;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = t; i < kTestBusinesses; i += kThreads) {
        const auto record = register_->Find("TAX_PAPER", About(i, {"trade_name", "rows"}));
        ABSL_ASSERT_OK(record);
        ASSERT_TRUE(record->has_value());
        EXPECT_EQ((*record)->subject().number(), TestBusinessNo(i));
        EXPECT_EQ((*record)->person().number(), TestPersonCi(i));
        EXPECT_EQ((*record)->fields()[0].value(), absl::StrCat("상호 ", i));
        EXPECT_EQ((*record)->fields()[1].table().rows(0).cells(1), absl::StrCat(2024000 + i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Every, SqlRegisterTest,
                         testing::Values(Database{"Sqlite", NewSqliteDatabase},
                                         Database{"Postgres", NewPostgresDatabase},
                                         Database{"OdbcPostgres", NewOdbcPostgresDatabase},
                                         Database{"OdbcSqlite", NewOdbcSqliteDatabase}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace naru
