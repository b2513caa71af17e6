#include "consent/catalog/policy_rows.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using storage::v1::ApprovalRow;

constexpr absl::string_view kNul("\0", 1);

absl::StatusOr<ApprovalRow> ParseApproval(const std::string& value) {
  ApprovalRow row;
  if (!row.ParseFromString(value)) return DataDamaged("the row of an approval cannot be read");
  return row;
}

// The ledger that an embedded store has.
constexpr uint16_t kLedger = 0;

}  // namespace

absl::StatusOr<std::optional<ApprovalRow>> ReadApproval(const Reader& rows, absl::string_view id) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        rows.Get(Table::kMeta, keys::Approval(id)));
  if (!value.has_value()) return std::optional<ApprovalRow>();
  ABSL_ASSIGN_OR_RETURN(ApprovalRow row, ParseApproval(*value));
  return std::optional<ApprovalRow>(std::move(row));
}

absl::StatusOr<SuspendedApprovals> ReadSuspendedApprovals(const Reader& rows) {
  SuspendedApprovals suspended;
  auto [from, to] = keys::Approvals();
  const size_t prefix = from.size();
  while (true) {
    ABSL_ASSIGN_OR_RETURN(const std::vector<Row> page,
                          rows.Scan(Table::kMeta, from, to, kScanRows));
    for (const Row& row : page) {
      ABSL_ASSIGN_OR_RETURN(const ApprovalRow approval, ParseApproval(row.value));
      if (approval.suspended()) {
        suspended[row.key.substr(prefix)] = absl::FromUnixMicros(approval.since_us());
      }
    }
    if (page.size() < static_cast<size_t>(kScanRows)) return suspended;
    from = absl::StrCat(page.back().key, kNul);
  }
}

std::string PolicyDigest(absl::string_view catalogue_sha256, const SuspendedApprovals& suspended) {
  std::string ids;
  for (const auto& [id, since] : suspended) absl::StrAppend(&ids, id, kNul);
  return crypto::Sha256({catalogue_sha256, ids});
}

absl::StatusOr<v1::OuterEntry> ReadPolicyEntry(const Reader& rows, uint64_t index) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        rows.Get(Table::kLedger, keys::Record(kLedger, index)));
  storage::v1::RecordRow record;
  v1::OuterEntry outer;
  if (!value.has_value() || !record.ParseFromString(*value) ||
      !outer.ParseFromString(record.outer())) {
    return DataDamaged("the entry of an earlier request cannot be read");
  }
  return outer;
}

}  // namespace naru
