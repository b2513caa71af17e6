#include "adapters/holder/socket_deadline.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/thread_timer.h"

namespace naru {

namespace {

// Runs closures on the timer's own thread: they do not block.
class Inline final : public Executor {
 public:
  void Run(std::function<void()> work) override { work(); }
};

Timer* ProcessTimer() {
  static Timer* const timer = new ThreadTimer(new Inline);
  return timer;
}

}  // namespace

struct SocketDeadline::State {
  mutable absl::Mutex mu;
  int socket ABSL_GUARDED_BY(mu) = -1;
  bool expired ABSL_GUARDED_BY(mu) = false;

  void Watch(int handle) ABSL_LOCKS_EXCLUDED(mu) {
    absl::MutexLock lock(&mu);
    if (socket >= 0) close(socket);
    socket = handle;
    if (expired && socket >= 0) shutdown(socket, SHUT_RDWR);
  }
  void Expire() ABSL_LOCKS_EXCLUDED(mu) {
    absl::MutexLock lock(&mu);
    expired = true;
    if (socket >= 0) shutdown(socket, SHUT_RDWR);
  }
};

SocketDeadline::SocketDeadline(Timer* timer, absl::Duration time)
    : timer_(timer != nullptr ? timer : ProcessTimer()), state_(std::make_shared<State>()) {
  token_ = timer_->After(time, [state = state_] { state->Expire(); });
}

SocketDeadline::~SocketDeadline() {
  timer_->Cancel(token_);
  state_->Watch(-1);
}

void SocketDeadline::Watch(int socket) {
  state_->Watch(socket < 0 ? -1 : fcntl(socket, F_DUPFD_CLOEXEC, 0));
}

bool SocketDeadline::expired() const {
  absl::MutexLock lock(&state_->mu);
  return state_->expired;
}

}  // namespace naru
