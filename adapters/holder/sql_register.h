#ifndef NARU_ADAPTERS_HOLDER_SQL_REGISTER_H_
#define NARU_ADAPTERS_HOLDER_SQL_REGISTER_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/record.h"
#include "adapters/holder/sql_connections.h"
#include "naru/config/v1/config.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// What is looked for in a register.
struct RecordQuery {
  v1::Subject subject;
  v1::Subject person;
  std::vector<v1::Parameter> parameters;
  std::set<std::string> approved_fields;
  uint64_t max_bytes = 0;  // Of all values together.
};

// Makes records of the kinds that one database serves, as configured. Reads the subject, the person
// and the columns of approved fields, nothing else; all selects of a record see one state of the
// database. Thread-safe; calls block.
class SqlRegister {
 public:
  // `config` has been checked (holder_config.h). Errors as SqlConnections::Open.
  static absl::StatusOr<std::unique_ptr<SqlRegister>> Open(const config::v1::SqlRegister& config);

  // The kind's configuration, or nullptr.
  const config::v1::SqlDocument* FindDocument(absl::string_view kind) const;

  // The one record of `kind`, which this register serves, or nullopt when there is none.
  // INVALID_ARGUMENT when the parameters are not those of the kind, or (field "max_size_bytes")
  // when the record has more than max_bytes. INTERNAL when the register contradicts its
  // configuration: several rows for one record, a list longer than allowed, a list about somebody
  // else, a field that differs where it must not. Else as SqlConnections::Read.
  absl::StatusOr<std::optional<Record>> Find(absl::string_view kind, const RecordQuery& query);

  // What is wrong with a query of the configuration: `column` when it is one column, else the query
  // as a whole. nullopt when the database takes it.
  struct Objection {
    std::string column;
    std::string what;
  };
  std::optional<Objection> Try(const std::string& query, const std::vector<std::string>& columns,
                               const std::vector<std::string>& order_by);

  size_t connections() const { return connections_->size(); }

 private:
  class Finder;

  SqlRegister(const config::v1::SqlRegister& config, std::unique_ptr<SqlConnections> connections);

  const config::v1::SqlRegister config_;
  const std::unique_ptr<SqlConnections> connections_;
  std::map<std::string, const config::v1::SqlDocument*, std::less<>> documents_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_SQL_REGISTER_H_
