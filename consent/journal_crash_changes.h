#ifndef NARU_CONSENT_JOURNAL_CRASH_CHANGES_H_
#define NARU_CONSENT_JOURNAL_CRASH_CHANGES_H_

#include <memory>
#include <string>
#include <vector>

#include "broker/proof/checkpoint.h"
#include "consent/change.h"
#include "consent/store/rocksdb_store.h"

// What journal_crash_test and the process that it kills must agree on.
namespace naru::journal_crash {

// The same keys in both processes, of no use anywhere else.
std::unique_ptr<CheckpointSigner> Signer();

RocksDbStore::Options StoreOptions(const std::string& directory);

// A few persons, so that their entries share groups.
std::vector<SubjectId> Subjects();

// Key of a row that counts a subject's entries beside the journal's own number.
std::string CountKey(const SubjectId& subject);

// A change about the subject: one entry with sealed details, and one more in CountKey's row. Makes
// the subject's row if it is not there.
Change Count(const SubjectId& subject);

}  // namespace naru::journal_crash

#endif  // NARU_CONSENT_JOURNAL_CRASH_CHANGES_H_
