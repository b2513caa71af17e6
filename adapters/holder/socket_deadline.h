#ifndef NARU_ADAPTERS_HOLDER_SOCKET_DEADLINE_H_
#define NARU_ADAPTERS_HOLDER_SOCKET_DEADLINE_H_

#include <memory>

#include "absl/time/time.h"
#include "broker/base/executor.h"

namespace naru {

// Ends a library's call that waits at a socket and knows no time limit for the whole: when the time
// is over, the sockets it watches are shut down, so that the call fails at once. Each has a handle
// of its own, so that a number that was closed and given anew is never meant. Thread-safe.
class SocketDeadline {
 public:
  // `timer` must outlive this object; nullptr means one that the process has for this alone, so
  // that no other work holds it up.
  SocketDeadline(Timer* timer, absl::Duration time);
  ~SocketDeadline();
  SocketDeadline(const SocketDeadline&) = delete;
  SocketDeadline& operator=(const SocketDeadline&) = delete;

  // From now on instead of the one before. One that is none (-1) is passed over.
  void Watch(int socket);
  bool expired() const;

 private:
  struct State;

  Timer* const timer_;
  const std::shared_ptr<State> state_;
  Timer::Token token_ = 0;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_SOCKET_DEADLINE_H_
