// The notifier against a broker in the process: what is handed over, acknowledged and remembered
// when, and what a failure at each step leads to.

#include "adapters/notify/notifier.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/notify/fake_message_service.h"
#include "adapters/notify/message_form.h"
#include "adapters/notify/spool_gateway.h"
#include "broker/base/file.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr size_t kAhead = 16;
constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr absl::Duration kQuiet = absl::Milliseconds(400);

// A gateway in front of the spool that can refuse.
class FaultyGateway final : public MessageGateway {
 public:
  explicit FaultyGateway(MessageGateway* behind) : behind_(behind) {}
  absl::Status HandOver(const v1::Message& message) override {
    handed_over.push_back(message.cursor());
    if (message.cursor() == refuses && times-- > 0) return with;
    return behind_->HandOver(message);
  }

  uint64_t refuses = 0;
  int times = 0;
  absl::Status with;
  std::vector<uint64_t> handed_over;

 private:
  MessageGateway* const behind_;
};

class NotifierTest : public testing::Test {
 protected:
  void Serve(FakeMessageService::Hooks hooks = {}) {
    service_.SetHooks(std::move(hooks));
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::MessageService::NewStub(server_->InProcessChannel(grpc::ChannelArguments()));
  }

  void SetUp() override {
    root_ = absl::StrCat(testing::TempDir(), "/",
                         testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(root_);
    ABSL_ASSERT_OK(MakeDirectories(root_));
    ABSL_ASSERT_OK_AND_ASSIGN(spool_, SpoolGateway::Open(Spool()));
    gateway_ = std::make_unique<FaultyGateway>(spool_.get());
  }
  void TearDown() override {
    if (server_ != nullptr) server_->Shutdown();
  }

  std::string Spool() const { return root_ + "/spool"; }
  std::string CursorPath() const { return root_ + "/cursor"; }

  // As a process that starts anew would have it.
  std::unique_ptr<Notifier> NewNotifier() {
    auto cursor = CursorFile::Open(CursorPath());
    EXPECT_THAT(cursor, IsOk());
    cursor_ = std::make_unique<CursorFile>(*std::move(cursor));
    return std::make_unique<Notifier>(NotifierParts{stub_.get(), gateway_.get(), &dead_letters(),
                                                    cursor_.get(), &backoff_, &metrics_, &clock_});
  }
  // Of naru_notify_messages_total{result}.
  double Counted(const std::string& result) const {
    for (const auto& family : metrics_.registry()->Collect()) {
      if (family.name != "naru_notify_messages_total") continue;
      for (const auto& metric : family.metric) {
        if (metric.label[0].value == result) return metric.counter.value;
      }
    }
    return -1;
  }
  DeadLetters& dead_letters() {
    if (dead_letters_ == nullptr) dead_letters_ = std::make_unique<DeadLetters>(Spool() + "/dead");
    return *dead_letters_;
  }

  static std::set<std::string> FilesIn(const std::string& directory) {
    std::set<std::string> names;
    if (!fs::exists(directory)) return names;
    for (const auto& entry : fs::directory_iterator(directory)) {
      if (entry.is_regular_file()) names.insert(entry.path().filename().string());
    }
    return names;
  }
  uint64_t CursorOnDisk() const {
    const auto file = CursorFile::Open(CursorPath());
    return file.ok() ? file->cursor() : 0;
  }

  NotifyMetrics metrics_;
  std::string root_;
  SimulatedClock clock_;
  FakeRandom random_;
  Backoff backoff_{&random_, absl::Milliseconds(1), absl::Milliseconds(10)};
  FakeMessageService service_{kAhead};
  std::unique_ptr<SpoolGateway> spool_;
  std::unique_ptr<FaultyGateway> gateway_;
  std::unique_ptr<DeadLetters> dead_letters_;
  std::unique_ptr<CursorFile> cursor_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::MessageService::Stub> stub_;
};

TEST_F(NotifierTest, AMessageIsAFileThenAcknowledgedThenPassed) {
  std::vector<std::string> wrong;
  FakeMessageService::Hooks hooks;
  hooks.before_delete = [&](uint64_t cursor) {
    const std::string path = absl::StrCat(Spool(), "/", MessageFileName(TestMessage(cursor)));
    if (!fs::exists(path)) wrong.push_back(absl::StrCat(cursor, " has no file yet"));
    if (CursorOnDisk() >= cursor) wrong.push_back(absl::StrCat(cursor, " was passed already"));
  };
  Serve(hooks);
  for (uint64_t cursor = 10; cursor < 60; ++cursor) {
    service_.Add(TestMessage(cursor, absl::StrCat("안내 ", cursor)));
  }
  ABSL_EXPECT_OK(NewNotifier()->Drain(kQuiet));
  EXPECT_THAT(wrong, IsEmpty());
  EXPECT_EQ(service_.left(), 0u);
  EXPECT_EQ(CursorOnDisk(), 59u);
  EXPECT_EQ(FilesIn(Spool()).size(), 50u);
  const std::string path = absl::StrCat(Spool(), "/", MessageFileName(TestMessage(42)));
  EXPECT_THAT(ReadFile(path, 1000), IsOkAndHolds("안내 42"));
  struct stat file;
  ASSERT_EQ(stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(NotifierTest, AnExpiredMessageIsDroppedAndNotSaidToBeHandedOver) {
  Serve();
  v1::Message expired = TestMessage(2);
  expired.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  service_.Add(TestMessage(1));
  service_.Add(expired);
  service_.Add(TestMessage(3));
  ABSL_EXPECT_OK(NewNotifier()->Drain(kQuiet));
  EXPECT_THAT(FilesIn(Spool()), UnorderedElementsAre(MessageFileName(TestMessage(1)),
                                                     MessageFileName(TestMessage(3))));
  EXPECT_THAT(service_.acknowledged(), ElementsAre(1, 3));
  EXPECT_EQ(Counted("handed_over"), 2);
  EXPECT_EQ(Counted("expired"), 1);
  // It is not asked for again either.
  expired.set_cursor(4);
  service_.Add(expired);
  ABSL_EXPECT_OK(NewNotifier()->Drain(kQuiet));
  EXPECT_EQ(CursorOnDisk(), 4u);
  EXPECT_THAT(FilesIn(Spool() + "/dead"), IsEmpty());
}

TEST_F(NotifierTest, WhatNobodyCanDeliverStaysVisibleAndHoldsUpNobody) {
  Serve();
  v1::Message escaping = TestMessage(1, "달아남");
  escaping.set_contact_ref("../../../escaped");
  v1::Message code =
      TestMessage(2,
                  "나루 확인 번호는 987654 입니다. 아무에게도 알려 주지 마십시오. 공무원은 "
                  "번호를 묻지 않습니다. 이 문자는 너무 깁니다.");
  code.set_kind(v1::MESSAGE_KIND_CODE);
  service_.Add(escaping);
  service_.Add(code);
  service_.Add(TestMessage(3, "줄\n바꿈"));
  service_.Add(TestMessage(4));
  ABSL_EXPECT_OK(NewNotifier()->Drain(kQuiet));
  EXPECT_THAT(FilesIn(Spool()), ElementsAre(MessageFileName(TestMessage(4))));
  const std::string dead = Spool() + "/dead/";
  EXPECT_THAT(FilesIn(dead),
              UnorderedElementsAre("00000000000000000001.txt", MessageFileName(TestMessage(2)),
                                   MessageFileName(TestMessage(3))));
  // Nothing lies outside the spool.
  EXPECT_THAT(FilesIn(root_), ElementsAre("cursor"));
  ABSL_ASSERT_OK_AND_ASSIGN(const std::string notice,
                            ReadFile(dead + "00000000000000000001.txt", 10000));
  EXPECT_THAT(notice, HasSubstr("contact_ref"));
  EXPECT_THAT(notice, HasSubstr("달아남"));
  // A code rests nowhere.
  ABSL_ASSERT_OK_AND_ASSIGN(const std::string letter,
                            ReadFile(dead + MessageFileName(TestMessage(2)), 10000));
  EXPECT_THAT(letter, HasSubstr("bytes in EUC-KR"));
  EXPECT_THAT(letter, Not(HasSubstr("987654")));
  EXPECT_THAT(service_.acknowledged(), ElementsAre(1, 2, 3, 4));
}

TEST_F(NotifierTest, WhatTheGatewayDoesNotTakeNowIsTriedAgain) {
  Serve();
  gateway_->refuses = 3;
  gateway_->times = 3;
  gateway_->with = absl::ResourceExhaustedError("the disk is full");
  for (uint64_t cursor = 1; cursor <= 5; ++cursor) service_.Add(TestMessage(cursor));
  EXPECT_THAT(NewNotifier()->Drain(kQuiet), StatusIs(absl::StatusCode::kResourceExhausted));
  // What was handed over before counts; the rest waits.
  EXPECT_THAT(service_.acknowledged(), ElementsAre(1, 2));
  EXPECT_EQ(CursorOnDisk(), 2u);
  const auto notifier = NewNotifier();
  std::thread carrier([&] { notifier->Run(); });
  EXPECT_TRUE(service_.AwaitAcknowledged(5, kPatience));
  notifier->Stop();
  carrier.join();
  EXPECT_EQ(FilesIn(Spool()).size(), 5u);
  EXPECT_EQ(CursorOnDisk(), 5u);
}

TEST_F(NotifierTest, WhatTheGatewayWillNeverTakeIsADeadLetter) {
  Serve();
  gateway_->refuses = 1;
  gateway_->times = 1000;
  gateway_->with = absl::InvalidArgumentError("no such contact");
  service_.Add(TestMessage(1));
  service_.Add(TestMessage(2));
  ABSL_EXPECT_OK(NewNotifier()->Drain(kQuiet));
  EXPECT_THAT(FilesIn(Spool()), ElementsAre(MessageFileName(TestMessage(2))));
  EXPECT_THAT(FilesIn(Spool() + "/dead"), ElementsAre(MessageFileName(TestMessage(1))));
  EXPECT_EQ(Counted("handed_over"), 1);
  EXPECT_EQ(Counted("dead"), 1);
}

TEST_F(NotifierTest, AnAcknowledgementThatFailsIsMadeAgain) {
  Serve();
  for (uint64_t cursor = 1; cursor <= 3; ++cursor) service_.Add(TestMessage(cursor));
  service_.Acknowledge(FakeMessageService::Acknowledgements::kRefused);
  EXPECT_THAT(NewNotifier()->Drain(kQuiet), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(CursorOnDisk(), 0u);
  // Only its answer is lost: the cursor stays behind, and nothing comes again.
  service_.Acknowledge(FakeMessageService::Acknowledgements::kTakenButAnswerLost);
  EXPECT_THAT(NewNotifier()->Drain(kQuiet), StatusIs(absl::StatusCode::kUnavailable));
  service_.Acknowledge(FakeMessageService::Acknowledgements::kTaken);
  service_.Add(TestMessage(4));
  ABSL_EXPECT_OK(NewNotifier()->Drain(kQuiet));
  EXPECT_EQ(service_.left(), 0u);
  // Handed over more than once, and one file each all the same.
  EXPECT_GT(gateway_->handed_over.size(), 4u);
  EXPECT_EQ(FilesIn(Spool()).size(), 4u);
  EXPECT_EQ(CursorOnDisk(), 4u);
}

TEST_F(NotifierTest, AFeedThatBreaksIsFollowedFromTheCursor) {
  Serve();
  const auto notifier = NewNotifier();
  std::thread carrier([&] { notifier->Run(); });
  service_.Add(TestMessage(7));
  EXPECT_TRUE(service_.AwaitAcknowledged(1, kPatience));
  for (int breaks = 2; breaks <= 4; ++breaks) {
    service_.EndCalls();
    EXPECT_TRUE(service_.AwaitStarts(breaks, kPatience));
  }
  service_.Add(TestMessage(8));
  EXPECT_TRUE(service_.AwaitAcknowledged(2, kPatience));
  notifier->Stop();
  carrier.join();
  EXPECT_THAT(service_.starts(), ElementsAre(0, 7, 7, 7));
}

TEST_F(NotifierTest, MessagesOfANewLedgerAreNotPassedOver) {
  ABSL_ASSERT_OK(AtomicWriteFile(CursorPath(), "5000\n"));
  Serve();
  service_.SendHeartbeats();
  service_.Add(TestMessage(1));
  const auto notifier = NewNotifier();
  std::thread carrier([&] { notifier->Run(); });
  EXPECT_TRUE(service_.AwaitAcknowledged(1, kPatience));
  notifier->Stop();
  carrier.join();
  EXPECT_EQ(service_.starts()[0], 5000u);
  EXPECT_EQ(service_.starts()[1], 0u);
  // And no call is made again and again.
  EXPECT_LE(service_.starts().size(), 3u);
  EXPECT_EQ(CursorOnDisk(), 1u);
}

TEST_F(NotifierTest, P10_NoMoreMessagesAreInHandThanMaySentAhead) {
  FakeMessageService greedy(100000);
  grpc::ServerBuilder builder;
  builder.RegisterService(&greedy);
  const auto server = builder.BuildAndStart();
  stub_ = v1::MessageService::NewStub(server->InProcessChannel(grpc::ChannelArguments()));
  for (uint64_t cursor = 1; cursor <= 200; ++cursor) greedy.Add(TestMessage(cursor));
  ABSL_EXPECT_OK(NewNotifier()->Drain(kQuiet));
  EXPECT_EQ(greedy.left(), 0u);
  EXPECT_LE(greedy.largest(), kAhead);
  server->Shutdown();
}

TEST_F(NotifierTest, StopEndsAWaitForMessagesAndAWaitForTheBroker) {
  Serve();
  {
    const auto notifier = NewNotifier();
    std::thread carrier([&] { notifier->Run(); });
    EXPECT_TRUE(service_.AwaitStarts(1, kPatience));
    notifier->Stop();
    carrier.join();
  }
  server_->Shutdown();
  Backoff endless(&random_, absl::Hours(1), absl::Hours(1));
  Notifier notifier(
      {stub_.get(), gateway_.get(), &dead_letters(), cursor_.get(), &endless, &metrics_, &clock_});
  std::thread carrier([&] { notifier.Run(); });
  notifier.Stop();
  carrier.join();
}

TEST_F(NotifierTest, ADamagedCursorIsTheBeginning) {
  Serve();
  service_.Add(TestMessage(1));
  for (const char* text : {"", "\n", "12", "-1\n", "12\n13\n", "99999999999999999999999\n"}) {
    ABSL_ASSERT_OK(AtomicWriteFile(CursorPath(), text));
    ABSL_ASSERT_OK_AND_ASSIGN(const CursorFile file, CursorFile::Open(CursorPath()));
    EXPECT_EQ(file.cursor(), 0u) << text;
  }
  ABSL_EXPECT_OK(NewNotifier()->Drain(kQuiet));
  EXPECT_EQ(CursorOnDisk(), 1u);
}

TEST_F(NotifierTest, ASpoolBelongsToOneProcessAndIsCleanedWhenItStarts) {
  EXPECT_THAT(SpoolGateway::Open(Spool()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another naru-notify")));
  spool_.reset();
  const std::string left = Spool() + "/.00000000000000000001-ab.txt.tmpX1Y2Z3";
  ABSL_ASSERT_OK(AtomicWriteFile(left, "half a code"));
  ABSL_ASSERT_OK(AtomicWriteFile(Spool() + "/00000000000000000001-ab.txt", "whole"));
  ABSL_ASSERT_OK(SpoolGateway::Open(Spool()));
  EXPECT_THAT(FilesIn(Spool()), ElementsAre("00000000000000000001-ab.txt"));
}

TEST(BackoffTest, WaitsGrowByChanceUpToTheirBound) {
  FakeRandom random;
  Backoff backoff(&random, absl::Milliseconds(200), absl::Seconds(30));
  absl::Duration most = absl::Milliseconds(200);
  std::set<absl::Duration> longest;
  for (int i = 0; i < 40; ++i) {
    const absl::Duration wait = backoff.Next();
    EXPECT_GE(wait, most / 2);
    EXPECT_LE(wait, most);
    if (most == absl::Seconds(30)) longest.insert(wait);
    most = std::min<absl::Duration>(absl::Seconds(30), most * 2);
  }
  EXPECT_GT(longest.size(), 10u);
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(200));
}

}  // namespace
}  // namespace naru
