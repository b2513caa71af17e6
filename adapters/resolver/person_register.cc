#include "adapters/resolver/person_register.h"

#include <glog/logging.h>

#include <algorithm>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"

namespace naru {
namespace {

using identity::v1::NumberKind;

// A row has a CI, a name and little else.
constexpr uint64_t kRowBytes = 4096;

constexpr char kContactQuery[] = "SELECT contact_ref FROM person WHERE ci = :ci";
constexpr char kResidentQuery[] = "SELECT rrn FROM person WHERE ci = :ci";
constexpr char kResidentPersonQuery[] = "SELECT ci FROM person WHERE rrn = :number";
// An agency's numbers are unique at that agency only.
constexpr char kNumberQuery[] =
    "SELECT number FROM holder_number "
    "WHERE ci = :ci AND agency_code = :agency AND kind = :kind";
constexpr char kNumberPersonQuery[] =
    "SELECT ci FROM holder_number "
    "WHERE number = :number AND agency_code = :agency AND kind = :kind";

// By the number alone: the name is compared here, so that nothing tells a wrong name from a wrong
// number.
const char* ShownQuery(ShownNumber shown) {
  switch (shown) {
    case ShownNumber::kResident:
      return "SELECT ci, name FROM person WHERE rrn = :number";
    case ShownNumber::kPassport:
      return "SELECT ci, name FROM person WHERE passport_no = :number";
    case ShownNumber::kLicence:
      return "SELECT ci, name FROM person WHERE licence_no = :number";
  }
  LOG(FATAL) << "no number is shown so";
  return nullptr;
}

// The register's name of a kind; empty for resident numbers, which belong to no agency.
std::string RegisterKind(NumberKind kind) {
  switch (kind) {
    case identity::v1::NUMBER_KIND_PENSION:
      return "NPS_SUBSCRIBER_NO";
    case identity::v1::NUMBER_KIND_HEALTH_INSURANCE:
      return "NHIS_INSURED_NO";
    case identity::v1::NUMBER_KIND_NATIONAL_TAX:
      return "NTS_TAXPAYER_NO";
    case identity::v1::NUMBER_KIND_LOCAL_TAX:
      return "LOCAL_TAXPAYER_NO";
    case identity::v1::NUMBER_KIND_WORK_INSURANCE:
      return "COMWEL_INSURED_NO";
    default:
      return "";
  }
}

// What the broker takes as a contact_ref.
bool IsContactRef(absl::string_view text) {
  return text.size() <= static_cast<size_t>(limits::kShortText) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
         });
}

std::optional<std::string> FirstColumn(std::optional<SqlRow> row) {
  if (!row.has_value() || row->front().empty()) return std::nullopt;
  return std::move(row->front());
}

// Never the value.
absl::Status Impossible(absl::string_view what) {
  LOG(ERROR) << "the register of persons holds what cannot be: " << what;
  return InternalFault("the register of persons holds what cannot be");
}

}  // namespace

absl::StatusOr<std::unique_ptr<PersonRegister>> PersonRegister::Open(
    const std::string& connection) {
  ABSL_ASSIGN_OR_RETURN(auto connections,
                        SqlConnections::Open("persons", connection, limits::kResolverConnections));
  auto result = absl::WrapUnique(new PersonRegister(std::move(connections)));
  ABSL_RETURN_IF_ERROR(result->CheckQueries());
  return result;
}

absl::Status PersonRegister::CheckQueries() {
  const std::map<std::string, std::string> number = {{"number", "0"}};
  const std::map<std::string, std::string> ci = {{"ci", "0"}};
  const std::map<std::string, std::string> agency = {{"agency", "0"}, {"kind", "0"}};
  auto with = [&agency](std::map<std::string, std::string> values) {
    values.insert(agency.begin(), agency.end());
    return values;
  };
  const std::vector<SqlSelect> selects = {
      {ShownQuery(ShownNumber::kResident), 2, number},
      {ShownQuery(ShownNumber::kPassport), 2, number},
      {ShownQuery(ShownNumber::kLicence), 2, number},
      {kContactQuery, 1, ci},
      {kResidentQuery, 1, ci},
      {kResidentPersonQuery, 1, number},
      {kNumberQuery, 1, with(ci)},
      {kNumberPersonQuery, 1, with(number)},
  };
  for (const SqlSelect& select : selects) {
    if (const std::optional<std::string> objection = connections_->Objection(select)) {
      return absl::FailedPreconditionError(absl::StrCat("not a register of persons: ", *objection));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SqlRow>> PersonRegister::ReadRow(
    absl::string_view query, size_t columns, std::map<std::string, std::string> values) {
  const SqlSelect select = {std::string(query), columns, std::move(values)};
  std::optional<SqlRow> row;
  ABSL_RETURN_IF_ERROR(connections_->Read([&](SqlReader& reader) -> absl::Status {
    uint64_t bytes = kRowBytes;
    absl::StatusOr<std::vector<SqlRow>> rows = reader.Select(select, SqlBounds{1, &bytes});
    // Two persons with one number: nobody can say which is meant.
    if (!rows.ok()) return Impossible("more than one row for a number");
    if (!rows->empty()) row = std::move(rows->front());
    return absl::OkStatus();
  }));
  return row;
}

absl::StatusOr<std::optional<std::string>> PersonRegister::FindShown(ShownNumber shown,
                                                                     const std::string& number,
                                                                     absl::string_view name) {
  ABSL_ASSIGN_OR_RETURN(std::optional<SqlRow> row,
                        ReadRow(ShownQuery(shown), 2, {{"number", number}}));
  if (!row.has_value() || (*row)[1] != name) return std::optional<std::string>();
  return FirstColumn(std::move(row));
}

absl::StatusOr<std::string> PersonRegister::ContactOf(const std::string& ci) {
  ABSL_ASSIGN_OR_RETURN(std::optional<SqlRow> row, ReadRow(kContactQuery, 1, {{"ci", ci}}));
  std::string contact = FirstColumn(std::move(row)).value_or("");
  if (!IsContactRef(contact)) return Impossible("a contact reference of another form");
  return contact;
}

absl::StatusOr<std::optional<std::string>> PersonRegister::NumberOf(NumberKind kind,
                                                                    const std::string& agency,
                                                                    const std::string& ci) {
  absl::StatusOr<std::optional<SqlRow>> row =
      kind == identity::v1::NUMBER_KIND_RESIDENT
          ? ReadRow(kResidentQuery, 1, {{"ci", ci}})
          : ReadRow(kNumberQuery, 1,
                    {{"ci", ci}, {"agency", agency}, {"kind", RegisterKind(kind)}});
  ABSL_RETURN_IF_ERROR(row.status());
  return FirstColumn(*std::move(row));
}

absl::StatusOr<std::optional<std::string>> PersonRegister::PersonOf(NumberKind kind,
                                                                    const std::string& agency,
                                                                    const std::string& number) {
  absl::StatusOr<std::optional<SqlRow>> row =
      kind == identity::v1::NUMBER_KIND_RESIDENT
          ? ReadRow(kResidentPersonQuery, 1, {{"number", number}})
          : ReadRow(kNumberPersonQuery, 1,
                    {{"number", number}, {"agency", agency}, {"kind", RegisterKind(kind)}});
  ABSL_RETURN_IF_ERROR(row.status());
  return FirstColumn(*std::move(row));
}

}  // namespace naru
