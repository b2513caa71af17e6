#ifndef NARU_BROKER_CLOCK_SYNC_H_
#define NARU_BROKER_CLOCK_SYNC_H_

namespace naru {

// Whether the kernel says that the system clock is kept right by a time service (adjtimex).
// Consents end and codes expire by the clock: a broker that does not know the time refuses what
// depends on it. Thread-safe.
bool SystemClockIsSynchronised();

}  // namespace naru

#endif  // NARU_BROKER_CLOCK_SYNC_H_
