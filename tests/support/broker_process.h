#ifndef NARU_TESTS_SUPPORT_BROKER_PROCESS_H_
#define NARU_TESTS_SUPPORT_BROKER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace naru {

// The program naru-broker as a process of its own, for tests of what a process alone can show:
// kill -9, limits of the system, what it writes to its output. Not thread-safe.
class BrokerProcess {
 public:
  struct Options {
    std::string config_file;
    // File that its standard error goes to, appended.
    std::string stderr_file;
    // Beside --config and --development.
    std::vector<std::string> arguments;
    // Most descriptors it may have; 0 for the system's default.
    int max_descriptors = 0;
  };
  // Starts it and waits until it serves. The error of one that ended instead has what it said.
  static absl::StatusOr<std::unique_ptr<BrokerProcess>> Start(const Options& options);
  // Kills it if it lives.
  ~BrokerProcess();
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  const std::string& grpc_address() const { return grpc_address_; }
  const std::string& ops_address() const { return ops_address_; }
  pid_t pid() const { return pid_; }
  // What it wrote to standard output so far.
  const std::string& output() const { return output_; }

  // kill -9, and waits.
  void Kill();
  // Sends the signal alone.
  void Signal(int signal);
  // Waits for the end: the exit code, or minus the signal's number. DEADLINE_EXCEEDED when it lives
  // on.
  absl::StatusOr<int> Await(absl::Duration deadline);

 private:
  BrokerProcess(pid_t pid, int out) : pid_(pid), out_(out) {}
  // Reads output until it has `text`, or the process closes it.
  absl::Status ReadUntil(const std::string& text, absl::Duration deadline);
  int Reap();

  pid_t pid_;
  int out_;
  std::string output_;
  std::string grpc_address_;
  std::string ops_address_;
};

}  // namespace naru

#endif  // NARU_TESTS_SUPPORT_BROKER_PROCESS_H_
