#include "deploy/people/rng.h"

#include <array>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace naru::people {
namespace {

TEST(RngTest, GivesTheSameNumbersEverywhere) {
  // Written down from one run: another compiler or library must give them too.
  Rng rng(1, 0);
  EXPECT_EQ(rng.Between(0, 999'999), 497'542);
  EXPECT_EQ(rng.Between(-5, 5), 3);
  EXPECT_EQ(rng.Next(), 13732518547963222454u);
}

TEST(RngTest, StreamsAndSeedsDiffer) {
  std::set<uint64_t> firsts;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (uint64_t stream = 0; stream < 20; ++stream) firsts.insert(Rng(seed, stream).Next());
  }
  EXPECT_EQ(firsts.size(), 400u);
}

TEST(RngTest, BetweenReachesBothEndsAndNothingElse) {
  Rng rng(7, 7);
  std::set<int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.Between(-2, 3));
  EXPECT_EQ(seen, (std::set<int64_t>{-2, -1, 0, 1, 2, 3}));
  EXPECT_EQ(rng.Between(9, 9), 9);
}

TEST(RngDeathTest, EmptyRangeDies) {
  Rng rng(7, 7);
  EXPECT_DEATH(rng.Between(2, 1), "");
}

TEST(RngTest, WeightsAreKept) {
  struct Item {
    int name;
    int weight;
  };
  constexpr Item kItems[] = {{0, 90}, {1, 10}, {2, 0}};
  Rng rng(3, 1);
  std::array<int, 3> counts = {};
  for (int i = 0; i < 10'000; ++i) ++counts[static_cast<size_t>(rng.PickWeighted(kItems).name)];
  EXPECT_NEAR(counts[0], 9000, 150);
  EXPECT_EQ(counts[2], 0);
}

TEST(RngTest, SkewedPrefersSmallNumbers) {
  Rng rng(3, 2);
  int small = 0;
  for (int i = 0; i < 10'000; ++i) small += rng.Skewed(0, 99) < 50 ? 1 : 0;
  EXPECT_GT(small, 8000);
}

}  // namespace
}  // namespace naru::people
