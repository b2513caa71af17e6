#ifndef NARU_CONSENT_ENTRY_WRITER_H_
#define NARU_CONSENT_ENTRY_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/random.h"
#include "consent/change.h"
#include "consent/journal_overlay.h"

namespace naru {

// Makes a draft into a ledger entry: gives it time, person's number and salts, seals what is
// personal, and writes the rows of the entry. Not thread-safe.
//
// The rows: the record; the person's SubjectRow with the new number and a history row; a history
// row of the case; the message for the person's contact.
class EntryWriter {
 public:
  // `random` must outlive the writer.
  EntryWriter(Random* random, uint16_t ledger) : random_(random), ledger_(ledger) {}

  struct Written {
    CommittedEntry entry;  // Without path.
    std::string leaf_data;
  };
  // Writes the rows of the entry with this index into `rows`, which also is where the person's last
  // number is read. INTERNAL for a draft that breaks its rules (no kind, a person without row,
  // details without key, ...), DATA_LOSS for a SubjectRow that cannot be read; `rows` then holds a
  // part and must be dropped.
  absl::StatusOr<Written> Write(const EntryDraft& draft, uint64_t index, absl::Time time,
                                JournalOverlay& rows) const;

 private:
  absl::StatusOr<uint64_t> TakeNumber(const SubjectId& subject, JournalOverlay& rows) const;
  storage::v1::Sealed Seal(const std::string& data_key, const std::string& plain,
                           const std::string& row_key) const;

  Random* const random_;
  const uint16_t ledger_;
};

// The details of a record, opened and checked against the digest in its inner part. `record_key` is
// keys::Record of the entry. DATA_LOSS unless this key and these bytes belong to the record. Empty
// when the record has no details.
absl::StatusOr<std::string> OpenDetails(const storage::v1::RecordRow& record,
                                        const std::string& record_key, const std::string& data_key);

}  // namespace naru

#endif  // NARU_CONSENT_ENTRY_WRITER_H_
