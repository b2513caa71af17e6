#include "adapters/holder/sql_backend.h"

#include <libpq-fe.h>
#include <soci/odbc/soci-odbc.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace naru {
namespace {

// What PostgreSQL calls a statement ended by its timeout.
constexpr absl::string_view kQueryCanceled = "57014";

std::string WithLimit(const std::string& select, size_t rows) {
  return absl::StrCat(select, "\nLIMIT ", rows);
}

// All selects of a transaction see one state of the database, and none may write or wait for long.
void SetUpPostgres(soci::session& session) {
  session << "SET default_transaction_read_only = on";
  session << "SET default_transaction_isolation = 'repeatable read'";
  session << absl::StrCat("SET statement_timeout = ", absl::ToInt64Milliseconds(kSqlStatement));
  session << absl::StrCat("SET idle_in_transaction_session_timeout = ",
                          2 * absl::ToInt64Milliseconds(kSqlStatement));
  session << "SET client_encoding = 'UTF8'";
}

class Sqlite final : public SqlBackend {
 public:
  std::string Bounded(const std::string& connection) const override {
    return absl::StrCat(connection, " readonly=true");
  }
  void SetUp(soci::session& session) const override {
    // SQLite opens files late; this reads its first page.
    session << "SELECT count(*) FROM sqlite_master";
    session << "PRAGMA query_only = ON";
  }
  std::string Limited(const std::string& select, size_t rows) const override {
    return WithLimit(select, rows);
  }
};

class Postgres final : public SqlBackend {
 public:
  std::string Bounded(const std::string& connection) const override {
    // The last word counts.
    return absl::StrCat(connection, " connect_timeout=", absl::ToInt64Seconds(kSqlConnect),
                        " keepalives_idle=5 keepalives_interval=2 keepalives_count=3"
                        " application_name=naru-holder");
  }
  void SetUp(soci::session& session) const override { SetUpPostgres(session); }
  std::string Limited(const std::string& select, size_t rows) const override {
    return WithLimit(select, rows);
  }
  bool TookTooLong(const std::exception& error) const override {
    const auto* own = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    return own != nullptr && own->sqlstate() == kQueryCanceled;
  }
  int Socket(soci::session& session) const override {
    // SOCI's library keeps the type of its backend to itself, so this cannot be asked.
    const auto* own = static_cast<const soci::postgresql_session_backend*>(session.get_backend());
    return own == nullptr || own->conn_ == nullptr ? -1 : PQsocket(own->conn_);
  }
};

// Any database with an ODBC driver. SOCI reads a text column into a buffer as large as the driver
// says that the column is, in characters, and does not see when it was too small: so every column
// is read as one type with a known bound, and what fills the buffer is taken as cut.
class Odbc final : public SqlBackend {
 public:
  std::string Bounded(const std::string& connection) const override { return connection; }
  void SetUp(soci::session& session) const override {
    soci::odbc_session_backend& own = Own(session);
    if (own.get_database_product() == soci::odbc_session_backend::prod_postgresql) {
      SetUpPostgres(session);
    }
    // Drivers that know nothing of it say so and go on; the account's rights are what counts.
    SQLSetConnectAttr(own.hdbc_, SQL_ATTR_ACCESS_MODE,
                      reinterpret_cast<SQLPOINTER>(SQL_MODE_READ_ONLY), 0);
    SQLSetConnectAttr(own.hdbc_, SQL_ATTR_TXN_ISOLATION,
                      reinterpret_cast<SQLPOINTER>(SQL_TXN_REPEATABLE_READ), 0);
  }
  void Begun(soci::session& session) const override {
    if (Own(session).get_database_product() == soci::odbc_session_backend::prod_postgresql) {
      session << "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";
    }
  }
  void Abandon(soci::session& session) const override {
    if (session.get_backend() == nullptr) return;
    SqlBackend::Abandon(session);
    // A driver may refuse to disconnect inside a transaction, and SOCI does not survive that.
    SQLSetConnectAttr(Own(session).hdbc_, SQL_ATTR_AUTOCOMMIT,
                      reinterpret_cast<SQLPOINTER>(SQL_AUTOCOMMIT_ON), 0);
  }
  absl::string_view text_type() const override { return "VARCHAR(4000)"; }
  std::string Limited(const std::string& select, size_t /*rows*/) const override { return select; }
  void Bound(soci::statement& statement, size_t rows) const override {
    SQLHSTMT handle = Own(statement).hstmt_;
    SQLSetStmtAttr(handle, SQL_ATTR_MAX_ROWS, reinterpret_cast<SQLPOINTER>(rows), 0);
    SQLSetStmtAttr(handle, SQL_ATTR_QUERY_TIMEOUT,
                   reinterpret_cast<SQLPOINTER>(absl::ToInt64Seconds(kSqlStatement)), 0);
  }
  bool MayBeCut(soci::statement& statement, size_t column, size_t size) const override {
    SQLULEN characters = 0;
    const SQLRETURN described =
        SQLDescribeCol(Own(statement).hstmt_, static_cast<SQLUSMALLINT>(column + 1), nullptr, 0,
                       nullptr, nullptr, &characters, nullptr, nullptr);
    return !SQL_SUCCEEDED(described) || size >= characters;
  }
  bool TookTooLong(const std::exception& error) const override {
    const auto* own = dynamic_cast<const soci::odbc_soci_error*>(&error);
    if (own == nullptr) return false;
    const absl::string_view state(reinterpret_cast<const char*>(own->odbc_error_code()));
    return state == "HYT00" || state == kQueryCanceled;
  }

 private:
  static soci::odbc_session_backend& Own(soci::session& session) {
    return static_cast<soci::odbc_session_backend&>(*session.get_backend());
  }
  static soci::odbc_statement_backend& Own(soci::statement& statement) {
    return static_cast<soci::odbc_statement_backend&>(*statement.get_backend());
  }
};

}  // namespace

void SqlBackend::Abandon(soci::session& session) const {
  try {
    session.rollback();
  } catch (const std::exception&) {
    // It is opened anew before its next use.
  }
}

const SqlBackend* SqlBackend::Of(absl::string_view connection) {
  // Once in a process: SOCI throws when a backend is registered again while it is in use.
  static const bool registered = [] {
    soci::register_factory_sqlite3();
    soci::register_factory_postgresql();
    soci::register_factory_odbc();
    return true;
  }();
  (void)registered;
  static const Sqlite sqlite;
  static const Postgres postgres;
  static const Odbc odbc;
  if (absl::StartsWith(connection, "sqlite3://")) return &sqlite;
  if (absl::StartsWith(connection, "postgresql://")) return &postgres;
  if (absl::StartsWith(connection, "odbc://")) return &odbc;
  return nullptr;
}

}  // namespace naru
