#include "consent/store/keys.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "broker/proof/crypto.h"
#include "consent/store/big_endian.h"
#include "glog/logging.h"

namespace naru::keys {
namespace {

constexpr absl::string_view kNul("\0", 1);
constexpr size_t kLedgerPrefix = 3;  // ledger(2) and the letter.

std::string Shard(uint16_t shard) {
  CHECK_LT(shard, kShards);
  std::string key;
  AppendBigEndian(key, shard);
  return key;
}

// shard(2), letter, then the parts.
template <typename... Parts>
std::string ShardKey(uint16_t shard, char letter, const Parts&... parts) {
  return absl::StrCat(Shard(shard), std::string(1, letter), parts...);
}

std::string LedgerKey(uint16_t ledger, char letter) {
  std::string key;
  AppendBigEndian(key, ledger);
  key.push_back(letter);
  return key;
}

std::string Number(uint64_t value) {
  std::string bytes;
  AppendBigEndian(bytes, value);
  return bytes;
}

// Sorts the largest number first.
std::string Descending(uint64_t value) { return Number(~value); }

absl::string_view Hash(absl::string_view hash) {
  CHECK_EQ(hash.size(), crypto::kHashBytes);
  return hash;
}

std::pair<std::string, std::string> PrefixRange(std::string prefix) {
  std::string end = PrefixEnd(prefix);
  return {std::move(prefix), std::move(end)};
}

std::string PersonConsentPrefix(const SubjectId& subject, absl::string_view requester,
                                absl::string_view affair) {
  return ShardKey(subject.shard(), 'P', subject.bytes(), requester, kNul, affair, kNul);
}

// The consent id that ends a key of the form shard(2) `letter` ... consent(16).
ConsentId ConsentAtEnd(absl::string_view key, char letter, size_t size_at_least) {
  if (key.size() < size_at_least || key[2] != letter) return ConsentId();
  absl::StatusOr<ConsentId> id = ConsentId::FromBytes(key.substr(key.size() - ConsentId::kBytes));
  return id.ok() ? *std::move(id) : ConsentId();
}

}  // namespace

std::string Subject(const SubjectId& subject) {
  return ShardKey(subject.shard(), 'S', subject.bytes());
}

std::string Consent(const ConsentId& consent) {
  return ShardKey(consent.shard(), 'C', consent.bytes());
}

std::string Fetch(const FetchId& fetch) { return ShardKey(fetch.shard(), 'F', fetch.bytes()); }

std::string RequestHash(absl::string_view caller, absl::string_view request_id) {
  return crypto::Sha256({caller, kNul, request_id});
}

std::string Request(absl::string_view request_hash) {
  return ShardKey(ShardOfHash(Hash(request_hash)), 'R', request_hash);
}

std::pair<std::string, std::string> RequestsAfter(absl::string_view request_hash) {
  return {absl::StrCat(Request(request_hash), kNul),
          PrefixEnd(ShardKey(ShardOfHash(Hash(request_hash)), 'R'))};
}

std::string UsedNonce(const SubjectId& subject, absl::string_view nonce_hash) {
  return ShardKey(subject.shard(), 'N', subject.bytes(), Hash(nonce_hash));
}

std::pair<std::string, std::string> UsedNonces(const SubjectId& subject) {
  return PrefixRange(ShardKey(subject.shard(), 'N', subject.bytes()));
}

std::string PersonConsent(const SubjectId& subject, absl::string_view requester,
                          absl::string_view affair, int64_t open_time_us,
                          const ConsentId& consent) {
  return absl::StrCat(PersonConsentPrefix(subject, requester, affair),
                      Descending(static_cast<uint64_t>(open_time_us)), consent.bytes());
}

std::pair<std::string, std::string> PersonConsents(const SubjectId& subject,
                                                   absl::string_view requester,
                                                   absl::string_view affair) {
  return PrefixRange(PersonConsentPrefix(subject, requester, affair));
}

ConsentId ConsentOfPersonKey(absl::string_view key) {
  constexpr size_t kSmallest = 3 + SubjectId::kBytes + 2 + 8 + ConsentId::kBytes;
  return ConsentAtEnd(key, 'P', kSmallest);
}

std::string AgencyConsent(absl::string_view requester, bool final, int64_t open_time_us,
                          const ConsentId& consent) {
  return ShardKey(consent.shard(), 'A', requester, kNul, std::string(1, final ? 1 : 0),
                  Descending(static_cast<uint64_t>(open_time_us)), consent.bytes());
}

std::pair<std::string, std::string> AgencyConsents(uint16_t shard, absl::string_view requester,
                                                   bool final) {
  return PrefixRange(ShardKey(shard, 'A', requester, kNul, std::string(1, final ? 1 : 0)));
}

ConsentId ConsentOfAgencyKey(absl::string_view key) {
  constexpr size_t kSmallest = 3 + 1 + 1 + 8 + ConsentId::kBytes;
  return ConsentAtEnd(key, 'A', kSmallest);
}

std::pair<std::string, std::string> PersonConsentsAll(const SubjectId& subject) {
  return PrefixRange(ShardKey(subject.shard(), 'P', subject.bytes()));
}

int64_t OpenTimeOfKey(absl::string_view key) {
  if (ConsentOfPersonKey(key).empty() && ConsentOfAgencyKey(key).empty()) return -1;
  key.remove_suffix(ConsentId::kBytes);
  uint64_t number = 0;
  for (const char byte : key.substr(key.size() - 8)) {
    number = number << 8 | static_cast<uint8_t>(byte);
  }
  return static_cast<int64_t>(~number);
}

std::string PersonHistory(const SubjectId& subject, uint64_t index) {
  return ShardKey(subject.shard(), 'L', subject.bytes(), Descending(index));
}

std::pair<std::string, std::string> PersonHistoryAll(const SubjectId& subject) {
  return PrefixRange(ShardKey(subject.shard(), 'L', subject.bytes()));
}

std::string CaseHistory(uint16_t shard, absl::string_view case_hash, uint64_t index) {
  return ShardKey(shard, 'K', Hash(case_hash), Descending(index));
}

std::pair<std::string, std::string> CaseHistoryAll(uint16_t shard, absl::string_view case_hash) {
  return PrefixRange(ShardKey(shard, 'K', Hash(case_hash)));
}

std::string Expiry(const ConsentId& consent, int64_t valid_until_us) {
  return ShardKey(consent.shard(), 'E', Number(static_cast<uint64_t>(valid_until_us)),
                  consent.bytes());
}

std::pair<std::string, std::string> ExpiriesBefore(uint16_t shard, int64_t before_us) {
  return {ShardKey(shard, 'E'), ShardKey(shard, 'E', Number(static_cast<uint64_t>(before_us)))};
}

ConsentId ConsentOfExpiryKey(absl::string_view key) {
  constexpr size_t kSize = 3 + 8 + ConsentId::kBytes;
  return key.size() == kSize ? ConsentAtEnd(key, 'E', kSize) : ConsentId();
}

std::string Check(const ConsentId& consent) {
  return absl::StrCat(Shard(consent.shard()), consent.bytes());
}

std::string Lookup(absl::string_view lookup) { return Lookup(ShardOfHash(Hash(lookup)), lookup); }

std::string Lookup(uint16_t shard, absl::string_view lookup) {
  return ShardKey(shard, 'L', Hash(lookup));
}

std::string DataKey(const SubjectId& subject) {
  return ShardKey(subject.shard(), 'D', subject.bytes());
}

std::string Record(uint16_t ledger, uint64_t index) {
  return absl::StrCat(LedgerKey(ledger, 'E'), Number(index));
}

std::string Node(uint16_t ledger, int level, uint64_t index) {
  CHECK(level >= 0 && level < 64) << "no tree has level " << level;
  return absl::StrCat(LedgerKey(ledger, 'T'), std::string(1, static_cast<char>(level)),
                      Number(index));
}

std::string Outbox(uint16_t ledger, uint64_t index) {
  return absl::StrCat(LedgerKey(ledger, 'O'), Number(index));
}

std::pair<std::string, std::string> OutboxFrom(uint16_t ledger, uint64_t index) {
  return {Outbox(ledger, index), PrefixEnd(LedgerKey(ledger, 'O'))};
}

uint64_t IndexOfOutboxKey(absl::string_view key) {
  CHECK(key.size() == kLedgerPrefix + 8 && key[2] == 'O') << "not the key of an outbox row";
  return ReadBigEndian<uint64_t>(key, kLedgerPrefix);
}

std::string Policy() { return "policy"; }

std::string Catalogue() { return "catalogue"; }

std::string Approval(absl::string_view approval_id) {
  return absl::StrCat("approval/", approval_id);
}

std::pair<std::string, std::string> Approvals() { return PrefixRange("approval/"); }

std::string Head(uint16_t ledger) {
  std::string key = "ledger/";
  AppendBigEndian(key, ledger);
  return key;
}

std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  CHECK(!prefix.empty()) << "nothing sorts behind every string that begins so";
  ++prefix.back();
  return prefix;
}

}  // namespace naru::keys
