#include "adapters/holder/sql_connections.h"

#include <glog/logging.h>

#include <exception>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "adapters/holder/sql_text.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"

namespace naru {
namespace {

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

  // The session in a transaction, opened anew if it failed before or is lost. Throws what SOCI
  // throws.
  soci::session& Begin(SocketDeadline& deadline) {
    soci::session& session = connections_.pool_.at(position_);
    if (connections_.broken_[position_]) {
      Reopen(session, deadline);
      StartTransaction(session);
      return session;
    }
    deadline.Watch(connections_.backend_.Socket(session));
    try {
      StartTransaction(session);
    } catch (const std::exception&) {
      // The database was started again since the last use.
      Reopen(session, deadline);
      StartTransaction(session);
    }
    return session;
  }
  // Ends the transaction; the session is opened anew before its next use.
  void Abandon() {
    connections_.backend_.Abandon(connections_.pool_.at(position_));
    connections_.broken_[position_] = true;
  }
  // Whether what failed is the connection.
  bool IsLost(const std::exception& error) {
    return ConnectionIsLost(error) || opening_ || !connections_.pool_.at(position_).is_connected();
  }

 private:
  void Reopen(soci::session& session, SocketDeadline& deadline) {
    opening_ = true;
    connections_.broken_[position_] = true;
    session.reconnect();
    deadline.Watch(connections_.backend_.Socket(session));
    connections_.backend_.SetUp(session);
    connections_.broken_[position_] = false;
    opening_ = false;
  }
  void StartTransaction(soci::session& session) {
    session.begin();
    connections_.backend_.Begun(session);
  }

  SqlConnections& connections_;
  size_t position_ = 0;
  bool leased_ = false;
  bool opening_ = false;
};

absl::StatusOr<std::vector<SqlRow>> SqlReader::Select(const SqlSelect& select,
                                                      const SqlBounds& bounds) {
  // Every value is read as text: SOCI's own guess of a type would cut large numbers.
  SqlRow cells(select.columns);
  std::vector<soci::indicator> indicators(select.columns, soci::i_ok);
  SqlStatementText text = SeparateParameters(select.text);
  soci::statement statement(session_);
  for (size_t i = 0; i < select.columns; ++i) {
    statement.exchange(soci::into(cells[i], indicators[i]));
  }
  soci::indicator null = soci::i_null;
  const std::string nothing;
  for (const auto& [alias, name] : text.parameters) {
    const auto given = select.values.find(name);
    if (given == select.values.end()) {
      statement.exchange(soci::use(nothing, null, alias));
    } else {
      statement.exchange(soci::use(given->second, alias));
    }
  }
  statement.alloc();
  // One more than allowed, to see that there are more.
  backend_.Bound(statement, bounds.rows + 1);
  statement.prepare(backend_.Limited(text.text, bounds.rows + 1));
  statement.define_and_bind();
  statement.execute();
  std::vector<SqlRow> rows;
  while (statement.fetch()) {
    if (rows.size() >= bounds.rows) return absl::OutOfRangeError("more rows than allowed");
    for (size_t i = 0; i < select.columns; ++i) {
      if (indicators[i] == soci::i_null) cells[i].clear();
      if (cells[i].size() > *bounds.bytes_left ||
          (!cells[i].empty() && backend_.MayBeCut(statement, i, cells[i].size()))) {
        return absl::ResourceExhaustedError("more bytes than allowed");
      }
      *bounds.bytes_left -= cells[i].size();
    }
    rows.push_back(cells);
  }
  return rows;
}

SqlConnections::SqlConnections(std::string name, const SqlBackend& backend, size_t connections,
                               Timer* timer)
    : name_(std::move(name)),
      backend_(backend),
      timer_(timer),
      pool_(connections),
      broken_(connections, false) {}

absl::StatusOr<std::unique_ptr<SqlConnections>> SqlConnections::Open(std::string name,
                                                                     const std::string& connection,
                                                                     size_t connections,
                                                                     Timer* timer) {
  const SqlBackend* backend = SqlBackend::Of(connection);
  if (backend == nullptr) {
    return absl::InvalidArgumentError(
        "is none of sqlite3://, postgresql:// and odbc:// and what SOCI wants behind it");
  }
  auto result = absl::WrapUnique(new SqlConnections(std::move(name), *backend, connections, timer));
  try {
    for (size_t i = 0; i < connections; ++i) {
      SocketDeadline deadline(timer, kSqlRead);
      soci::session& session = result->pool_.at(i);
      session.open(backend->Bounded(connection));
      deadline.Watch(backend->Socket(session));
      backend->SetUp(session);
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
  SocketDeadline deadline(timer_, kSqlRead);
  try {
    soci::session& session = lease.Begin(deadline);
    SqlReader reader(session, backend_);
    absl::Status status = read(reader);
    session.rollback();
    return status;
  } catch (const std::exception& error) {
    const bool lost = lease.IsLost(error);
    lease.Abandon();
    // Neither the text nor a value: both can name a person.
    if (deadline.expired() || backend_.TookTooLong(error)) {
      LOG(ERROR) << "register " << name_ << ": the database took too long";
      return DependencyUnavailable("register");
    }
    LOG(ERROR) << "register " << name_ << ": "
               << (lost ? "the connection is lost" : "a query failed");
    return lost ? DependencyUnavailable("register") : InternalFault("a query failed");
  }
}

std::optional<std::string> SqlConnections::Objection(const SqlSelect& select) {
  Lease lease(*this);
  if (!lease.leased()) return "no connection is free";
  SocketDeadline deadline(timer_, kSqlRead);
  try {
    soci::session& session = lease.Begin(deadline);
    SqlReader reader(session, backend_);
    uint64_t bytes = limits::kDocumentBytesMax;
    const auto rows = reader.Select({select.text, select.columns, {}}, SqlBounds{1, &bytes});
    // How many rows there are says nothing.
    (void)rows;
    session.rollback();
    return std::nullopt;
  } catch (const std::exception& error) {
    lease.Abandon();
    return Reason(error);
  }
}

}  // namespace naru
