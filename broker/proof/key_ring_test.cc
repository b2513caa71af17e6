#include "broker/proof/key_ring.h"

#include <gtest/gtest.h>

#include "broker/base/status_matchers.h"

namespace naru {
namespace {

const absl::Time kFrom = absl::FromUnixSeconds(1'000'000);
const absl::Time kUntil = absl::FromUnixSeconds(2'000'000);

std::unique_ptr<crypto::VerifyingKey> NewKey(absl::string_view key_id) {
  const auto key = crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, key_id);
  return crypto::VerifyingKeyFromRaw(key->type(), key->PublicKey(), key_id).value();
}

TEST(KeyRingTest, FindsAKeyOnlyForItsOwnerAndId) {
  KeyRing ring;
  ASSERT_THAT(ring.Add("NTS0001", NewKey("k1"), kFrom, kUntil), IsOk());
  ASSERT_THAT(ring.Add("NTS0001", NewKey("k2"), kFrom, kUntil), IsOk());
  ASSERT_NE(ring.Find("NTS0001", "k1", kFrom), nullptr);
  EXPECT_EQ(ring.Find("NTS0001", "k1", kFrom)->key_id(), "k1");
  EXPECT_EQ(ring.Find("NTS0001", "k2", kFrom)->key_id(), "k2");
  EXPECT_EQ(ring.Find("NTS0001", "k3", kFrom), nullptr);
  EXPECT_EQ(ring.Find("NTS0002", "k1", kFrom), nullptr);
  EXPECT_EQ(ring.Find("", "", kFrom), nullptr);
}

TEST(KeyRingTest, AKeyCountsFromItsStartUntilBeforeItsEnd) {
  KeyRing ring;
  ASSERT_THAT(ring.Add("NTS0001", NewKey("k1"), kFrom, kUntil), IsOk());
  EXPECT_EQ(ring.Find("NTS0001", "k1", kFrom - absl::Nanoseconds(1)), nullptr);
  EXPECT_NE(ring.Find("NTS0001", "k1", kFrom), nullptr);
  EXPECT_NE(ring.Find("NTS0001", "k1", kUntil - absl::Nanoseconds(1)), nullptr);
  EXPECT_EQ(ring.Find("NTS0001", "k1", kUntil), nullptr);
}

TEST(KeyRingTest, AKeyWithoutTimesAlwaysCounts) {
  KeyRing ring;
  ASSERT_THAT(ring.Add("NTS0001", NewKey("k1"), absl::InfinitePast(), absl::InfiniteFuture()),
              IsOk());
  EXPECT_NE(ring.Find("NTS0001", "k1", kFrom), nullptr);
  EXPECT_NE(ring.Find("NTS0001", "k1", absl::UnixEpoch()), nullptr);
}

TEST(KeyRingTest, ASecondKeyOfOneIdIsRefusedAndTheFirstStays) {
  KeyRing ring;
  auto first = NewKey("k1");
  const crypto::VerifyingKey* const kept = first.get();
  ASSERT_THAT(ring.Add("NTS0001", std::move(first), kFrom, kUntil), IsOk());
  EXPECT_THAT(ring.Add("NTS0001", NewKey("k1"), kFrom, kUntil),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(ring.Find("NTS0001", "k1", kFrom).get(), kept);
  EXPECT_THAT(ring.Add("NTS0002", NewKey("k1"), kFrom, kUntil), IsOk());
}

TEST(KeyRingTest, AnotherRingReplacesAllKeysAndWhatWasFoundStaysGood) {
  KeyRing ring;
  ASSERT_THAT(ring.Add("NTS0001", NewKey("k1"), kFrom, kUntil), IsOk());
  const auto found = ring.Find("NTS0001", "k1", kFrom);
  KeyRing next;
  ASSERT_THAT(next.Add("NTS0001", NewKey("k2"), kFrom, kUntil), IsOk());
  ring.Replace(std::move(next));
  EXPECT_EQ(ring.Find("NTS0001", "k1", kFrom), nullptr);
  EXPECT_NE(ring.Find("NTS0001", "k2", kFrom), nullptr);
  EXPECT_EQ(found->key_id(), "k1");
}

TEST(KeyRingTest, NoAgencyCodeIsTheOwnerOfAProvidersKeys) {
  EXPECT_EQ(ProviderKeyOwner("https://id.example"), "provider:https://id.example");
}

}  // namespace
}  // namespace naru
