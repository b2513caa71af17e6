#ifndef NARU_BROKER_REPEATED_ANSWER_H_
#define NARU_BROKER_REPEATED_ANSWER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "broker/base/strand.h"
#include "broker/release_parts.h"
#include "broker/response_sink.h"
#include "broker/stall_timer.h"
#include "consent/release_book.h"
#include "naru/v1/document_service.pb.h"

namespace naru {

// Answers a repeat of a fetch (P7): its steps again, receipts newly signed, no holder asked and no
// body sent. Everything happens on a strand of its own. Keeps itself alive until it is over.
class RepeatedAnswer : public std::enable_shared_from_this<RepeatedAnswer> {
 public:
  // `parts` must outlive the answer. `over` (may be empty) runs once, when the sink is finished.
  static void Start(const ReleaseParts& parts, RepeatedFetch repeated,
                    std::shared_ptr<ResponseSink> sink, std::function<void()> over);

 private:
  RepeatedAnswer(const ReleaseParts& parts, RepeatedFetch repeated,
                 std::shared_ptr<ResponseSink> sink, std::function<void()> over);

  void Begin();
  void WriteNext();
  void Finish(const absl::Status& status);
  void Post(void (RepeatedAnswer::*step)());
  void StepWritten();
  void RequesterGone();

  const ReleaseParts& parts_;
  std::vector<v1::FetchDocumentsResponse> steps_;
  const std::shared_ptr<ResponseSink> sink_;
  const std::shared_ptr<Strand> strand_;
  std::function<void()> over_;
  std::optional<StallTimer> requester_timer_;
  size_t next_ = 0;
  bool finished_ = false;
};

}  // namespace naru

#endif  // NARU_BROKER_REPEATED_ANSWER_H_
