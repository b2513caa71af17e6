#ifndef NARU_ADAPTERS_HOLDER_SQL_REGISTER_H_
#define NARU_ADAPTERS_HOLDER_SQL_REGISTER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/register.h"
#include "adapters/holder/sql_connections.h"
#include "naru/config/v1/config.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// Makes records of the kinds that one database serves, as configured. Reads the subject, the person
// and the columns of approved fields, nothing else; all selects of a record see one state of the
// database. Thread-safe; calls block.
class SqlRegister final : public Register {
 public:
  // `config` has been checked (holder_config.h). Errors as SqlConnections::Open.
  static absl::StatusOr<std::unique_ptr<SqlRegister>> Open(const config::v1::SqlRegister& config,
                                                           Timer* timer = nullptr);

  const DocumentForm* FindForm(absl::string_view kind) const override;
  absl::StatusOr<std::optional<Record>> Find(absl::string_view kind,
                                             const RecordQuery& query) override;
  size_t connections() const override { return connections_->size(); }

  // What is wrong with a query of the configuration: `column` when it is one column, else the query
  // as a whole. nullopt when the database takes it.
  struct Objection {
    std::string column;
    std::string what;
  };
  std::optional<Objection> Try(const std::string& query, const std::vector<std::string>& columns,
                               const std::vector<std::string>& order_by);

 private:
  class Finder;
  struct Served {
    DocumentForm form;
    const config::v1::SqlDocument* document;
  };

  SqlRegister(const config::v1::SqlRegister& config, std::unique_ptr<SqlConnections> connections);

  const config::v1::SqlRegister config_;
  const std::unique_ptr<SqlConnections> connections_;
  std::map<std::string, Served, std::less<>> documents_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_SQL_REGISTER_H_
