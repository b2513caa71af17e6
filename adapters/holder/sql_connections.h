#ifndef NARU_ADAPTERS_HOLDER_SQL_CONNECTIONS_H_
#define NARU_ADAPTERS_HOLDER_SQL_CONNECTIONS_H_

#include <soci/soci.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/socket_deadline.h"
#include "adapters/holder/sql_backend.h"
#include "broker/base/executor.h"

namespace naru {

// For one read as a whole, once there is a connection for it.
inline constexpr absl::Duration kSqlRead = absl::Seconds(8);

// One row, a text a column; empty for NULL.
using SqlRow = std::vector<std::string>;

// One SELECT with its values. Values are bound, never written into the text.
struct SqlSelect {
  std::string text;
  size_t columns = 0;
  std::map<std::string, std::string> values;  // Exactly the parameters that `text` names.
};

// How much may be read; more is a fault and never a part of the rows.
struct SqlBounds {
  size_t rows = 0;
  uint64_t* bytes_left = nullptr;  // Shared by the selects of one document; goes down.
};

// Reads inside one transaction: every select sees the same state of the database. Valid inside
// SqlConnections::Read alone, on its thread.
class SqlReader {
 public:
  // OUT_OF_RANGE when there are more rows, RESOURCE_EXHAUSTED when there are more bytes or a value
  // is longer than can be read whole. Throws what SOCI throws.
  absl::StatusOr<std::vector<SqlRow>> Select(const SqlSelect& select, const SqlBounds& bounds);

 private:
  friend class SqlConnections;
  SqlReader(soci::session& session, const SqlBackend& backend)
      : session_(session), backend_(backend) {}
  soci::session& session_;
  const SqlBackend& backend_;
};

// A bounded number of connections to one database, for reading only. The one place where SOCI's
// exceptions end; neither its texts nor any value is logged or returned. Thread-safe.
class SqlConnections {
 public:
  // `connection` is a SOCI connection string: "sqlite3://", "postgresql://" or "odbc://"; it is
  // opened read-only whatever it says. `name` is for messages. `timer` is SocketDeadline's, for a
  // PostgreSQL server that no longer answers. INVALID_ARGUMENT for
  // another backend; FAILED_PRECONDITION with the database's reason when it cannot be opened.
  static absl::StatusOr<std::unique_ptr<SqlConnections>> Open(std::string name,
                                                              const std::string& connection,
                                                              size_t connections,
                                                              Timer* timer = nullptr);

  // Runs `read` in a transaction on a free connection; blocks. Its status comes back as it is.
  // UNAVAILABLE (OVERLOADED) when no connection becomes free in time, (DEPENDENCY_UNAVAILABLE) when
  // the database is not there or takes too long; INTERNAL when it refuses. A connection that failed
  // is opened anew before its next use, and at once when it was lost before `read` began.
  absl::Status Read(const std::function<absl::Status(SqlReader&)>& read);

  // What the database says against a statement when every value is NULL, or nullopt. For checks of
  // the configuration alone: no person's value is in the text.
  std::optional<std::string> Objection(const SqlSelect& select);

  const std::string& name() const { return name_; }
  // As SqlBackend.
  absl::string_view text_type() const { return backend_.text_type(); }
  size_t size() const { return broken_.size(); }

 private:
  class Lease;

  SqlConnections(std::string name, const SqlBackend& backend, size_t connections, Timer* timer);

  const std::string name_;
  const SqlBackend& backend_;
  Timer* const timer_;
  soci::connection_pool pool_;
  std::vector<char> broken_;  // One a connection, touched by its leaseholder alone.
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_SQL_CONNECTIONS_H_
