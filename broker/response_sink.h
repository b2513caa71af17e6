#ifndef NARU_BROKER_RESPONSE_SINK_H_
#define NARU_BROKER_RESPONSE_SINK_H_

#include <functional>

#include "absl/status/status.h"
#include "naru/v1/document_service.pb.h"

namespace naru {

// The requester's side of a fetch: takes its steps one after the other. Thread-safe; never blocks.
class ResponseSink {
 public:
  // Called on any thread, never from inside a call of the sink but Listen.
  struct Events {
    // The message of the last Write was taken: the next may come.
    std::function<void()> on_written;
    // Once, when nothing more reaches the requester; a Write under way is not answered then.
    std::function<void()> on_peer_gone;
  };

  virtual ~ResponseSink() = default;

  // Sets who is told; call once, before the first Write. What came before is told now. The sink
  // lets go of the events when it is finished and nothing is under way any more.
  virtual void Listen(Events events) = 0;
  // Only when no other message is under way. Does nothing once the requester is gone.
  virtual void Write(v1::FetchDocumentsResponse step) = 0;
  // Ends the stream, once; what is under way goes out first. An error of errors.h, CANCELLED when
  // the requester is gone, or OK.
  virtual void Finish(const absl::Status& status) = 0;
  // Gives up a requester that takes nothing; on_peer_gone follows. Finish is still called.
  virtual void Cancel() = 0;
};

}  // namespace naru

#endif  // NARU_BROKER_RESPONSE_SINK_H_
