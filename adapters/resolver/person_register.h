#ifndef NARU_ADAPTERS_RESOLVER_PERSON_REGISTER_H_
#define NARU_ADAPTERS_RESOLVER_PERSON_REGISTER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/sql_connections.h"
#include "naru/identity/v1/identity_service.pb.h"

namespace naru {

// The number on what a person shows.
enum class ShownNumber { kResident, kPassport, kLicence };

// The database of persons, only ever read: table person (ci, rrn, name, contact_ref, passport_no,
// licence_no) and view holder_number (agency_code, kind, number, ci). Calls block; keep them off
// the threads of gRPC. UNAVAILABLE when the database is not there or all connections are busy,
// INTERNAL when it refuses or what it holds cannot be. Thread-safe.
class PersonRegister {
 public:
  // `connection` is a SOCI connection string. INVALID_ARGUMENT for a backend that is not there;
  // FAILED_PRECONDITION when the database cannot be opened or lacks a table or column.
  static absl::StatusOr<std::unique_ptr<PersonRegister>> Open(const std::string& connection);

  // The CI of the person with this number and exactly this name; nullopt when there is none. A
  // wrong number and a wrong name take the same way.
  absl::StatusOr<std::optional<std::string>> FindShown(ShownNumber shown, const std::string& number,
                                                       absl::string_view name);
  // The opaque reference of a person's contact; empty when there is no contact or no person.
  absl::StatusOr<std::string> ContactOf(const std::string& ci);
  // A person's number of a kind at an agency, and back; nullopt when there is none.
  absl::StatusOr<std::optional<std::string>> NumberOf(identity::v1::NumberKind kind,
                                                      const std::string& agency,
                                                      const std::string& ci);
  absl::StatusOr<std::optional<std::string>> PersonOf(identity::v1::NumberKind kind,
                                                      const std::string& agency,
                                                      const std::string& number);

  // Calls that can be served at once.
  size_t connections() const { return connections_->size(); }

 private:
  explicit PersonRegister(std::unique_ptr<SqlConnections> connections)
      : connections_(std::move(connections)) {}

  absl::Status CheckQueries();
  absl::StatusOr<std::optional<SqlRow>> ReadRow(absl::string_view query, size_t columns,
                                                std::map<std::string, std::string> values);

  const std::unique_ptr<SqlConnections> connections_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_RESOLVER_PERSON_REGISTER_H_
