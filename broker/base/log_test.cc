#include "broker/base/log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>

#include "glog/logging.h"

namespace naru {
namespace {

// In a child process each: logging is set up once a process.

void LogAndExit() {
  InitLogging("log_test");
  LOG(INFO) << "the broker is up";
  std::exit(0);
}

TEST(LogDeathTest, LogsGoToStderr) {
  EXPECT_EXIT(LogAndExit(), testing::ExitedWithCode(0), "log_test.cc.*the broker is up");
}

void CrashWithoutCore() {
  InitLogging("log_test");
  rlimit core = {1, 1};
  if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 || core.rlim_max != 0) std::exit(1);
  std::abort();
}

TEST(LogDeathTest, P6_CrashLeavesAStackButNoCoreFile) {
  EXPECT_EXIT(CrashWithoutCore(), testing::KilledBySignal(SIGABRT), "SIGABRT.*\n.*@");
}

}  // namespace
}  // namespace naru
