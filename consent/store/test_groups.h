#ifndef NARU_CONSENT_STORE_TEST_GROUPS_H_
#define NARU_CONSENT_STORE_TEST_GROUPS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/store/store.h"

// Updates as the journal makes them, with content that follows from their number: so a test can
// tell from a store alone how many groups it has, and that it has nothing else, half or twice.
namespace naru::test_groups {

// What group `group` (from 1) writes: new rows in every table, one row replaced and one deleted,
// the ledger's head row.
Writes GroupWrites(uint64_t group);

// The ledger's head after so many groups.
LedgerHead HeadAfter(uint64_t groups);

// The group that brought the ledger to this head. NOT_FOUND when none of the first `groups` did.
absl::StatusOr<uint64_t> GroupOfHead(const LedgerHead& head, uint64_t groups);

// Writes the next group and gives its number.
absl::StatusOr<uint64_t> WriteNextGroup(Store& store);

// The ledger's head row, keys::Head(0); size 0 without row.
absl::StatusOr<LedgerHead> StoredHead(const Reader& store);

// How many groups the store has, by its own word.
absl::StatusOr<uint64_t> CountGroups(const Reader& store);

// OK when every table is exactly as `groups` whole groups leave it. DATA_LOSS names the first row
// that is not.
absl::Status CheckGroups(const Reader& store, uint64_t groups);

}  // namespace naru::test_groups

#endif  // NARU_CONSENT_STORE_TEST_GROUPS_H_
