#include "broker/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <deque>
#include <set>

namespace naru {
namespace {

// Gives prepared words.
class ScriptedRandom : public Random {
 public:
  explicit ScriptedRandom(std::deque<uint64_t> words) : words_(std::move(words)) {}

  std::string Bytes(size_t count) override {
    EXPECT_EQ(count, sizeof(uint64_t));
    EXPECT_FALSE(words_.empty());
    std::string bytes(sizeof(uint64_t), '\0');
    std::memcpy(&bytes[0], &words_.front(), sizeof(uint64_t));
    words_.pop_front();
    return bytes;
  }
  size_t left() const { return words_.size(); }

 private:
  std::deque<uint64_t> words_;
};

TEST(RandomTest, SystemGivesAsManyBytesAsAskedFor) {
  // More than 256 bytes may come in parts.
  for (const size_t count : {0, 1, 7, 32, 257, 100'000}) {
    EXPECT_EQ(Random::System()->Bytes(count).size(), count);
  }
}

TEST(RandomTest, SystemDoesNotRepeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(Random::System()->Bytes(16)).second);
}

TEST(RandomTest, SystemFillsEveryByte) {
  // A byte left out would stay zero in all 64 draws.
  std::string any(1000, '\0');
  for (int i = 0; i < 64; ++i) {
    const std::string bytes = Random::System()->Bytes(any.size());
    for (size_t k = 0; k < any.size(); ++k) any[k] = static_cast<char>(any[k] | bytes[k]);
  }
  EXPECT_EQ(any.find('\0'), std::string::npos);
}

TEST(RandomTest, BelowDropsTheSurplusThatWouldFavourLowNumbers) {
  // 2^64 = 6 * k + 4: the four lowest words are drawn again.
  ScriptedRandom random({0, 3, 4, 5});
  EXPECT_EQ(random.Below(6), 4u);
  EXPECT_EQ(random.left(), 1u);
}

TEST(RandomTest, BelowDropsNothingForPowersOfTwo) {
  ScriptedRandom random({0, ~uint64_t{0}, 0});
  EXPECT_EQ(random.Below(1024), 0u);
  EXPECT_EQ(random.Below(1024), 1023u);
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(RandomTest, BelowReachesEveryNumberAboutEquallyOften) {
  FakeRandom random;
  std::array<int, 10> counts = {};
  for (int i = 0; i < 10'000; ++i) ++counts.at(random.Below(10));
  for (const int count : counts) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
}

TEST(RandomDeathTest, BelowNeedsALimit) {
  FakeRandom random;
  EXPECT_DEATH(random.Below(0), "limit");
}

TEST(FakeRandomTest, SameSeedGivesSameBytes) {
  FakeRandom a(7);
  FakeRandom b(7);
  FakeRandom c(8);
  const std::string first = a.Bytes(33);
  EXPECT_EQ(first.size(), 33u);
  EXPECT_EQ(b.Bytes(33), first);
  EXPECT_NE(c.Bytes(33), first);
  EXPECT_NE(a.Bytes(33), first);
}

}  // namespace
}  // namespace naru
