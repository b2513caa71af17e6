#ifndef NARU_CONSENT_CATALOG_POLICY_ROWS_H_
#define NARU_CONSENT_CATALOG_POLICY_ROWS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/ledger_entry.pb.h"

// The rows of the policy beside the catalogue. DATA_LOSS when one cannot be read.
namespace naru {

// Suspended approvals by id, and since when.
using SuspendedApprovals = std::map<std::string, absl::Time, std::less<>>;

// nullopt when the approval was never suspended, or its suspension was lifted.
absl::StatusOr<std::optional<storage::v1::ApprovalRow>> ReadApproval(const Reader& rows,
                                                                     absl::string_view id);

absl::StatusOr<SuspendedApprovals> ReadSuspendedApprovals(const Reader& rows);

// The entry that an earlier request caused, as it is durable.
absl::StatusOr<v1::OuterEntry> ReadPolicyEntry(const Reader& rows, uint64_t index);

// PolicyRow.sha256: over the catalogue's digest and the suspended approvals in order, each id ended
// by a NUL, which no id has inside.
std::string PolicyDigest(absl::string_view catalogue_sha256, const SuspendedApprovals& suspended);

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_POLICY_ROWS_H_
