#include "broker/grpc_holder_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/thread_timer.h"
#include "broker/holder_pool.h"
#include "broker/release_world.h"
#include "tests/fakes/fake_holder.h"

// The release over real gRPC with mutual TLS: holders of every kind at the other end, the rest of
// the world in memory, on the test's own thread.
namespace naru {
namespace {

using Fault = FakeHolder::Fault;
using testing::ElementsAre;
using testing::SizeIs;

constexpr char kAgency[] = "1741000";
constexpr char kIdentity[] = "urn:naru:1741000:holder";
constexpr absl::Duration kPatience = absl::Milliseconds(500);

// An executor whose closures the test runs, and can wait for.
class AwaitedExecutor : public Executor {
 public:
  explicit AwaitedExecutor(ManualExecutor* executor) : executor_(executor) {}
  void Run(std::function<void()> work) override {
    executor_->Run(std::move(work));
    absl::MutexLock lock(&mu_);
    ++given_;
  }
  // Runs what comes until `done` says so; false when that takes too long. What another thread lets
  // go of brings no closure, so `done` is asked now and then in any case.
  bool RunUntil(const std::function<bool()>& done) {
    const absl::Duration end = Clock::Real()->Monotonic() + absl::Seconds(30);
    while (true) {
      int seen = 0;
      {
        absl::MutexLock lock(&mu_);
        seen = given_;
      }
      executor_->RunAll();
      if (done()) return true;
      if (Clock::Real()->Monotonic() > end) return false;
      absl::MutexLock lock(&mu_);
      const auto more = [this, seen] { return given_ != seen; };
      mu_.AwaitWithTimeout(absl::Condition(&more), absl::Milliseconds(5));
    }
  }

 private:
  ManualExecutor* const executor_;
  absl::Mutex mu_;
  int given_ ABSL_GUARDED_BY(mu_) = 0;
};

class GrpcHolderStreamTest : public testing::Test {
 protected:
  GrpcHolderStreamTest() : ca_(testing::TempDir() + "/pki"), broker_tls_(ca_.Issue(kBroker)) {
    FakeHolder::Options options;
    options.tls = ca_.Issue(kIdentity);
    holder_ = std::make_unique<FakeHolder>(options);
    const absl::Status added =
        keys_.Add(kAgency, *crypto::ParseVerifyingKey(holder_->public_pem(), holder_->key_id()),
                  absl::InfinitePast(), absl::InfiniteFuture());
    EXPECT_TRUE(added.ok());
    where_ = HolderAddress{holder_->address(), kIdentity};
    pool_options_.clock = Clock::Real();
    pool_options_.find = [this](const std::string& holder) -> std::optional<HolderAddress> {
      if (holder != kAgency) return std::nullopt;
      return where_;
    };
    pool_options_.connect = [this](const HolderAddress& where) {
      return ChannelTo(where.address, broker_tls_, where.identity);
    };
    pool_options_.holder_answer = kPatience;
    pool_options_.breaker_changed = [this](const std::string& holder, bool open) {
      absl::MutexLock lock(&mu_);
      breaker_.push_back(holder + (open ? " open" : " closed"));
    };
  }

  HolderPool& pool() {
    if (pool_ == nullptr) pool_ = std::make_unique<HolderPool>(pool_options_);
    return *pool_;
  }

  // A fetch of papers that all lie with the fake holder.
  std::unique_ptr<ReleaseWorld> World(size_t papers) {
    auto world = std::make_unique<ReleaseWorld>(papers);
    for (PlannedPaper& paper : world->fetch.papers) paper.holder = kAgency;
    world->parts.clock = Clock::Real();
    world->parts.timer = &timer_;
    world->parts.keys = &keys_;
    world->parts.holders = &pool();
    world->parts.holder_answer = kPatience;
    world->parts.body_idle = kPatience;
    executor_ = std::make_unique<AwaitedExecutor>(&world->executor);
    world->parts.executor = executor_.get();
    timer_target_.executor = executor_.get();
    return world;
  }

  void Run(ReleaseWorld& world) {
    world.release =
        FetchRelease::Start(world.parts, world.fetch, world.sink, [&world] { ++world.over; });
    EXPECT_TRUE(executor_->RunUntil([&] { return world.over == 1; }));
    // Until gRPC has let go of everything.
    EXPECT_TRUE(executor_->RunUntil([&] { return world.release.expired(); }));
    EXPECT_EQ(pool().under_way(kAgency), 0);
  }

  std::string TrueBody(const ReleaseWorld& world, size_t paper) const {
    return holder_->BodyOf(world.fetch.papers[paper].paper.kind(), world.fetch.person);
  }

  static constexpr char kBroker[] = "urn:naru:1741999:broker";

  // The timer outlives executors.
  struct TimerTarget : Executor {
    void Run(std::function<void()> work) override { executor->Run(std::move(work)); }
    Executor* executor = nullptr;
  };

  TestCa ca_;
  const config::v1::TlsFiles broker_tls_;
  std::unique_ptr<FakeHolder> holder_;
  KeyRing keys_;
  HolderAddress where_;
  HolderPool::Options pool_options_;
  absl::Mutex mu_;
  std::vector<std::string> breaker_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<HolderPool> pool_;
  std::unique_ptr<AwaitedExecutor> executor_;
  TimerTarget timer_target_;
  ThreadTimer timer_{&timer_target_};
};

TEST_F(GrpcHolderStreamTest, DocumentsArriveWholeSideBySide) {
  const auto world = World(5);
  Run(*world);
  for (size_t i = 0; i < 5; ++i) {
    ASSERT_THAT(world->OutcomesOf(i), SizeIs(1));
    EXPECT_EQ(world->OutcomesOf(i)[0].outcome(), v1::OUTCOME_SENT);
    EXPECT_EQ(world->BodyTaken(i), TrueBody(*world, i));
  }
  EXPECT_EQ(holder_->counts().proceeds, 5);
}

TEST_F(GrpcHolderStreamTest, P3_EveryFaultOfAHolderEndsInItsOutcome) {
  struct Row {
    Fault fault;
    v1::Outcome outcome;
    v1::RefusalReason reason;
    bool quarantined;
  };
  const auto failed = v1::OUTCOME_FAILED;
  const std::vector<Row> rows = {
      {Fault::kOtherPersonsAnswer, failed, v1::REFUSAL_REASON_SUBJECT_MISMATCH, true},
      {Fault::kSwappedBody, failed, v1::REFUSAL_REASON_SUBJECT_MISMATCH, true},
      {Fault::kOtherNonce, failed, v1::REFUSAL_REASON_SUBJECT_MISMATCH, true},
      {Fault::kOtherRelease, failed, v1::REFUSAL_REASON_SUBJECT_MISMATCH, true},
      {Fault::kBadSignature, failed, v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID, false},
      {Fault::kUnapprovedField, failed, v1::REFUSAL_REASON_FIELD_NOT_APPROVED, false},
      {Fault::kOversized, failed, v1::REFUSAL_REASON_DOCUMENT_TOO_LARGE, false},
      {Fault::kNoRecord, v1::OUTCOME_NO_RECORD, v1::REFUSAL_REASON_UNSPECIFIED, false},
      {Fault::kNotEntitled, v1::OUTCOME_DECLINED, v1::REFUSAL_REASON_NOT_ENTITLED, false},
      {Fault::kForbiddenByLaw, v1::OUTCOME_DECLINED, v1::REFUSAL_REASON_HOLDER_DECLINED, false},
      {Fault::kDeferred, v1::OUTCOME_DEFERRED, v1::REFUSAL_REASON_HOLDER_DEFERRED, false},
      {Fault::kWrongChunkOrder, failed, v1::REFUSAL_REASON_SUBJECT_MISMATCH, true},
      {Fault::kAlteredChunk, failed, v1::REFUSAL_REASON_SUBJECT_MISMATCH, true},
      {Fault::kTooFewChunks, failed, v1::REFUSAL_REASON_HOLDER_FAULT, false},
      {Fault::kTooManyChunks, failed, v1::REFUSAL_REASON_SUBJECT_MISMATCH, true},
      {Fault::kDiesBeforeAnswer, failed, v1::REFUSAL_REASON_HOLDER_UNAVAILABLE, false},
      {Fault::kDiesInTheMiddle, failed, v1::REFUSAL_REASON_HOLDER_UNAVAILABLE, false},
      {Fault::kNeverAnswers, failed, v1::REFUSAL_REASON_HOLDER_TIMEOUT, false},
      {Fault::kNeverSendsBody, failed, v1::REFUSAL_REASON_HOLDER_TIMEOUT, false},
      {Fault::kAnswersTwice, failed, v1::REFUSAL_REASON_HOLDER_FAULT, false},
      {Fault::kNone, v1::OUTCOME_SENT, v1::REFUSAL_REASON_UNSPECIFIED, false},
  };
  {
    // What kSwappedBody swaps in.
    const auto world = World(1);
    Run(*world);
  }
  for (const Row& row : rows) {
    SCOPED_TRACE(static_cast<int>(row.fault));
    holder_->Misbehave(row.fault);
    const auto world = World(1);
    // Another paper than the one before, so that its body differs.
    world->fetch.papers[0].paper.set_kind("KIND_OTHER");
    Run(*world);
    ASSERT_THAT(world->OutcomesOf(0), SizeIs(1));
    EXPECT_EQ(world->OutcomesOf(0)[0].outcome(), row.outcome);
    EXPECT_EQ(world->OutcomesOf(0)[0].refusal().reason(), row.reason);
    EXPECT_EQ(world->record.ends().at(0).quarantined, row.quarantined);
    const std::string taken = world->BodyTaken(0);
    EXPECT_EQ(taken, TrueBody(*world, 0).substr(0, taken.size()));
  }
}

TEST_F(GrpcHolderStreamTest, P1_BodyThatDoesNotWaitForTheProceedIsAFaultAndNotPassedOn) {
  holder_->Misbehave(Fault::kSendsBeforeProceed);
  const auto world = World(1);
  world->record.Hold();
  world->release =
      FetchRelease::Start(world->parts, world->fetch, world->sink, [&] { ++world->over; });
  // The chunk came, and the holder was left, while the release waits.
  ASSERT_TRUE(executor_->RunUntil(
      [&] { return holder_->counts().answers == 1 && pool().under_way(kAgency) == 0; }));
  EXPECT_EQ(world->over, 0);
  world->record.LetGo();
  EXPECT_TRUE(executor_->RunUntil([&] { return world->release.expired(); }));
  EXPECT_EQ(world->OutcomesOf(0)[0].refusal().reason(), v1::REFUSAL_REASON_HOLDER_FAULT);
  EXPECT_EQ(world->BodyTaken(0), "");
}

TEST_F(GrpcHolderStreamTest, P2_CutEndsTheHoldersCall) {
  holder_->Misbehave(Fault::kNeverSendsBody);
  const auto world = World(1);
  world->parts.body_idle = absl::Minutes(5);
  world->release =
      FetchRelease::Start(world->parts, world->fetch, world->sink, [&] { ++world->over; });
  ASSERT_TRUE(executor_->RunUntil([&] { return holder_->counts().answers == 1; }));
  world->record.Refuse(v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  world->events.Changed(world->fetch.consent);
  EXPECT_TRUE(executor_->RunUntil([&] { return world->release.expired(); }));
  EXPECT_EQ(world->record.ends().at(0).reason, v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  EXPECT_EQ(pool().under_way(kAgency), 0);
}

TEST_F(GrpcHolderStreamTest, P10_HolderHasNoMoreDocumentsUnderWayThanItMay) {
  pool_options_.max_documents = 2;
  holder_->Misbehave(Fault::kNeverAnswers);
  const auto world = World(3);
  Run(*world);
  std::vector<v1::RefusalReason> reasons;
  for (size_t i = 0; i < 3; ++i) reasons.push_back(world->OutcomesOf(i)[0].refusal().reason());
  EXPECT_THAT(reasons,
              ElementsAre(v1::REFUSAL_REASON_HOLDER_TIMEOUT, v1::REFUSAL_REASON_HOLDER_TIMEOUT,
                          v1::REFUSAL_REASON_HOLDER_UNAVAILABLE));
  EXPECT_EQ(holder_->counts().requests, 2);
}

TEST_F(GrpcHolderStreamTest, HolderThatSaysNothingIsNotAskedForAWhile) {
  holder_->Misbehave(Fault::kNeverAnswers);
  const auto world = World(limits::kBreakerFailures);
  Run(*world);
  {
    absl::MutexLock lock(&mu_);
    EXPECT_THAT(breaker_, ElementsAre("1741000 open"));
  }
  const int64_t before = holder_->counts().requests;
  const auto next = World(1);
  Run(*next);
  EXPECT_EQ(next->OutcomesOf(0)[0].refusal().reason(), v1::REFUSAL_REASON_HOLDER_UNAVAILABLE);
  EXPECT_EQ(holder_->counts().requests, before);
}

TEST_F(GrpcHolderStreamTest, HolderThatIsGoneIsUnavailableAndAMovedOneIsFound) {
  FakeHolder::Options options;
  options.tls = ca_.Issue(kIdentity);
  auto gone = std::make_unique<FakeHolder>(options);
  const std::string address = where_.address;
  where_.address = gone->address();
  gone = nullptr;
  const auto world = World(1);
  world->parts.holder_answer = absl::Seconds(20);
  Run(*world);
  EXPECT_EQ(world->OutcomesOf(0)[0].refusal().reason(), v1::REFUSAL_REASON_HOLDER_UNAVAILABLE);

  where_.address = address;
  const auto next = World(1);
  Run(*next);
  EXPECT_EQ(next->OutcomesOf(0)[0].outcome(), v1::OUTCOME_SENT);
}

TEST_F(GrpcHolderStreamTest, P3_ServerWithAnothersCertificateIsNotAsked) {
  where_.identity = "urn:naru:1741001:holder";
  const auto world = World(1);
  world->parts.holder_answer = absl::Seconds(20);
  Run(*world);
  EXPECT_EQ(world->OutcomesOf(0)[0].refusal().reason(), v1::REFUSAL_REASON_HOLDER_UNAVAILABLE);
  EXPECT_EQ(holder_->counts().requests, 0);
}

TEST_F(GrpcHolderStreamTest, HolderThatNobodyKnowsIsUnavailable) {
  EXPECT_FALSE(pool().Open("nobody").ok());
}

}  // namespace
}  // namespace naru
