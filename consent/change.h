#ifndef NARU_CONSENT_CHANGE_H_
#define NARU_CONSENT_CHANGE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/ids.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/ledger_entry.pb.h"

// What the journal takes and gives: a change, its verdict with drafts of ledger entries, and the
// entries once they are durable. Plain values.
namespace naru {

// One ledger entry before it has an index. The journal sets outer.time, salts, the person's number
// and the index.
struct EntryDraft {
  v1::OuterEntry outer;
  // About whom; nullopt for entries about no person. The subject's row must be there, or among the
  // verdict's writes with last_number 0; its id must be among the change's locks unless the verdict
  // writes that row.
  std::optional<SubjectId> subject;
  // False only for CHECKS entries: no number, outside the person's order (P2).
  bool in_person_order = true;
  // Serialized storage.v1.Details; empty for none. Needs data_key.
  std::string details;
  // The person's data key, 32 bytes; for details and message.
  std::string data_key;
  // Keyed hash of the case (PersonDirectory::CaseHash); empty for none. The entry is then listed
  // under the case, in the subject's shard.
  std::string case_hash;
  // A message for the person's contact, written in the same commit; needs data_key.
  std::optional<storage::v1::OutboxMessage> message;
  absl::Time message_expire;
};

// What a change decided. Nothing at all is a verdict too: the caller then gets a Committed without
// entries, once what the verdict was judged against is durable. Rows are put only with an entry
// that says so; deleting alone (forgetting used nonces, old requests, delivered messages) needs
// none.
struct Verdict {
  std::vector<Writes::Write> writes;
  std::vector<EntryDraft> entries;
};

// What a change may look at beside the rows.
struct JudgeContext {
  // Time of the group; never goes back. Every rule about time uses it.
  absl::Time now;
  // Index the change's first entry will get; the following ones count on.
  uint64_t next_index = 0;
};

// A change. `judge` is pure (may be called again with another state and time) and must not block:
// it gets the rows as the earlier changes of the group left them. A status other than OK: the
// change has no effect and its caller gets the status. A refusal that must be entered is a verdict
// with a REFUSED entry, not a status.
struct Change {
  // Subject ids, look-up hashes and request hashes it reads or writes rows of.
  std::vector<std::string> locks;
  std::function<absl::StatusOr<Verdict>(const Reader& rows, const JudgeContext& context)> judge;
};

// An entry that is durable.
struct CommittedEntry {
  uint64_t index = 0;
  v1::OuterEntry outer;
  std::string outer_bytes;
  std::string outer_salt;
  std::string inner_hash;
  uint64_t person_number = 0;
  // Audit path at tree_size.
  std::vector<std::string> inclusion_path;
};

// A change that is durable.
struct Committed {
  std::vector<CommittedEntry> entries;
  // The group's tree and its signed checkpoint.
  uint64_t tree_size = 0;
  std::string checkpoint;
  absl::Time time;
};

}  // namespace naru

#endif  // NARU_CONSENT_CHANGE_H_
