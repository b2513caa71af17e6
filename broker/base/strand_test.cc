#include "broker/base/strand.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "broker/base/fake_executor.h"
#include "broker/base/thread_pool.h"

namespace naru {
namespace {

TEST(StrandTest, RunsInOrderOneAtATimeUnderConcurrency) {
  constexpr int kProducers = 4;
  const int per_producer = std::getenv("NARU_FULL") != nullptr ? 200'000 : 5'000;
  // Plain variables on purpose: the strand alone orders the closures (ThreadSanitizer sees that).
  std::vector<std::vector<int>> seen(kProducers);
  int inside = 0;
  int most_inside = 0;
  {
    ThreadPool pool("strand-test", 4);
    const std::shared_ptr<Strand> strand = MakeStrand(&pool);
    std::vector<std::thread> producers;
    for (int p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] {
        for (int i = 0; i < per_producer; ++i) {
          strand->Run([&, p, i] {
            most_inside = std::max(most_inside, ++inside);
            seen[p].push_back(i);
            --inside;
          });
        }
      });
    }
    for (std::thread& producer : producers) producer.join();
  }
  EXPECT_EQ(most_inside, 1);
  for (const std::vector<int>& one : seen) {
    ASSERT_EQ(one.size(), static_cast<size_t>(per_producer));
    for (int i = 0; i < per_producer; ++i) ASSERT_EQ(one[i], i);
  }
}

TEST(StrandTest, StrandsDoNotWaitForEachOther) {
  ThreadPool pool("strand-test", 2);
  const std::shared_ptr<Strand> slow = MakeStrand(&pool);
  const std::shared_ptr<Strand> quick = MakeStrand(&pool);
  absl::Notification quick_ran;
  slow->Run([&] { quick_ran.WaitForNotification(); });
  quick->Run([&] { quick_ran.Notify(); });
  quick_ran.WaitForNotification();
}

TEST(StrandTest, AClosureGivenInsideRunsAfterTheOneThatGivesIt) {
  InlineExecutor executor;
  const std::shared_ptr<Strand> strand = MakeStrand(&executor);
  std::string log;
  strand->Run([&] {
    strand->Run([&] { log += "inner "; });
    log += "outer ";
  });
  EXPECT_EQ(log, "outer inner ");
}

TEST(StrandTest, LetsOthersHaveTheirTurn) {
  ManualExecutor executor;
  const std::shared_ptr<Strand> busy = MakeStrand(&executor);
  const std::shared_ptr<Strand> other = MakeStrand(&executor);
  int busy_ran = 0;
  int other_ran_after = 0;
  for (int i = 0; i < 1000; ++i) busy->Run([&] { ++busy_ran; });
  other->Run([&] { other_ran_after = busy_ran; });
  executor.RunAll();
  EXPECT_EQ(busy_ran, 1000);
  EXPECT_GT(other_ran_after, 0);
  EXPECT_LT(other_ran_after, 1000);
}

TEST(StrandTest, ClosuresRunAfterTheLastReferenceIsGone) {
  ManualExecutor executor;
  int ran = 0;
  std::shared_ptr<Strand> strand = MakeStrand(&executor);
  strand->Run([&] { ++ran; });
  strand->Run([&] { ++ran; });
  strand.reset();
  executor.RunAll();
  EXPECT_EQ(ran, 2);
}

TEST(StrandTest, ClosureIsDestroyedBeforeTheNextOneRuns) {
  InlineExecutor executor;
  const std::shared_ptr<Strand> strand = MakeStrand(&executor);
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watch = held;
  bool gone = false;
  strand->Run([&, held = std::move(held)] { strand->Run([&] { gone = watch.expired(); }); });
  EXPECT_TRUE(gone);
}

TEST(StrandTest, KnowsWhetherItRuns) {
  InlineExecutor executor;
  const std::shared_ptr<Strand> strand = MakeStrand(&executor);
  const std::shared_ptr<Strand> other = MakeStrand(&executor);
  EXPECT_FALSE(strand->RunsHere());
  strand->Run([&] {
    EXPECT_TRUE(strand->RunsHere());
    other->Run([&] { EXPECT_FALSE(strand->RunsHere()); });
    EXPECT_TRUE(strand->RunsHere());
  });
  EXPECT_FALSE(strand->RunsHere());
}

TEST(StrandTest, SizeCountsWhatWaits) {
  ManualExecutor executor;
  const std::shared_ptr<Strand> strand = MakeStrand(&executor);
  size_t while_running = 0;
  strand->Run([&] { while_running = strand->size(); });
  strand->Run([] {});
  EXPECT_EQ(strand->size(), 2u);
  executor.RunAll();
  EXPECT_EQ(while_running, 1u);
  EXPECT_EQ(strand->size(), 0u);
}

}  // namespace
}  // namespace naru
