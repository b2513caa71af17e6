// What PostgreSQL alone can show: rights, bounds, and a server that ends, hangs and comes back.

#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/holder/config_words.h"
#include "adapters/holder/sql_register.h"
#include "adapters/holder/test_databases.h"
#include "adapters/holder/test_register.h"
#include "broker/base/clock.h"
#include "broker/base/fake_executor.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/fake_ledger.h"

namespace naru {
namespace {

using ::testing::HasSubstr;

constexpr char kMore[] = R"(
  documents {
    kind: "SETTINGS"
    title: "설정"
    subject_type: SUBJECT_TYPE_BUSINESS
    query: "SELECT :subject AS no, :person AS ci, current_setting('statement_timeout') AS t, current_setting('transaction_read_only') AS r, current_setting('transaction_isolation') AS i, current_user AS u"
    subject_column: "no"
    person_column: "ci"
    fields { column: "t" field: "time" label: "t" }
    fields { column: "r" field: "read_only" label: "r" }
    fields { column: "i" field: "isolation" label: "i" }
    fields { column: "u" field: "user" label: "u" }
  }
  documents {
    kind: "SLOW"
    title: "느림"
    subject_type: SUBJECT_TYPE_BUSINESS
    query: "SELECT :subject AS no, :person AS ci, pg_sleep(600)::text AS s WHERE :subject <> ''"
    subject_column: "no"
    person_column: "ci"
    fields { column: "s" field: "trade_name" label: "s" }
  }
  documents {
    kind: "WRITING"
    title: "쓰기"
    subject_type: SUBJECT_TYPE_BUSINESS
    query: "SELECT :subject AS no, :person AS ci, enter(:subject) AS s WHERE :subject <> ''"
    subject_column: "no"
    person_column: "ci"
    fields { column: "s" field: "trade_name" label: "s" }
  }
)";

class SqlPostgresTest : public testing::Test {
 protected:
  SqlPostgresTest() : database_(NewPostgresDatabase()) {
    const std::string config = absl::StrReplaceAll(
        TestHolderConfigFor(database_->connection(), "/nowhere", FakeLedger().VerifierKeys()[0]),
        {{"name: \"국세\"", absl::StrCat("name: \"국세\"", kMore)}});
    const auto file = HolderConfigFile::Parse("c", config);
    EXPECT_THAT(file, IsOk());
    auto opened = SqlRegister::Open(file->message().registers(0), &timer_);
    EXPECT_THAT(opened, IsOk());
    register_ = *std::move(opened);
  }

  static RecordQuery About(int i) {
    RecordQuery query;
    query.subject.set_type(v1::SUBJECT_TYPE_BUSINESS);
    query.subject.set_number(TestBusinessNo(i));
    query.person.set_number(TestPersonCi(i));
    query.approved_fields = {"trade_name", "time", "read_only", "isolation", "user"};
    query.max_bytes = 100'000;
    return query;
  }

  // The server's process that works on the query; waits until there is one.
  static pid_t Working() {
    int pid = 0;
    while (!absl::SimpleAtoi(
               TestPostgres::Instance().Execute(
                   "postgres",
                   "SELECT coalesce(max(pid), 0)::text FROM pg_stat_activity "
                   "WHERE usename = 'reader' AND state = 'active' AND wait_event = 'PgSleep'"),
               &pid) ||
           pid == 0) {
      std::this_thread::yield();
    }
    return pid;
  }

  SimulatedClock clock_;
  SimulatedTimer timer_{&clock_};
  const std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<SqlRegister> register_;
};

TEST_F(SqlPostgresTest, EveryReadIsBoundedReadOnlyAndOfOneState) {
  const auto record = register_->Find("SETTINGS", About(1));
  ABSL_ASSERT_OK(record);
  const auto& fields = (*record)->fields();
  ASSERT_EQ(fields.size(), 4u);
  EXPECT_EQ(fields[0].value(), absl::StrCat(absl::ToInt64Seconds(kSqlStatement), "s"));
  EXPECT_EQ(fields[1].value(), "on");
  EXPECT_EQ(fields[2].value(), "repeatable read");
  EXPECT_EQ(fields[3].value(), "reader");
}

TEST_F(SqlPostgresTest, TheDatabaseItselfKeepsTheAccountFromWriting) {
  for (const char* sql : {"UPDATE business SET trade_name = 'x'", "DELETE FROM business",
                          "INSERT INTO income VALUES ('a', 1, 'b', 2)", "DROP VIEW tax_paper",
                          "CREATE TABLE public.mine (a int)"}) {
    try {
      soci::session session(database_->connection());
      session << "SET default_transaction_read_only = off";
      session << sql;
      ADD_FAILURE() << sql;
    } catch (const soci::soci_error& error) {
      EXPECT_THAT(error.what(),
                  testing::AnyOf(HasSubstr("permission denied"), HasSubstr("must be owner")));
    }
  }
  // A query that calls what may write for everybody does not write either: its transaction may not.
  database_->Execute(
      "CREATE FUNCTION enter(text) RETURNS text LANGUAGE sql SECURITY DEFINER AS "
      "'INSERT INTO income VALUES ($1, 1, $1, 1) RETURNING name'");
  EXPECT_THAT(register_->Find("WRITING", About(1)), HasErrorReason(v1::ERROR_REASON_INTERNAL));
  EXPECT_TRUE(register_->Find("TAX_PAPER", About(1))->has_value());
}

TEST_F(SqlPostgresTest, AStatementThatTakesTooLongIsUnavailable) {
  absl::StatusOr<std::optional<Record>> slow;
  std::thread reader([this, &slow] { slow = register_->Find("SLOW", About(1)); });
  // What the server's own timeout does, without waiting for it.
  TestPostgres::Instance().Execute("postgres",
                                   absl::StrCat("SELECT pg_cancel_backend(", Working(), ")::text"));
  reader.join();
  EXPECT_THAT(slow, HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
  EXPECT_TRUE(register_->Find("TAX_PAPER", About(1))->has_value());
}

TEST_F(SqlPostgresTest, AServerThatAnswersNoMoreIsGivenUp) {
  absl::StatusOr<std::optional<Record>> frozen;
  std::thread reader([this, &frozen] { frozen = register_->Find("SLOW", About(1)); });
  const pid_t process = Working();
  kill(process, SIGSTOP);
  timer_.Advance(kSqlRead);
  reader.join();
  EXPECT_THAT(frozen, HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
  kill(process, SIGCONT);
  EXPECT_TRUE(register_->Find("TAX_PAPER", About(1))->has_value());
}

TEST_F(SqlPostgresTest, AServerThatWasStartedAgainIsNotNoticed) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(register_->Find("TAX_PAPER", About(i))->has_value());
  TestPostgres::Instance().Stop();
  EXPECT_THAT(register_->Find("TAX_PAPER", About(1)),
              HasErrorReason(v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE));
  TestPostgres::Instance().Start();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(register_->Find("TAX_PAPER", About(i))->has_value());
  // Also when nobody asked meanwhile.
  TestPostgres::Instance().Stop();
  TestPostgres::Instance().Start();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(register_->Find("TAX_PAPER", About(i))->has_value());
}

TEST_F(SqlPostgresTest, NeverMoreConnectionsThanConfigured) {
  std::vector<std::thread> readers;
  for (int t = 0; t < 16; ++t) {
    readers.emplace_back([this, t] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(register_->Find("TAX_PAPER", About(16 * i + t))->has_value());
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  const std::string database =
      database_->connection().substr(database_->connection().find("dbname=") + 7);
  EXPECT_EQ(
      TestPostgres::Instance().Execute(
          "postgres", absl::StrCat("SELECT count(*)::text FROM pg_stat_activity WHERE datname = '",
                                   database.substr(0, database.find(' ')), "'")),
      absl::StrCat(limits::kHolderConnections));
}

// A server that is not there stops the program at its start, with the reason and no wait.
TEST(SqlPostgresStartTest, AServerThatIsNotThereIsSaid) {
  EXPECT_THAT(SqlConnections::Open("r", "postgresql://host=/nowhere dbname=x user=y", 2),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/nowhere")));
  EXPECT_THAT(SqlConnections::Open("r", "odbc://DRIVER={No such driver}", 2),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cannot be opened")));
}

}  // namespace
}  // namespace naru
