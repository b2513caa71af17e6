#ifndef NARU_BROKER_STREAM_WRITER_H_
#define NARU_BROKER_STREAM_WRITER_H_

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace naru {

// The writing side of a server stream, one message in flight. A handle that others keep: calls
// after the stream is over do nothing, so that a late event never touches a reactor that is gone.
// Thread-safe; callbacks run on gRPC's threads, must not block, and never run under the lock.
template <typename Response>
class StreamWriter : public std::enable_shared_from_this<StreamWriter<Response>> {
 public:
  struct Events {
    std::function<void(bool ok)> on_written;  // After each Write; false when the peer is gone.
    std::function<void()> on_gone;  // Once, when the peer cancels or the connection breaks.
    std::function<void()> on_done;  // Once, last.
  };

  static std::shared_ptr<StreamWriter> Create() {
    return std::shared_ptr<StreamWriter>(new StreamWriter);
  }

  // The reactor to give to gRPC; lives until gRPC is done with it.
  grpc::ServerWriteReactor<Response>* reactor() { return reactor_; }

  // Sets what happens; before that events are kept back. Call once.
  void Listen(Events events) {
    std::function<void()> gone;
    {
      absl::MutexLock lock(&mu_);
      events_ = std::move(events);
      if (gone_ && !finished_) gone = events_->on_gone;
    }
    if (gone) gone();
  }

  // False when the stream is over or a message is in flight; the message is then not sent.
  bool Write(Response response) {
    absl::MutexLock lock(&mu_);
    if (finished_ || gone_ || writing_) return false;
    writing_ = true;
    message_ = std::move(response);
    reactor_->StartWrite(&message_);
    return true;
  }

  // Runs `work`, which must not call back, unless gRPC is done with the stream: for what lives only
  // as long as that.
  void WhileOpen(const std::function<void()>& work) {
    absl::MutexLock lock(&mu_);
    if (!over_) work();
  }

  // Ends the stream; what is in flight goes out first. Later calls do nothing.
  void Finish(const grpc::Status& status) {
    absl::MutexLock lock(&mu_);
    if (finished_) return;
    finished_ = true;
    reactor_->Finish(status);
  }

 private:
  class Reactor : public grpc::ServerWriteReactor<Response> {
   public:
    explicit Reactor(StreamWriter* owner) : owner_(owner) {}
    void Hold(std::shared_ptr<StreamWriter> self) { self_ = std::move(self); }
    void OnWriteDone(bool ok) override { owner_->Written(ok); }
    void OnCancel() override { owner_->Gone(); }
    void OnDone() override {
      // The owner may be destroyed with the last reference, and the reactor with it.
      std::shared_ptr<StreamWriter> self = std::move(self_);
      self->Done();
      delete this;
    }

   private:
    StreamWriter* const owner_;
    std::shared_ptr<StreamWriter> self_;
  };

  StreamWriter() : reactor_(new Reactor(this)) {}

 public:
  // Keeps the writer alive as long as gRPC may call the reactor. Call before the reactor is given
  // to gRPC.
  void HoldForRpc() { reactor_->Hold(this->shared_from_this()); }

 private:
  void Written(bool ok) {
    std::function<void(bool)> written;
    {
      absl::MutexLock lock(&mu_);
      writing_ = false;
      if (!ok) gone_ = true;
      if (events_.has_value()) written = events_->on_written;
    }
    if (written) written(ok);
  }

  void Gone() {
    std::function<void()> gone;
    {
      absl::MutexLock lock(&mu_);
      if (finished_) return;
      gone_ = true;
      if (events_.has_value()) gone = events_->on_gone;
    }
    if (gone) gone();
  }

  void Done() {
    std::function<void()> done;
    {
      absl::MutexLock lock(&mu_);
      finished_ = true;
      over_ = true;
      if (events_.has_value()) done = std::move(events_->on_done);
      events_.reset();
    }
    if (done) done();
  }

  Reactor* const reactor_;
  absl::Mutex mu_;
  std::optional<Events> events_ ABSL_GUARDED_BY(mu_);
  Response message_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool gone_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  bool over_ ABSL_GUARDED_BY(mu_) = false;  // gRPC is done.
};

}  // namespace naru

#endif  // NARU_BROKER_STREAM_WRITER_H_
