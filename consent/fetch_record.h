#ifndef NARU_CONSENT_FETCH_RECORD_H_
#define NARU_CONSENT_FETCH_RECORD_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/ids.h"
#include "consent/change.h"
#include "consent/consent_rows.h"
#include "consent/person_directory.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/ledger_entry.pb.h"

// The rows of a fetch and of the consent it is under, and the entries made about them. Plain
// functions; to be called in judges, and on rows that are durable.
namespace naru {

// A fetch and its consent.
struct FetchRecord {
  StoredConsent consent;
  storage::v1::FetchRow fetch;
};

// Who acts and in which case, as entries say it.
struct FetchActor {
  std::string caller;
  v1::CaseContext case_context;
  // Empty without case.
  std::string case_hash;
};

// nullopt when there is none, DATA_LOSS when it cannot be read.
absl::StatusOr<std::optional<storage::v1::FetchRow>> ReadFetchRow(const Reader& rows,
                                                                  const FetchId& fetch);
// All of a fetch. DATA_LOSS when it has no row: it was admitted. NOT_FOUND when the consent's
// person was erased.
absl::StatusOr<FetchRecord> ReadFetchRecord(const Reader& rows, const PersonDirectory& directory,
                                            const FetchId& fetch);

// The paper of that number; nullptr when there is none.
const storage::v1::PaperRow* FindPaper(const storage::v1::ConsentRow& consent, uint32_t paper_id);
storage::v1::PaperRow* FindPaper(storage::v1::ConsentRow& consent, uint32_t paper_id);
const v1::Paper* FindPaper(const storage::v1::ConsentPrivate& consent, uint32_t paper_id);

// Draft of an entry about the fetch, with the official's case in its details and listed under the
// case. `state` is the consent's after the entry.
EntryDraft DraftFetchEntry(const FetchRecord& record, const FetchActor& actor, v1::EntryKind kind,
                           v1::ConsentState state);
// The same about one paper of it.
EntryDraft DraftPaperEntry(const FetchRecord& record, const storage::v1::FetchedPaperRow& paper,
                           const FetchActor& actor, v1::EntryKind kind, v1::ConsentState state);

// Writes consent, check row and fetch as `record` has them; `last_entry` is the index of the
// verdict's last entry.
void PutFetchRecord(FetchRecord record, uint64_t last_entry, Verdict* verdict);

}  // namespace naru

#endif  // NARU_CONSENT_FETCH_RECORD_H_
