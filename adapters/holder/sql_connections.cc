#include "adapters/holder/sql_connections.h"

#include <glog/logging.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <exception>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"

namespace naru {
namespace {

constexpr absl::string_view kSqlite = "sqlite3://";

// The reason without the values that SOCI appends.
std::string Reason(const std::exception& error) {
  if (const auto* soci_error = dynamic_cast<const soci::soci_error*>(&error)) {
    return soci_error->get_error_message();
  }
  return error.what();
}

bool ConnectionIsLost(const std::exception& error) {
  const auto* soci_error = dynamic_cast<const soci::soci_error*>(&error);
  return soci_error != nullptr &&
         soci_error->get_error_category() == soci::soci_error::connection_error;
}

// Once in a process: SOCI throws when a backend is registered again while it is in use.
void RegisterBackends() {
  static const bool registered = [] {
    soci::register_factory_sqlite3();
    return true;
  }();
  (void)registered;
}

}  // namespace

// A connection for the time of one read.
class SqlConnections::Lease {
 public:
  explicit Lease(SqlConnections& connections) : connections_(connections) {
    leased_ = connections_.pool_.try_lease(
        position_, static_cast<int>(absl::ToInt64Milliseconds(limits::kHolderConnectionWait)));
  }
  ~Lease() {
    if (leased_) connections_.pool_.give_back(position_);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  bool leased() const { return leased_; }

  // The session, opened anew if it failed before. Throws what SOCI throws.
  soci::session& Session() {
    soci::session& session = connections_.pool_.at(position_);
    if (connections_.broken_[position_]) {
      session.reconnect();
      connections_.broken_[position_] = false;
    }
    return session;
  }
  void MarkBroken() { connections_.broken_[position_] = true; }

 private:
  SqlConnections& connections_;
  size_t position_ = 0;
  bool leased_ = false;
};

absl::StatusOr<std::vector<SqlRow>> SqlReader::Select(const SqlSelect& select,
                                                      const SqlBounds& bounds) {
  // Every value is read as text: SOCI's own guess of a type would cut large numbers.
  SqlRow cells(select.columns);
  std::vector<soci::indicator> indicators(select.columns, soci::i_ok);
  soci::statement statement(session_);
  for (size_t i = 0; i < select.columns; ++i) {
    statement.exchange(soci::into(cells[i], indicators[i]));
  }
  for (const auto& [name, value] : select.values) statement.exchange(soci::use(value, name));
  statement.alloc();
  statement.prepare(select.text);
  statement.define_and_bind();
  statement.execute();
  std::vector<SqlRow> rows;
  while (statement.fetch()) {
    if (rows.size() >= bounds.rows) return absl::OutOfRangeError("more rows than allowed");
    for (size_t i = 0; i < select.columns; ++i) {
      if (indicators[i] == soci::i_null) cells[i].clear();
      if (cells[i].size() > *bounds.bytes_left) {
        return absl::ResourceExhaustedError("more bytes than allowed");
      }
      *bounds.bytes_left -= cells[i].size();
    }
    rows.push_back(cells);
  }
  return rows;
}

SqlConnections::SqlConnections(std::string name, size_t connections)
    : name_(std::move(name)), pool_(connections), broken_(connections, false) {}

absl::StatusOr<std::unique_ptr<SqlConnections>> SqlConnections::Open(std::string name,
                                                                     const std::string& connection,
                                                                     size_t connections) {
  if (!absl::StartsWith(connection, kSqlite)) {
    return absl::InvalidArgumentError("this build reads sqlite3:// databases");
  }
  auto result = absl::WrapUnique(new SqlConnections(std::move(name), connections));
  try {
    RegisterBackends();
    for (size_t i = 0; i < connections; ++i) {
      soci::session& session = result->pool_.at(i);
      session.open(absl::StrCat(connection, " readonly=true"));
      // SQLite opens files late; this reads its first page.
      session << "SELECT count(*) FROM sqlite_master";
      session << "PRAGMA query_only = ON";
    }
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(
        absl::StrCat("the database cannot be opened: ", Reason(error)));
  }
  return result;
}

absl::Status SqlConnections::Read(const std::function<absl::Status(SqlReader&)>& read) {
  Lease lease(*this);
  if (!lease.leased()) return Overloaded("connections to the register", absl::Seconds(1));
  try {
    soci::session& session = lease.Session();
    soci::transaction transaction(session);
    SqlReader reader(session);
    absl::Status status = read(reader);
    transaction.rollback();
    return status;
  } catch (const std::exception& error) {
    lease.MarkBroken();
    // Neither the text nor a value: both can name a person.
    const bool lost = ConnectionIsLost(error);
    LOG(ERROR) << "register " << name_ << ": "
               << (lost ? "the connection is lost" : "a query failed");
    return lost ? DependencyUnavailable("register") : InternalFault("a query failed");
  }
}

std::optional<std::string> SqlConnections::Objection(const SqlSelect& select) {
  Lease lease(*this);
  if (!lease.leased()) return "no connection is free";
  try {
    SqlReader reader(lease.Session());
    uint64_t bytes = limits::kDocumentBytesMax;
    const auto rows = reader.Select(select, SqlBounds{1, &bytes});
    // How many rows made-up values give says nothing.
    (void)rows;
    return std::nullopt;
  } catch (const std::exception& error) {
    lease.MarkBroken();
    return Reason(error);
  }
}

}  // namespace naru
