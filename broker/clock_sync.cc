#include "broker/clock_sync.h"

#include <sys/timex.h>

namespace naru {

bool SystemClockIsSynchronised() {
  timex query = {};
  const int state = adjtimex(&query);
  return state != -1 && state != TIME_ERROR && (query.status & STA_UNSYNC) == 0;
}

}  // namespace naru
