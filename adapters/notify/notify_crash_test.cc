// Kills naru-notify at random moments, over and over, while a broker in this process has messages
// for it: before a file is written, between file and acknowledgement, between acknowledgement and
// cursor, or anywhere else. In the end every message is in the spool, whole, and none was ever
// acknowledged before it was there.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "adapters/notify/fake_message_service.h"
#include "adapters/notify/message_form.h"
#include "adapters/notify/notify_config.h"
#include "broker/base/file.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

namespace fs = std::filesystem;

constexpr char kBroker[] = "urn:naru:1741999:broker";
constexpr char kNotifier[] = "urn:naru:1741999:notifier";
constexpr int kMessagesPerRound = 25;

// The program under test, as a process.
class Child {
 public:
  Child(const std::string& config, bool once) {
    const std::string program =
        absl::StrCat(std::getenv("TEST_SRCDIR"), "/naru/adapters/notify/naru-notify");
    std::vector<std::string> words = {program, "--config", config};
    if (once) words.push_back("--once");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
  }
  void Send(int signal) const { kill(pid_, signal); }
  int Wait() const {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    return status;
  }

 private:
  pid_t pid_ = 0;
};

// What kills the child: the n-th time that the broker comes to a step, or a delay.
enum class Moment { kBeforeDelete, kAfterDelete, kAnywhere };

class NotifyCrashTest : public testing::Test {
 protected:
  NotifyCrashTest() : root_(testing::TempDir() + "/crash"), ca_(root_ + "-pki") {
    fs::remove_all(root_);
    EXPECT_THAT(MakeDirectories(root_), IsOk());
    FakeMessageService::Hooks hooks;
    hooks.before_delete = [this](uint64_t cursor) {
      const auto text = ReadFile(PathOf(cursor), 1000);
      if (!text.ok() || *text != TextOf(cursor)) ++acknowledged_without_file_;
      Step(Moment::kBeforeDelete);
    };
    hooks.after_delete = [this](uint64_t) { Step(Moment::kAfterDelete); };
    service_.SetHooks(hooks);
    const auto credentials = ServerCredentials(ca_.Issue(kBroker));
    EXPECT_THAT(credentials, IsOk());
    grpc::ServerBuilder builder;
    SetServerBounds(builder, limits::kRequestBytes);
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    WriteConfig(port);
  }
  ~NotifyCrashTest() override { server_->Shutdown(); }

  void WriteConfig(int port) {
    const config::v1::TlsFiles tls = ca_.Issue(kNotifier);
    const std::string text = absl::StrCat(
        "broker_address: \"127.0.0.1:", port, "\"\nbroker_identity: \"", kBroker,
        "\"\ntls {\n  certificate_file: \"", tls.certificate_file(), "\"\n  key_file: \"",
        tls.key_file(), "\"\n  ca_file: \"", tls.ca_file(), "\"\n}\nspool_directory: \"", root_,
        "/spool\"\ncursor_file: \"", root_, "/cursor\"\n");
    EXPECT_THAT(AtomicWriteFile(Config(), text), IsOk());
  }

  std::string Config() const { return root_ + "/notify.textproto"; }
  std::string PathOf(uint64_t cursor) const {
    return absl::StrCat(root_, "/spool/", MessageFileName(TestMessage(cursor)));
  }
  static std::string TextOf(uint64_t cursor) { return absl::StrCat("안내 문자 ", cursor); }

  void Step(Moment moment) {
    Child* const child = child_.load();
    if (child == nullptr || moment != moment_ || --steps_ != 0) return;
    child->Send(SIGKILL);
    SetReached(true);
  }
  void SetReached(bool reached) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    reached_ = reached;
  }
  bool AwaitReached() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return mu_.AwaitWithTimeout(absl::Condition(&reached_), absl::Seconds(20));
  }

  // One life of the child.
  void KillAtRandom() {
    moment_ = static_cast<Moment>(random_.Below(3));
    steps_ = static_cast<int>(1 + random_.Below(kMessagesPerRound));
    const size_t starts = service_.starts().size();
    SetReached(false);
    Child child(Config(), /*once=*/false);
    child_ = &child;
    if (moment_ == Moment::kAnywhere) {
      // Sometimes before it reaches the broker, mostly while it works.
      if (random_.Below(8) != 0) service_.AwaitStarts(starts + 1, absl::Seconds(20));
      service_.AwaitAcknowledged(SIZE_MAX, absl::Milliseconds(random_.Below(60)));
      child.Send(SIGKILL);
    } else if (!AwaitReached()) {
      ADD_FAILURE() << "the moment never came";
      child.Send(SIGKILL);
    }
    const int status = child.Wait();
    child_ = nullptr;
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  }

  const std::string root_;
  FakeRandom random_{7};
  TestCa ca_;
  FakeMessageService service_{limits::kMessagesAhead};
  std::unique_ptr<grpc::Server> server_;
  std::atomic<Child*> child_{nullptr};
  std::atomic<int> steps_{0};
  std::atomic<Moment> moment_{Moment::kAnywhere};
  std::atomic<int> acknowledged_without_file_{0};
  absl::Mutex mu_;
  bool reached_ ABSL_GUARDED_BY(mu_) = false;
};

TEST_F(NotifyCrashTest, P4_EveryMessageIsHandedOverThroughKillsAtAnyMoment) {
  const int rounds = std::getenv("NARU_FULL") != nullptr ? 400 : 30;
  uint64_t last = 0;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < kMessagesPerRound; ++i) {
      ++last;
      service_.Add(TestMessage(last, TextOf(last)));
    }
    KillAtRandom();
  }
  const Child once(Config(), /*once=*/true);
  EXPECT_EQ(once.Wait(), 0);

  EXPECT_EQ(acknowledged_without_file_, 0);
  EXPECT_EQ(service_.left(), 0u);
  for (uint64_t cursor = 1; cursor <= last; ++cursor) {
    EXPECT_THAT(ReadFile(PathOf(cursor), 1000), IsOkAndHolds(TextOf(cursor)));
  }
  // One file each, and nothing half-written.
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(root_ + "/spool")) {
    ++files;
    EXPECT_FALSE(absl::StartsWith(entry.path().filename().string(), ".")) << entry.path();
  }
  EXPECT_EQ(files, last);
}

TEST_F(NotifyCrashTest, ATerminatedNotifierEndsWellAndSoDoesOneWithoutABroker) {
  {
    const Child child(Config(), /*once=*/false);
    service_.Add(TestMessage(1, TextOf(1)));
    EXPECT_TRUE(service_.AwaitAcknowledged(1, absl::Seconds(20)));
    child.Send(SIGTERM);
    EXPECT_EQ(child.Wait(), 0);
  }
  WriteConfig(1);
  const Child child(Config(), /*once=*/true);
  const int status = child.Wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
}

TEST(NotifyConfigTest, TheDemosConfigurationIsGoodAndErrorsNameTheLine) {
  ABSL_ASSERT_OK_AND_ASSIGN(std::string text, ReadFile("deploy/notify.textproto", 1 << 20));
  text = absl::StrReplaceAll(
      text, {{"@BROKER@", "127.0.0.1:7000"}, {"@PKI@", "/pki"}, {"@RUN@", "/run"}});
  EXPECT_EQ(text.find('@'), std::string::npos);
  const auto check = [](const std::string& content) {
    const auto file = NotifyConfigFile::Parse("notify.textproto", content);
    return file.ok() ? CheckNotifyConfig(*file) : file.status();
  };
  ABSL_EXPECT_OK(check(text));
  for (const char* part :
       {"127.0.0.1:7000", "urn:naru:1741999:broker", "/pki/notifier/cert.pem",
        "/pki/notifier/key.pem", "/pki/ca.pem", "/run/spool", "/run/notify.cursor"}) {
    EXPECT_THAT(
        check(absl::StrReplaceAll(text, {{part, ""}})),
        StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("notify.textproto:")))
        << part;
  }
}

}  // namespace
}  // namespace naru
