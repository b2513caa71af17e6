#include "consent/store/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "broker/base/ids.h"
#include "broker/base/random.h"

// Keys are part of the format on disk: their bytes are written out here once, and what the rest
// relies on (order, ranges that hold exactly what they should, ids read back) is checked on
// neighbours.
namespace naru::keys {
namespace {

std::string Bytes(char c, size_t count) { return std::string(count, c); }

template <typename IdType>
IdType MakeId(const std::string& shard_hex, char fill) {
  return *IdType::FromBytes(absl::HexStringToBytes(shard_hex) + Bytes(fill, 14));
}

const SubjectId kSubject = MakeId<SubjectId>("0123", 's');
const SubjectId kNeighbour = MakeId<SubjectId>("0123", 't');
const ConsentId kConsent = MakeId<ConsentId>("0123", 'c');
const FetchId kFetch = MakeId<FetchId>("03ff", 'f');
const std::string kHash = absl::HexStringToBytes("ff80") + Bytes('h', 30);

bool Inside(const std::pair<std::string, std::string>& range, const std::string& key) {
  return range.first <= key && key < range.second;
}

TEST(KeysTest, BytesOnDiskAreFixed) {
  const std::string shard("\x01\x23", 2);
  const std::string subject = shard + Bytes('s', 14);
  const std::string consent = shard + Bytes('c', 14);
  const std::string zeros = Bytes('\0', 6);
  const std::string ones = Bytes('\xff', 6);
  EXPECT_EQ(Subject(kSubject), shard + "S" + subject);
  EXPECT_EQ(Consent(kConsent), shard + "C" + consent);
  EXPECT_EQ(Fetch(kFetch),
            "\x03\xff"
            "F\x03\xff" +
                Bytes('f', 14));
  EXPECT_EQ(Request(kHash),
            "\x03\xfe"
            "R" +
                kHash);
  EXPECT_EQ(UsedNonce(kSubject, kHash), shard + "N" + subject + kHash);
  EXPECT_TRUE(Inside(UsedNonces(kSubject), UsedNonce(kSubject, kHash)));
  EXPECT_FALSE(Inside(UsedNonces(kNeighbour), UsedNonce(kSubject, kHash)));
  EXPECT_TRUE(
      Inside(RequestsAfter(kHash), Request(absl::HexStringToBytes("ffbf") + Bytes('\xff', 30))));
  EXPECT_FALSE(Inside(RequestsAfter(kHash), Request(kHash)));
  EXPECT_FALSE(
      Inside(RequestsAfter(kHash), Request(absl::HexStringToBytes("ffc0") + Bytes('h', 30))));
  EXPECT_EQ(PersonConsent(kSubject, "1741000", "A-1", 0x0102, kConsent),
            shard + "P" + subject + "1741000" + '\0' + "A-1" + '\0' + ones + "\xfe\xfd" + consent);
  EXPECT_EQ(PersonHistory(kSubject, 0x0102), shard + "L" + subject + ones + "\xfe\xfd");
  EXPECT_EQ(CaseHistory(0x0123, kHash, 0x0102), shard + "K" + kHash + ones + "\xfe\xfd");
  EXPECT_EQ(Expiry(kConsent, 0x0102), shard + "E" + zeros + "\x01\x02" + consent);
  EXPECT_EQ(Check(kConsent), shard + consent);
  EXPECT_EQ(Lookup(kHash),
            "\x03\xfe"
            "L" +
                kHash);
  EXPECT_EQ(Lookup(0x0123, kHash), shard + "L" + kHash);
  EXPECT_EQ(DataKey(kSubject), shard + "D" + subject);
  EXPECT_EQ(Record(7, 0x0102), std::string("\0\x07"
                                           "E",
                                           3) +
                                   zeros + "\x01\x02");
  EXPECT_EQ(Node(7, 3, 0x0102), std::string("\0\x07"
                                            "T\x03",
                                            4) +
                                    zeros + "\x01\x02");
  EXPECT_EQ(Outbox(7, 0x0102), std::string("\0\x07"
                                           "O",
                                           3) +
                                   zeros + "\x01\x02");
  EXPECT_EQ(Policy(), "policy");
  EXPECT_EQ(Catalogue(), "catalogue");
  EXPECT_EQ(Approval("UA-1"), "approval/UA-1");
  EXPECT_EQ(Head(7), std::string("ledger/\0\x07", 9));
}

TEST(KeysTest, RequestHashSeparatesCallerFromId) {
  // printf 'a\0b' | sha256sum
  EXPECT_EQ(absl::BytesToHexString(RequestHash("a", "b")),
            "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138");
  EXPECT_NE(RequestHash("ab", "c"), RequestHash("a", "bc"));
}

TEST(KeysTest, LedgerKeysSortByNumber) {
  std::vector<std::string> keys;
  for (uint64_t index :
       {0ull, 1ull, 127ull, 128ull, 255ull, 256ull, 65535ull, 65536ull, 1ull << 40, ~0ull}) {
    keys.push_back(Record(0, index));
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_LT(Record(0, ~0ull), Record(1, 0));
  EXPECT_LT(Node(0, 0, ~0ull), Node(0, 1, 0));
  EXPECT_LT(Node(0, 63, 0), Node(1, 0, 0));
}

TEST(KeysTest, HistoryAndConsentsSortNewestFirst) {
  EXPECT_LT(PersonHistory(kSubject, 300), PersonHistory(kSubject, 299));
  EXPECT_LT(CaseHistory(1, kHash, 1ull << 40), CaseHistory(1, kHash, 255));
  EXPECT_LT(PersonConsent(kSubject, "R", "A", 2000, kConsent),
            PersonConsent(kSubject, "R", "A", 1999, kConsent));
}

TEST(KeysTest, RangeOfPersonConsentsHoldsThatRequesterAndAffairOnly) {
  const auto range = PersonConsents(kSubject, "100", "A1");
  EXPECT_TRUE(Inside(range, PersonConsent(kSubject, "100", "A1", 0, kConsent)));
  EXPECT_TRUE(Inside(range, PersonConsent(kSubject, "100", "A1", INT64_MAX, kConsent)));
  EXPECT_FALSE(Inside(range, PersonConsent(kSubject, "100", "A", 5, kConsent)));
  EXPECT_FALSE(Inside(range, PersonConsent(kSubject, "100", "A10", 5, kConsent)));
  EXPECT_FALSE(Inside(range, PersonConsent(kSubject, "10", "0A1", 5, kConsent)));
  EXPECT_FALSE(Inside(range, PersonConsent(kSubject, "1000", "A1", 5, kConsent)));
  EXPECT_FALSE(Inside(range, PersonConsent(kNeighbour, "100", "A1", 5, kConsent)));
}

TEST(KeysTest, HistoryRangesHoldOnePersonOrCase) {
  for (uint64_t index : {uint64_t{0}, uint64_t{1} << 50, ~uint64_t{0}}) {
    EXPECT_TRUE(Inside(PersonHistoryAll(kSubject), PersonHistory(kSubject, index)));
    EXPECT_FALSE(Inside(PersonHistoryAll(kSubject), PersonHistory(kNeighbour, index)));
    EXPECT_TRUE(Inside(CaseHistoryAll(9, kHash), CaseHistory(9, kHash, index)));
    EXPECT_FALSE(Inside(CaseHistoryAll(9, kHash), CaseHistory(10, kHash, index)));
    EXPECT_FALSE(Inside(CaseHistoryAll(9, kHash), CaseHistory(9, Bytes('h', 32), index)));
  }
}

TEST(KeysTest, ExpiriesBeforeStopAtTheTime) {
  const auto range = ExpiriesBefore(0x0123, 1000);
  EXPECT_TRUE(Inside(range, Expiry(kConsent, 0)));
  EXPECT_TRUE(Inside(range, Expiry(kConsent, 999)));
  EXPECT_FALSE(Inside(range, Expiry(kConsent, 1000)));
  EXPECT_FALSE(Inside(range, Expiry(MakeId<ConsentId>("0124", 'c'), 999)));
  EXPECT_LT(Expiry(kConsent, 255), Expiry(kConsent, 256));
}

TEST(KeysTest, OutboxRangeBeginsAtTheIndexAndStaysInTheLedger) {
  const auto range = OutboxFrom(3, 50);
  EXPECT_FALSE(Inside(range, Outbox(3, 49)));
  EXPECT_TRUE(Inside(range, Outbox(3, 50)));
  EXPECT_TRUE(Inside(range, Outbox(3, ~uint64_t{0})));
  EXPECT_FALSE(Inside(range, Outbox(4, 50)));
  EXPECT_FALSE(Inside(range, Node(3, 0, 50)));
}

TEST(KeysTest, ApprovalsRangeHoldsApprovalsOnly) {
  EXPECT_TRUE(Inside(Approvals(), Approval("A")));
  EXPECT_TRUE(Inside(Approvals(), Approval("\xff")));
  for (const std::string& other : {Policy(), Catalogue(), Head(0), Head(0xffff)}) {
    EXPECT_FALSE(Inside(Approvals(), other));
  }
}

TEST(KeysTest, IdsAreReadBack) {
  FakeRandom random(7);
  for (uint16_t shard = 0; shard < kShards; ++shard) {
    const auto subject = SubjectId::Generate(shard, random);
    const auto consent = ConsentId::Generate(shard, random);
    EXPECT_EQ(ConsentOfPersonKey(PersonConsent(subject, "R", "A", shard, consent)), consent);
    EXPECT_EQ(ConsentOfExpiryKey(Expiry(consent, shard)), consent);
    EXPECT_EQ(IndexOfOutboxKey(Outbox(shard, uint64_t{shard} << 33)), uint64_t{shard} << 33);
  }
}

TEST(KeysTest, WhatIsNoKeyGivesNoConsent) {
  const std::string person = PersonConsent(kSubject, "", "", 1, kConsent);
  EXPECT_EQ(ConsentOfPersonKey(person), kConsent);
  EXPECT_TRUE(ConsentOfPersonKey(person.substr(1)).empty());
  EXPECT_TRUE(ConsentOfPersonKey("").empty());
  EXPECT_TRUE(ConsentOfPersonKey(Bytes('P', 60)).empty()) << "its end names no shard";
  EXPECT_TRUE(ConsentOfPersonKey(UsedNonce(kSubject, kHash)).empty());
  EXPECT_TRUE(ConsentOfExpiryKey(Expiry(kConsent, 1) + "x").empty());
  EXPECT_TRUE(ConsentOfExpiryKey(Consent(kConsent)).empty());
  EXPECT_TRUE(ConsentOfExpiryKey("").empty());
}

TEST(KeysTest, PrefixEndFollowsEveryStringWithThePrefix) {
  const std::pair<std::string, std::string> kRows[] = {
      {"a", "b"},       {std::string("a\0", 2), "a\x01"}, {"a\xff", "b"}, {"a\xff\xff", "b"},
      {"\x7f", "\x80"},
  };
  for (const auto& [prefix, end] : kRows) {
    EXPECT_EQ(PrefixEnd(prefix), end);
    EXPECT_LT(prefix + Bytes('\xff', 40), end);
  }
}

TEST(KeysDeathTest, WrongLengthsEndTheProcess) {
  EXPECT_DEATH(Request("short"), "");
  EXPECT_DEATH(UsedNonce(kSubject, Bytes('h', 31)), "");
  EXPECT_DEATH(Lookup(kShards, kHash), "");
  EXPECT_DEATH(Node(0, 64, 0), "level");
  EXPECT_DEATH(IndexOfOutboxKey(Record(0, 1)), "outbox");
  EXPECT_DEATH(PrefixEnd("\xff\xff"), "behind");
}

}  // namespace
}  // namespace naru::keys
