#ifndef NARU_BROKER_BASE_LOG_H_
#define NARU_BROKER_BASE_LOG_H_

namespace naru {

// Sets glog up for a program; call once, first in main(). Logs go to stderr alone: whoever runs the
// program keeps them, and no forgotten file grows.
//
// A crash prints the signal and the functions that were running, which name no person; it leaves no
// core file, because the memory of a broker holds identifiers and documents (P6).
void InitLogging(const char* argv0);

}  // namespace naru

#endif  // NARU_BROKER_BASE_LOG_H_
