#include "tests/support/broker_process.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/base/clock.h"
#include "broker/base/status_macros.h"

extern char** environ;

namespace naru {
namespace {

constexpr absl::Duration kStart = absl::Seconds(30);
constexpr char kProgram[] = "broker/naru-broker";

// Where Bazel put the program.
std::string ProgramFile() {
  const char* runfiles = std::getenv("TEST_SRCDIR");
  const char* workspace = std::getenv("TEST_WORKSPACE");
  CHECK(runfiles != nullptr && workspace != nullptr) << "run by bazel test";
  return absl::StrCat(runfiles, "/", workspace, "/", kProgram);
}

// The word behind `before`, up to a space, comma or line's end.
std::string WordAfter(const std::string& text, const std::string& before) {
  const size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const size_t begin = at + before.size();
  return text.substr(begin, text.find_first_of(" ,/\n", begin) - begin);
}

}  // namespace

absl::StatusOr<std::unique_ptr<BrokerProcess>> BrokerProcess::Start(const Options& options) {
  std::string limit;
  if (options.max_descriptors > 0)
    limit = absl::StrCat("ulimit -n ", options.max_descriptors, "; ");
  std::vector<std::string> words = {
      "/bin/sh",     "-c",       limit + "exec \"$@\"", "sh",
      ProgramFile(), "--config", options.config_file,   "--development"};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, options.stderr_file.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return absl::ErrnoToStatus(error, "posix_spawn");
  }
  std::unique_ptr<BrokerProcess> process(new BrokerProcess(pid, ends[0]));
  ABSL_RETURN_IF_ERROR(process->ReadUntil("/metrics\n", kStart));
  process->grpc_address_ = WordAfter(process->output_, "mutual TLS on ");
  process->ops_address_ = WordAfter(process->output_, "http://");
  return process;
}

BrokerProcess::~BrokerProcess() {
  if (pid_ != 0) Kill();
  close(out_);
}

absl::Status BrokerProcess::ReadUntil(const std::string& text, absl::Duration deadline) {
  const absl::Duration end = Clock::Real()->Monotonic() + deadline;
  char buffer[4096];
  while (text.empty() || output_.find(text) == std::string::npos) {
    const int64_t left = absl::ToInt64Milliseconds(end - Clock::Real()->Monotonic());
    pollfd waited = {out_, POLLIN, 0};
    const int ready = poll(&waited, 1, static_cast<int>(std::max<int64_t>(left, 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return absl::DeadlineExceededError("the broker did not say it in time");
    const ssize_t bytes = read(out_, buffer, sizeof(buffer));
    if (bytes <= 0) {
      return absl::UnavailableError(absl::StrCat("the broker ended; it said: ", output_));
    }
    output_.append(buffer, static_cast<size_t>(bytes));
  }
  return absl::OkStatus();
}

int BrokerProcess::Reap() {
  int status = 0;
  CHECK_EQ(waitpid(pid_, &status, 0), pid_);
  pid_ = 0;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void BrokerProcess::Kill() {
  Signal(SIGKILL);
  Reap();
}

void BrokerProcess::Signal(int signal) { kill(pid_, signal); }

absl::StatusOr<int> BrokerProcess::Await(absl::Duration deadline) {
  // Its output is closed when it ends, not before.
  const absl::Status closed = ReadUntil("", deadline);
  if (closed.code() != absl::StatusCode::kUnavailable) return closed;
  return Reap();
}

}  // namespace naru
