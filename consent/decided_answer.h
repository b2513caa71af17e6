#ifndef NARU_CONSENT_DECIDED_ANSWER_H_
#define NARU_CONSENT_DECIDED_ANSWER_H_

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "consent/consent_call.h"
#include "consent/consent_view.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {

// The answer to a citizen's change: a DecidedConsent in the field that `mutable_decided` gives, or
// a refusal.
template <typename Response>
ConsentDone AnswerDecided(v1::DecidedConsent* (Response::*mutable_decided)(),
                          std::function<void(absl::StatusOr<Response>)> done) {
  return [mutable_decided, done = std::move(done)](absl::StatusOr<ConsentResult> result) {
    if (!result.ok()) return done(std::move(result).status());
    Response response;
    if (auto* const refusal = std::get_if<v1::Refusal>(&*result)) {
      *response.mutable_refusal() = std::move(*refusal);
    } else {
      const ConsentAnswer& answer = std::get<ConsentAnswer>(*result);
      v1::DecidedConsent* const decided = (response.*mutable_decided)();
      *decided->mutable_consent() =
          ShowConsentAfter(answer.consent, ConsentViewer::kCitizen, answer.entry);
      decided->set_ledger_index(answer.index);
    }
    done(std::move(response));
  };
}

}  // namespace naru

#endif  // NARU_CONSENT_DECIDED_ANSWER_H_
