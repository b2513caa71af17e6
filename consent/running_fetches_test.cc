#include "consent/running_fetches.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

namespace naru {
namespace {

TEST(RunningFetchesTest, AFetchRunsUntilTheLastTokenIsGone) {
  FakeRandom random;
  const FetchId fetch = FetchId::Generate(7, random);
  const FetchId other = FetchId::Generate(7, random);
  RunningFetches running;
  EXPECT_FALSE(running.IsRunning(fetch));

  std::shared_ptr<const void> token = running.Start(fetch);
  std::shared_ptr<const void> copy = token;
  EXPECT_TRUE(running.IsRunning(fetch));
  EXPECT_FALSE(running.IsRunning(other));
  token.reset();
  EXPECT_TRUE(running.IsRunning(fetch));
  copy.reset();
  EXPECT_FALSE(running.IsRunning(fetch));
}

TEST(RunningFetchesTest, TwoTokensOfOneFetchAreCounted) {
  FakeRandom random;
  const FetchId fetch = FetchId::Generate(7, random);
  RunningFetches running;
  std::shared_ptr<const void> first = running.Start(fetch);
  std::shared_ptr<const void> second = running.Start(fetch);
  first.reset();
  EXPECT_TRUE(running.IsRunning(fetch));
  second.reset();
  EXPECT_FALSE(running.IsRunning(fetch));
}

TEST(RunningFetchesTest, ATokenMayOutliveTheRegistry) {
  FakeRandom random;
  std::optional<RunningFetches> running(std::in_place);
  std::shared_ptr<const void> token = running->Start(FetchId::Generate(7, random));
  running.reset();
  token.reset();
}

}  // namespace
}  // namespace naru
