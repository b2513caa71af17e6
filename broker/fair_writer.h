#ifndef NARU_BROKER_FAIR_WRITER_H_
#define NARU_BROKER_FAIR_WRITER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "broker/response_sink.h"
#include "naru/v1/document_service.pb.h"

namespace naru {

// Puts the steps of a fetch's papers onto its one stream: a lane for each paper, in order within
// it, and by turns between them, so that a large paper does not hold up a small one. Bounded by the
// lanes, which offer a chunk only when their last one was written (P10). Not thread-safe: belongs
// to an object on a strand.
class FairWriter {
 public:
  // `sink` must outlive this object, or Close be called before it goes.
  FairWriter(ResponseSink* sink, size_t lanes) : sink_(sink), lanes_(lanes) {}

  // Writes the step when it is the lane's turn: now, when nothing is under way. `written` (may be
  // empty) runs when the sink has taken it, on the strand, never from inside this call.
  void Offer(size_t lane, v1::FetchDocumentsResponse step, std::function<void()> written);
  // Forgets what the lane has offered and is not under way; its `written` never runs.
  void Drop(size_t lane);
  // Runs `drained` once nothing waits and nothing is under way, at once if that is so. Call once.
  void WhenDrained(std::function<void()> drained);
  // Nothing is written any more; what waits is forgotten.
  void Close();

  // The sink has taken the step under way.
  void StepWritten();
  bool writing() const { return writing_; }

 private:
  struct Step {
    v1::FetchDocumentsResponse message;
    std::function<void()> written;
  };

  void WriteNext();

  ResponseSink* const sink_;
  std::vector<std::deque<Step>> lanes_;
  size_t turn_ = 0;
  bool closed_ = false;
  bool writing_ = false;
  std::function<void()> written_;  // Of the step under way.
  std::function<void()> drained_;
};

}  // namespace naru

#endif  // NARU_BROKER_FAIR_WRITER_H_
