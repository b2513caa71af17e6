#ifndef NARU_CONSENT_STORE_KEYS_H_
#define NARU_CONSENT_STORE_KEYS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "broker/base/ids.h"

// Every key of every table. Part of the format on disk: never change. Integers are big-endian, so
// that order of bytes is order of numbers.
//
//   kRows    shard(2) 'S' subject(16)                      SubjectRow
//            shard(2) 'C' consent(16)                      ConsentRow
//            shard(2) 'F' fetch(16)                        FetchRow
//            shard(2) 'R' sha256(caller NUL request_id)    RequestRow   (shard: first ten bits of
//            the hash) shard(2) 'N' subject(16) nonce hash(32)       UsedNonceRow shard(2) 'P'
//            subject(16) requester NUL affair NUL ~open_time_us(8) consent(16)   (empty) newest
//            first shard(2) 'L' subject(16) ~index(8)            HistoryRow   newest first shard(2)
//            'K' case hash(32) ~index(8)          HistoryRow   newest first, in the subject's shard
//            shard(2) 'E' valid_until_us(8) consent(16)    (empty) for the sweep
//            shard(2) 'A' requester NUL final(1) ~open_time_us(8) consent(16)   (empty) those that
//            are not final first, newest first
//   kChecks  shard(2) consent(16)                          CheckRow
//   kKeys    shard(2) 'L' lookup(32)                       LookupRow
//            shard(2) 'D' subject(16)                      KeyRow
//   kLedger  ledger(2) 'E' index(8)                        RecordRow
//            ledger(2) 'T' level(1) index(8)               node hash, 32 bytes; level 0 is leaf
//            hashes ledger(2) 'O' index(8)                        OutboxRow
//   kMeta    "policy"                                      PolicyRow
//            "catalogue"                                   CatalogueRow
//            "approval/" id                                ApprovalRow
//            "ledger/" ledger(2)                           LedgerHeadRow
//
// Subjects, hashes and ids have a fixed length. A requester, an affair and an approval id are codes
// of the catalogue and have no NUL inside. Times are not before 1970.
namespace naru::keys {

// kRows
std::string Subject(const SubjectId& subject);
std::string Consent(const ConsentId& consent);
std::string Fetch(const FetchId& fetch);
// `request_hash` is RequestHash.
std::string RequestHash(absl::string_view caller, absl::string_view request_id);
std::string Request(absl::string_view request_hash);
// [first, second) holds the requests after this one in its shard.
std::pair<std::string, std::string> RequestsAfter(absl::string_view request_hash);
std::string UsedNonce(const SubjectId& subject, absl::string_view nonce_hash);
// [first, second) holds every used nonce of the subject.
std::pair<std::string, std::string> UsedNonces(const SubjectId& subject);
std::string PersonConsent(const SubjectId& subject, absl::string_view requester,
                          absl::string_view affair, int64_t open_time_us, const ConsentId& consent);
// [first, second) holds every consent of the person for that requester and affair, newest first.
std::pair<std::string, std::string> PersonConsents(const SubjectId& subject,
                                                   absl::string_view requester,
                                                   absl::string_view affair);
// Consent id at the end of a PersonConsent key; empty when `key` is none.
ConsentId ConsentOfPersonKey(absl::string_view key);
std::string PersonHistory(const SubjectId& subject, uint64_t index);
std::pair<std::string, std::string> PersonHistoryAll(const SubjectId& subject);
std::string CaseHistory(uint16_t shard, absl::string_view case_hash, uint64_t index);
std::pair<std::string, std::string> CaseHistoryAll(uint16_t shard, absl::string_view case_hash);
std::string Expiry(const ConsentId& consent, int64_t valid_until_us);
// [first, second) holds every consent of the shard that ended before `before_us`, the earliest end
// first.
std::pair<std::string, std::string> ExpiriesBefore(uint16_t shard, int64_t before_us);
// Consent id at the end of an Expiry key; empty when `key` is none.
ConsentId ConsentOfExpiryKey(absl::string_view key);

// Moved when the consent becomes final: those that still can change are found without the rest.
std::string AgencyConsent(absl::string_view requester, bool final, int64_t open_time_us,
                          const ConsentId& consent);
// [first, second) holds the agency's consents of the shard: those that are not final, or those that
// are.
std::pair<std::string, std::string> AgencyConsents(uint16_t shard, absl::string_view requester,
                                                   bool final);
// Consent id at the end of an AgencyConsent key; empty when `key` is none.
ConsentId ConsentOfAgencyKey(absl::string_view key);
// [first, second) holds every PersonConsent key of the person, by requester and affair.
std::pair<std::string, std::string> PersonConsentsAll(const SubjectId& subject);
// When the consent was opened, which a PersonConsent or AgencyConsent key says; -1 when `key` is
// neither.
int64_t OpenTimeOfKey(absl::string_view key);

// kChecks
std::string Check(const ConsentId& consent);

// kKeys
// `lookup` is a keyed hash of 32 bytes; its row lies in the shard its first ten bits name.
std::string Lookup(absl::string_view lookup);
// The same for a hash that was wrapped when the pepper changed: the row stays in `shard`, which the
// innermost hash names.
std::string Lookup(uint16_t shard, absl::string_view lookup);
std::string DataKey(const SubjectId& subject);

// kLedger; there is one ledger (0) on an embedded store.
std::string Record(uint16_t ledger, uint64_t index);
std::string Node(uint16_t ledger, int level, uint64_t index);
std::string Outbox(uint16_t ledger, uint64_t index);
std::pair<std::string, std::string> OutboxFrom(uint16_t ledger, uint64_t index);
uint64_t IndexOfOutboxKey(absl::string_view key);

// kMeta
std::string Policy();
std::string Catalogue();
std::string Approval(absl::string_view approval_id);
std::pair<std::string, std::string> Approvals();
std::string Head(uint16_t ledger);

// The smallest string greater than every string that begins with `prefix` (whose bytes are not all
// 0xff).
std::string PrefixEnd(std::string prefix);

}  // namespace naru::keys

#endif  // NARU_CONSENT_STORE_KEYS_H_
