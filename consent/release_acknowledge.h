#ifndef NARU_CONSENT_RELEASE_ACKNOWLEDGE_H_
#define NARU_CONSENT_RELEASE_ACKNOWLEDGE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/caller.h"
#include "consent/rules_context.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/error_reason.pb.h"

namespace naru {

// What became of released papers at their requester: ARRIVED (도달) or MISMATCH, each an entry of
// its own. The 24-hour rule of an EXHAUSTED consent goes by ARRIVED (release_rules.h). Thread-safe.
class AcknowledgeBook {
 public:
  // `context` and all it points to must outlive the book and its calls.
  explicit AcknowledgeBook(const RulesContext* context) : context_(context) {}

  // A paper that the requester found not to be what was asked (P3): to be alarmed.
  struct Mismatch {
    std::string release_id;  // Text form.
    std::string holder;      // Agency code.
    v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED;
  };
  struct Answer {
    v1::AcknowledgeDocumentsResponse response;
    // What was entered now: none in a repeat's answer.
    std::vector<Mismatch> mismatches;
  };

  // Judged under the person's lock, all papers or none. NotFound for another agency's fetch and for
  // none alike (P10). A repeat (P7) is answered as the first call was. STATE_CONFLICT, entered, for
  // a paper that was not released, for ARRIVED of one that was not sent whole, and for one that was
  // acknowledged otherwise before; the same again is one more entry. Whatever the consent's state
  // is by then: it says what happened. Reads rows: not on a gRPC thread. `done` runs once, on the
  // journal's executor.
  void Acknowledge(const Caller& caller, const v1::AcknowledgeDocumentsRequest& request,
                   std::function<void(absl::StatusOr<Answer>)> done);

 private:
  const RulesContext* const context_;
};

}  // namespace naru

#endif  // NARU_CONSENT_RELEASE_ACKNOWLEDGE_H_
