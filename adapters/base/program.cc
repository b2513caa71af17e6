#include "adapters/base/program.h"

#include <glog/logging.h>
#include <pthread.h>

#include <cstdint>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/base/file.h"

namespace naru {
namespace {

constexpr uint32_t kPortMax = 65535;
constexpr size_t kPortDigits = 5;

}  // namespace

int ExitWith(absl::string_view program, const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << program << ": " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? kExitBadArguments : kExitFailed;
}

EndSignals::EndSignals(bool with_hang_up) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  if (with_hang_up) sigaddset(&signals_, SIGHUP);
  CHECK_EQ(pthread_sigmask(SIG_BLOCK, &signals_, nullptr), 0);
}

bool EndSignals::Wait() const {
  int signal = 0;
  CHECK_EQ(sigwait(&signals_, &signal), 0);
  return signal == SIGHUP;
}

bool IsHostAndPort(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  const absl::string_view port = address.substr(colon + 1);
  if (port.empty() || port.size() > kPortDigits) return false;
  for (const char c : port) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  uint32_t number = 0;
  return absl::SimpleAtoi(port, &number) && number <= kPortMax;
}

std::string WithPort(absl::string_view address, int port) {
  return absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
}

absl::Status WritePorts(const std::string& path, absl::string_view grpc, absl::string_view ops) {
  if (path.empty()) return absl::OkStatus();
  std::string text;
  if (!grpc.empty()) absl::StrAppend(&text, "grpc=", grpc, "\n");
  if (!ops.empty()) absl::StrAppend(&text, "ops=", ops, "\n");
  return AtomicWriteFile(path, text, 0644);
}

}  // namespace naru
