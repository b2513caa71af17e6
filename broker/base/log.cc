#include "broker/base/log.h"

#include <sys/resource.h>

#include "glog/logging.h"

namespace naru {

void InitLogging(const char* argv0) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv0);
  google::InstallFailureSignalHandler();
  const rlimit no_core = {0, 0};
  PCHECK(setrlimit(RLIMIT_CORE, &no_core) == 0) << "setrlimit";
}

}  // namespace naru
