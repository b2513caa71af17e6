#ifndef NARU_ADAPTERS_HOLDER_SQL_BACKEND_H_
#define NARU_ADAPTERS_HOLDER_SQL_BACKEND_H_

#include <soci/soci.h>

#include <cstddef>
#include <exception>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace naru {

// A statement that takes longer is ended by the database, where it can do that.
inline constexpr absl::Duration kSqlStatement = absl::Seconds(4);
// For a connection to be made.
inline constexpr absl::Duration kSqlConnect = absl::Seconds(3);

// What differs between the databases that SOCI reaches: how a connection is made read-only and
// bounded, and how what it gives is read whole. Immutable and thread-safe; methods with a session
// are for the one who has it, and throw what SOCI throws.
class SqlBackend {
 public:
  virtual ~SqlBackend() = default;

  // The backend of a connection string by its scheme, or nullptr when there is none for it. The
  // first call makes all of them known to SOCI.
  static const SqlBackend* Of(absl::string_view connection);

  // The connection string with what bounds it.
  virtual std::string Bounded(const std::string& connection) const = 0;
  // Makes a session that was just opened read-only.
  virtual void SetUp(soci::session& session) const = 0;
  // After a transaction began. Fails when the connection is lost.
  virtual void Begun(soci::session& /*session*/) const {}
  // Ends the transaction of a session that failed, as well as can be: nothing is thrown.
  virtual void Abandon(soci::session& session) const;
  // The type that columns are read as; empty for their own.
  virtual absl::string_view text_type() const { return ""; }
  // A select that gives no more than `rows`, so that not more than those are held.
  virtual std::string Limited(const std::string& select, size_t rows) const = 0;
  // Bounds a statement that was allocated and not yet prepared.
  virtual void Bound(soci::statement& /*statement*/, size_t /*rows*/) const {}
  // Whether a value of this many bytes may be the beginning of a longer one.
  virtual bool MayBeCut(soci::statement& /*statement*/, size_t /*column*/, size_t /*size*/) const {
    return false;
  }
  // Whether a statement was ended for the time it took.
  virtual bool TookTooLong(const std::exception& /*error*/) const { return false; }
  // The session's socket, or -1.
  virtual int Socket(soci::session& /*session*/) const { return -1; }
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_SQL_BACKEND_H_
