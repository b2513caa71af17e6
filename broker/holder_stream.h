#ifndef NARU_BROKER_HOLDER_STREAM_H_
#define NARU_BROKER_HOLDER_STREAM_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// One document's call to its holder: request, answer, proceed, chunks, end. At most one read is
// outstanding, and only a read takes anything from the holder, so whoever reads no further slows
// the holder and not the broker (P10). Thread-safe; never blocks.
class HolderStream {
 public:
  // Told what the holder sends; on any thread, one call at a time, never from inside a call of the
  // stream. Start and each ReadNext are answered by exactly one of these. OnEnd is the last, comes
  // once for every stream that was started, and the stream then lets go of the observer.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void OnAnswer(holder::v1::DocumentAnswer answer) = 0;
    virtual void OnChunk(holder::v1::BodyChunk chunk) = 0;
    // OK when the holder ended the stream as it should. UNAVAILABLE when it cannot be reached or
    // has no room; CANCELLED after Cancel; anything else is its fault.
    virtual void OnEnd(absl::Status status) = 0;
  };

  virtual ~HolderStream() = default;

  // Asks, and reads the answer. Call once, first.
  virtual void Start(const holder::v1::DocumentRequest& request,
                     std::shared_ptr<Observer> observer) = 0;
  // Lets the body flow. Call once, after the answer.
  virtual void Proceed(const v1::LedgerProof& proof) = 0;
  // Reads what comes next. Call only when no read is outstanding.
  virtual void ReadNext() = 0;
  // Ends the call without the holder; nothing when it is over. OnEnd follows, and nothing else but
  // what was on its way.
  virtual void Cancel() = 0;
};

// Where streams come from. Thread-safe; never blocks.
class HolderStreams {
 public:
  virtual ~HolderStreams() = default;

  // UNAVAILABLE (errors.h) when the holder is not known, was not to be reached of late, or has as
  // many documents under way as it may have (P10).
  virtual absl::StatusOr<std::shared_ptr<HolderStream>> Open(const std::string& holder) = 0;
};

}  // namespace naru

#endif  // NARU_BROKER_HOLDER_STREAM_H_
