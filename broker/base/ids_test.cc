#include "broker/base/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

constexpr char kLastShard[] = "03ff00000000000000000000000000ff";

TEST(IdTest, GenerateBeginsWithTheShard) {
  FakeRandom random;
  for (const int shard : {0, 1, 255, 256, kShards - 1}) {
    const ConsentId id = ConsentId::Generate(static_cast<uint16_t>(shard), random);
    EXPECT_EQ(id.bytes().size(), ConsentId::kBytes);
    EXPECT_EQ(id.shard(), shard);
  }
}

TEST(IdTest, GenerateMakesDifferentIdsOfOneShard) {
  FakeRandom random;
  std::set<ConsentId> ids;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(ids.insert(ConsentId::Generate(5, random)).second);
}

TEST(IdTest, TextAndBytesRoundTrip) {
  FakeRandom random;
  const FetchId id = FetchId::Generate(777, random);
  EXPECT_THAT(FetchId::Parse(id.text()), IsOkAndHolds(id));
  EXPECT_THAT(FetchId::FromBytes(id.bytes()), IsOkAndHolds(id));
}

TEST(IdTest, ReadsTheHighestShard) {
  ABSL_ASSERT_OK_AND_ASSIGN(const ReleaseId id, ReleaseId::Parse(kLastShard));
  EXPECT_EQ(id.shard(), kShards - 1);
  EXPECT_EQ(id.text(), kLastShard);
}

TEST(IdTest, ParseTakesOneFormOnly) {
  for (const absl::string_view text : {
           absl::string_view(""),
           absl::string_view("03ff00000000000000000000000000f"),
           absl::string_view("03ff00000000000000000000000000ff0"),
           absl::string_view("03FF00000000000000000000000000FF"),
           absl::string_view("03fg00000000000000000000000000ff"),
           absl::string_view("03ff-0000-0000-0000-00000000-ff0"),
           absl::string_view(" 3ff00000000000000000000000000ff"),
           absl::string_view("03ff00000000000000000000000000f\0", 32),
           absl::string_view("040000000000000000000000000000ff"),  // shard 1,024
           absl::string_view("ffff00000000000000000000000000ff"),
       }) {
    EXPECT_THAT(ConsentId::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(IdTest, FromBytesChecksLengthAndShard) {
  for (const std::string& bytes :
       {std::string(), std::string(15, '\0'), std::string(17, '\0'), std::string(16, '\x04')}) {
    EXPECT_THAT(ConsentId::FromBytes(bytes), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(ConsentId::FromBytes(std::string(16, '\x03')), IsOk());
}

TEST(IdTest, DefaultIsEmpty) {
  EXPECT_TRUE(SubjectId().empty());
  EXPECT_EQ(SubjectId().text(), "");
  FakeRandom random;
  EXPECT_NE(SubjectId(), SubjectId::Generate(0, random));
}

TEST(IdTest, WorksAsHashKey) {
  FakeRandom random;
  const ConsentId id = ConsentId::Generate(1, random);
  const absl::flat_hash_set<ConsentId> ids = {id};
  EXPECT_TRUE(ids.contains(id));
  EXPECT_FALSE(ids.contains(ConsentId::Generate(1, random)));
}

TEST(ShardOfHashTest, TakesTheFirstTenBits) {
  const struct {
    std::string hash;
    int shard;
  } kCases[] = {
      {std::string("\x00\x00", 2), 0},        {std::string("\x00\x3f", 2), 0},
      {std::string("\x00\x40", 2), 1},        {std::string("\x80\x00", 2), 512},
      {std::string("\xff\xff\xff", 3), 1023},
  };
  for (const auto& c : kCases) EXPECT_EQ(ShardOfHash(c.hash), c.shard);
}

TEST(RequestIdTest, ReadsTheExampleOfRfc9562) {
  // Appendix A.6: 2022-02-22T14:22:22.00-05:00.
  EXPECT_THAT(RequestIdTime("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"),
              IsOkAndHolds(absl::FromUnixMillis(1645557742000)));
}

TEST(RequestIdTest, NewOnesCarryTheirTimeInMilliseconds) {
  FakeRandom random;
  const absl::Time now = absl::FromUnixMillis(1795323780123) + absl::Microseconds(456);
  const std::string id = NewRequestId(now, random);
  EXPECT_EQ(id.size(), 36u);
  EXPECT_THAT(RequestIdTime(id), IsOkAndHolds(absl::FromUnixMillis(1795323780123)));
  EXPECT_NE(id, NewRequestId(now, random));
}

TEST(RequestIdTest, NewOnesAreAlwaysWellFormed) {
  FakeRandom random;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(RequestIdTime(NewRequestId(absl::UnixEpoch() + absl::Hours(i), random)), IsOk());
  }
}

TEST(RequestIdTest, RefusesAnythingElse) {
  for (const absl::string_view id : {
           absl::string_view(""),
           absl::string_view("017f22e279b07cc398c4dc0c0c07398f"),
           absl::string_view("017f22e2-79b0-7cc3-98c4-dc0c0c07398"),
           absl::string_view("017f22e2-79b0-7cc3-98c4-dc0c0c07398f0"),
           absl::string_view("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"),
           absl::string_view("017f22e2-79b0-4cc3-98c4-dc0c0c07398f"),  // version 4
           absl::string_view("017f22e2-79b0-7cc3-18c4-dc0c0c07398f"),  // variant 00
           absl::string_view("017f22e2-79b0-7cc3-d8c4-dc0c0c07398f"),  // variant 11
           absl::string_view("017f22e27-9b0-7cc3-98c4-dc0c0c07398f"),
           absl::string_view("017f22e2+79b0-7cc3-98c4-dc0c0c07398f"),
           absl::string_view("017f22g2-79b0-7cc3-98c4-dc0c0c07398f"),
           absl::string_view("{17f22e2-79b0-7cc3-98c4-dc0c0c07398}"),
       }) {
    EXPECT_THAT(RequestIdTime(id), StatusIs(absl::StatusCode::kInvalidArgument)) << id;
  }
}

}  // namespace
}  // namespace naru
