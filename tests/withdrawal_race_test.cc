// P2: after a withdrawal or a suspension is acknowledged, no release under it commits, and open
// streams are cut within a second. Raced over a whole broker, thousands of times.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "broker/base/clock.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/base/thread_pool.h"
#include "broker/base/thread_timer.h"
#include "tests/support/fetching.h"
#include "tests/support/test_broker.h"

namespace naru {
namespace {

constexpr int kWorkers = 8;
constexpr int kFetchesPerRound = 3;

bool Full() { return std::getenv("NARU_FULL") != nullptr; }
int WithdrawalsPerWorker() { return Full() ? 2'500 : 200; }
int Suspensions() { return Full() ? 3'000 : 200; }

TestSite::Options SmallBodies() {
  TestSite::Options options;
  options.body_bytes = 1'000;
  options.limits.set_max_fetches_per_requester(1'000);
  return options;
}

// How far a fetch has come when it is decided otherwise.
enum class Stage { kAnywhere, kAdmitted, kReleased };
Stage StageOf(int round) { return static_cast<Stage>(round % 3); }

// Fetches that run while somebody decides otherwise.
class Racing {
 public:
  explicit Racing(int fetches) : over_(fetches) {}
  void Begin(TestClients& clients, const v1::Consent& consent, const v1::Subject& person) {
    StartFetch(
        clients.As(kSystemParty), clients.FetchRequest(consent.consent_id(), person),
        [this](FetchResult result) {
          if (!result.status.ok()) ++faults_;
          over_.DecrementCount();
        },
        [this](const v1::FetchDocumentsResponse& step) {
          if (step.has_started() && !any_admitted_.exchange(true)) admitted_.Notify();
          if (step.has_header() && !any_released_.exchange(true)) released_.Notify();
        });
  }
  // Until one of them has come so far.
  void Await(Stage stage) {
    bool there = true;
    if (stage == Stage::kAdmitted) there = admitted_.WaitForNotificationWithTimeout(kTestDeadline);
    if (stage == Stage::kReleased) there = released_.WaitForNotificationWithTimeout(kTestDeadline);
    EXPECT_TRUE(there);
  }
  void Wait() { over_.Wait(); }
  int faults() const { return faults_; }

 private:
  absl::BlockingCounter over_;
  std::atomic<bool> any_admitted_{false};
  std::atomic<bool> any_released_{false};
  absl::Notification admitted_;
  absl::Notification released_;
  std::atomic<int> faults_{0};
};

struct Tally {
  std::atomic<int> faults{0};
  std::atomic<int> withdrawn{0};
};

// One person's consents, each withdrawn while it is fetched.
void WithdrawAgainAndAgain(TestBroker& broker, int worker, Tally& tally) {
  TestClients& clients = broker.clients();
  const v1::Subject person = PersonOf(worker);
  for (int round = 0; round < WithdrawalsPerWorker(); ++round) {
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                              clients.Granted(person, {PaperOf(1, kAbstract)}));
    Racing racing(kFetchesPerRound);
    for (int i = 0; i < kFetchesPerRound; ++i) racing.Begin(clients, consent, person);
    racing.Await(StageOf(round));
    const auto withdrawn = clients.Withdraw(consent, person);
    EXPECT_THAT(withdrawn, IsOk());
    if (withdrawn.ok()) ++tally.withdrawn;
    // One more, after the acknowledgement.
    const FetchResult late =
        Fetch(clients.As(kSystemParty), clients.FetchRequest(consent.consent_id(), person));
    ABSL_EXPECT_OK(late.status);
    EXPECT_TRUE(late.refusal.has_value() &&
                late.refusal->reason() == v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
    racing.Wait();
    tally.faults += racing.faults();
  }
}

TEST(WithdrawalRaceTest, P2_NothingIsReleasedAfterAWithdrawal) {
  TestBroker broker("withdraw", SmallBodies());
  Tally tally;
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&, i] { WithdrawAgainAndAgain(broker, i, tally); });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(tally.faults, 0);
  EXPECT_EQ(tally.withdrawn, kWorkers * WithdrawalsPerWorker());

  int releases = 0;
  for (int i = 0; i < kWorkers; ++i) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto history, broker.clients().HistoryOf(PersonOf(i)));
    std::map<std::string, uint64_t> withdrawn;  // Consent to the person's number.
    std::set<uint64_t> numbers;
    for (const v1::HistoryEntry& entry : history) {
      if (entry.person_number() != 0) numbers.insert(entry.person_number());
      if (entry.entry().kind() == v1::ENTRY_KIND_CONSENT_WITHDRAWN) {
        withdrawn[entry.entry().consent_id()] = entry.person_number();
      }
    }
    EXPECT_EQ(withdrawn.size(), static_cast<size_t>(WithdrawalsPerWorker()));
    EXPECT_EQ(*numbers.rbegin(), numbers.size()) << "a gap in the person's numbers";
    for (const v1::HistoryEntry& entry : history) {
      if (entry.entry().kind() != v1::ENTRY_KIND_DOCUMENT_RELEASED) continue;
      ++releases;
      EXPECT_LT(entry.person_number(), withdrawn.at(entry.entry().consent_id()));
    }
  }
  // The race was one: some were released, and some were not.
  EXPECT_GE(releases, kWorkers * WithdrawalsPerWorker() / 3 - kWorkers);
  EXPECT_LT(releases, kWorkers * WithdrawalsPerWorker() * kFetchesPerRound);
}

TEST(WithdrawalRaceTest, P2_NothingIsReleasedUnderASuspendedApproval) {
  constexpr int kPersons = 4;
  TestBroker broker("suspend", SmallBodies());
  TestClients& clients = broker.clients();
  std::vector<v1::Consent> consents;
  std::map<uint64_t, uint64_t> in_force;  // Entry of a suspension to that of its lifting.
  const int rounds = Suspensions();
  for (int round = 0; round < rounds; ++round) {
    if (round % 500 == 0) {  // Each fetch takes a use.
      consents.clear();
      for (int i = 0; i < kPersons; ++i) {
        ABSL_ASSERT_OK_AND_ASSIGN(
            const v1::Consent consent,
            clients.Granted(PersonOf(i), {PaperOf(1, kAbstract)}, /*uses=*/1000));
        consents.push_back(consent);
      }
    }
    Racing racing(kPersons);
    for (int i = 0; i < kPersons; ++i) racing.Begin(clients, consents[i], PersonOf(i));
    racing.Await(StageOf(round));
    const auto suspended = clients.Suspend(kApproval);
    ABSL_EXPECT_OK(suspended);
    const FetchResult late = Fetch(clients.As(kSystemParty),
                                   clients.FetchRequest(consents[0].consent_id(), PersonOf(0)));
    ABSL_EXPECT_OK(late.status);
    EXPECT_TRUE((late.refusal.has_value() &&
                 late.refusal->reason() == v1::REFUSAL_REASON_APPROVAL_SUSPENDED) ||
                late.ReasonOf(1) == v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
    racing.Wait();
    EXPECT_EQ(racing.faults(), 0);
    const auto lifted = clients.Lift(kApproval);
    ABSL_ASSERT_OK(lifted);
    ABSL_ASSERT_OK(suspended);
    in_force[suspended->ledger_index()] = lifted->ledger_index();
  }

  // One ledger: its order is the order.
  int releases = 0;
  for (int i = 0; i < kPersons; ++i) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto history, clients.HistoryOf(PersonOf(i)));
    for (const v1::HistoryEntry& entry : history) {
      if (entry.entry().kind() != v1::ENTRY_KIND_DOCUMENT_RELEASED) continue;
      ++releases;
      // The last suspension before the release was lifted before it, too.
      const auto after = in_force.upper_bound(entry.ledger_index());
      if (after == in_force.begin()) continue;
      EXPECT_GT(entry.ledger_index(), std::prev(after)->second);
    }
  }
  EXPECT_GE(releases, rounds / 3);
  EXPECT_LT(releases, rounds * kPersons);
}

// A holder so slow that its document is under way for ten seconds at least.
class OpenStreamTest : public testing::Test {
 protected:
  OpenStreamTest() : threads_("test-holder", 2), timer_(&threads_) {
    TestSite::Options options;
    options.holder_timer = &timer_;
    options.slow_delay = absl::Milliseconds(200);
    options.body_bytes = 50 * limits::kChunkBytes;
    broker_ = std::make_unique<TestBroker>(
        testing::UnitTest::GetInstance()->current_test_info()->name(), options);
    broker_->site().holder().Misbehave(FakeHolder::Fault::kSlow);
  }

  // Fetches, decides otherwise when the first chunks are there, and says what came.
  template <typename Decide>
  FetchResult Interrupted(const v1::Consent& consent, const Decide& decide) {
    TestClients& clients = broker_->clients();
    absl::Notification flows;
    absl::Notification over;
    std::atomic<int> chunks{0};
    FetchResult result;
    absl::Duration ended;
    StartFetch(
        clients.As(kSystemParty), clients.FetchRequest(consent.consent_id(), person_),
        [&](FetchResult came) {
          ended = Clock::Real()->Monotonic();
          result = std::move(came);
          over.Notify();
        },
        [&](const v1::FetchDocumentsResponse& step) {
          if (step.has_chunk() && ++chunks == 2) flows.Notify();
        });
    EXPECT_TRUE(flows.WaitForNotificationWithTimeout(kTestDeadline));
    decide();
    const absl::Duration acknowledged = Clock::Real()->Monotonic();
    const int chunks_then = chunks;
    over.WaitForNotification();
    EXPECT_LT(ended - acknowledged, absl::Seconds(1));
    // What was on its way when it was acknowledged, and no more.
    EXPECT_LE(chunks, chunks_then + 1);
    EXPECT_LT(chunks, 50);
    return result;
  }

  const v1::Subject person_ = PersonOf(1);
  ThreadPool threads_;
  ThreadTimer timer_;
  std::unique_ptr<TestBroker> broker_;
};

TEST_F(OpenStreamTest, P2_IsCutWithinASecondOfTheWithdrawal) {
  TestClients& clients = broker_->clients();
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                            clients.Granted(person_, {PaperOf(1, kAbstract)}));
  const FetchResult result =
      Interrupted(consent, [&] { ABSL_EXPECT_OK(clients.Withdraw(consent, person_)); });
  ABSL_EXPECT_OK(result.status);
  EXPECT_EQ(result.OutcomeOf(1), v1::OUTCOME_FAILED);
  EXPECT_EQ(result.ReasonOf(1), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  ASSERT_EQ(result.papers.count(1), 1u);
  EXPECT_FALSE(result.papers.at(1).receipt.has_value());
}

TEST_F(OpenStreamTest, P2_IsCutWithinASecondOfTheSuspensionOfItsApproval) {
  TestClients& clients = broker_->clients();
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                            clients.Granted(person_, {PaperOf(1, kAbstract)}));
  const FetchResult result =
      Interrupted(consent, [&] { ABSL_EXPECT_OK(clients.Suspend(kApproval)); });
  ABSL_EXPECT_OK(result.status);
  EXPECT_EQ(result.OutcomeOf(1), v1::OUTCOME_FAILED);
  EXPECT_EQ(result.ReasonOf(1), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
}

TEST_F(OpenStreamTest, AnOrderlyEndCutsFetchesUnderWayAndEntersWhatBecameOfThem) {
  constexpr int kFetches = 6;
  std::vector<FetchResult> results(kFetches);
  absl::BlockingCounter flowing(kFetches);
  absl::BlockingCounter over(kFetches);
  std::vector<std::atomic<int>> chunks(kFetches);
  for (int i = 0; i < kFetches; ++i) {
    TestClients& clients = broker_->clients();
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                              clients.Granted(PersonOf(i), {PaperOf(1, kAbstract)}));
    StartFetch(
        clients.As(kSystemParty), clients.FetchRequest(consent.consent_id(), PersonOf(i)),
        [&, i](FetchResult came) {
          results[i] = std::move(came);
          over.DecrementCount();
        },
        [&, i](const v1::FetchDocumentsResponse& step) {
          if (step.has_chunk() && ++chunks[i] == 1) flowing.DecrementCount();
        });
  }
  flowing.Wait();
  broker_->Stop();
  over.Wait();
  for (int i = 0; i < kFetches; ++i) {
    EXPECT_LT(chunks[i], 50) << "the fetch ran to its end";
    EXPECT_NE(results[i].OutcomeOf(1), v1::OUTCOME_SENT);
  }

  // The holder still sends to nobody while the broker comes back.
  broker_->Start();
  for (int i = 0; i < kFetches; ++i) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto history, broker_->clients().HistoryOf(PersonOf(i)));
    std::set<uint64_t> numbers;
    std::map<v1::EntryKind, int> kinds;
    for (const v1::HistoryEntry& entry : history) {
      ++kinds[entry.entry().kind()];
      if (entry.person_number() != 0) numbers.insert(entry.person_number());
    }
    EXPECT_EQ(kinds[v1::ENTRY_KIND_DOCUMENT_RELEASED], 1);
    EXPECT_EQ(kinds[v1::ENTRY_KIND_DOCUMENT_OUTCOME], 1) << "its outcome was not entered";
    EXPECT_EQ(*numbers.rbegin(), numbers.size()) << "a gap in the person's numbers";
  }
}

}  // namespace
}  // namespace naru
