#ifndef NARU_CONSENT_CONSENT_ROWS_H_
#define NARU_CONSENT_CONSENT_ROWS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/base/ids.h"
#include "broker/base/random.h"
#include "consent/person_directory.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"

// The rows of a consent: read together, written together, so that the check row and the index rows
// always say what the consent's own row says. Plain functions; to be called in judges, and on rows
// that are durable.
namespace naru {

// A consent as it rests, opened.
struct StoredConsent {
  ConsentId id;
  SubjectId subject;
  storage::v1::ConsentRow row;
  storage::v1::ConsentPrivate details;
  std::string data_key;  // The person's.
};

// nullopt when there is no such consent, or its person was erased. DATA_LOSS when it cannot be
// read.
absl::StatusOr<std::optional<StoredConsent>> ReadConsent(const PersonDirectory& directory,
                                                         const Reader& rows, const ConsentId& id);
// Whose consent it is: what a change must lock. nullopt when there is no such consent.
absl::StatusOr<std::optional<SubjectId>> SubjectOfConsent(const Reader& rows, const ConsentId& id);
absl::StatusOr<std::optional<storage::v1::CheckRow>> ReadCheckRow(const Reader& rows,
                                                                  const ConsentId& id);

// Seals the personal part into the row, whose consent_id is set.
void SealDetails(const storage::v1::ConsentPrivate& details, const std::string& data_key,
                 Random& random, storage::v1::ConsentRow* row);

// What a check reads, as it follows from the consent.
storage::v1::CheckRow MakeCheckRow(const storage::v1::ConsentRow& consent);

// The row that the sweep finds its end by; nullopt when time cannot change it any more.
std::optional<std::string> ExpiryKey(const storage::v1::ConsentRow& consent);

// The consent's row and its check row. For every change, also one of the uses alone.
void PutConsent(const storage::v1::ConsentRow& consent, std::vector<Writes::Write>* writes);
// The same, and the expiry row moved to the present end, or deleted when there is none any more,
// and the agency's index row moved when the consent became final.
void PutConsent(const storage::v1::ConsentRow& before, const storage::v1::ConsentRow& after,
                std::vector<Writes::Write>* writes);
// A new consent: all of its rows.
void PutNewConsent(const storage::v1::ConsentRow& consent, std::vector<Writes::Write>* writes);

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_ROWS_H_
