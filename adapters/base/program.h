#ifndef NARU_ADAPTERS_BASE_PROGRAM_H_
#define NARU_ADAPTERS_BASE_PROGRAM_H_

#include <signal.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// What the main() of a service does like every other.
namespace naru {

// How a program ends when not well: a fault, or arguments or a configuration that are no good.
inline constexpr int kExitFailed = 1;
inline constexpr int kExitBadArguments = 2;

// Prints what is wrong behind the program's name, and gives its exit status. 0 for OK.
int ExitWith(absl::string_view program, const absl::Status& status);

// SIGINT and SIGTERM as something to wait for. Not thread-safe; one in a process.
class EndSignals {
 public:
  // Keeps the signals from this thread and all it starts later: make it before the first one.
  // With SIGHUP too for a program that reads its configuration again on it; others end by it.
  explicit EndSignals(bool with_hang_up = false);
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

  // Blocks until one of them came. True when it was SIGHUP: then the program does not end.
  bool Wait() const;

 private:
  sigset_t signals_;
};

// Whether the text is "host:port" with a port from 0 to 65535. The host may stand in brackets.
bool IsHostAndPort(absl::string_view address);

// "host:port" with another port.
std::string WithPort(absl::string_view address, int port);

// Writes "grpc=host:port\nops=host:port\n", so that whoever chose port 0 finds the service; an
// empty address has no line. OK for no path.
absl::Status WritePorts(const std::string& path, absl::string_view grpc, absl::string_view ops);

}  // namespace naru

#endif  // NARU_ADAPTERS_BASE_PROGRAM_H_
