#ifndef NARU_CONSENT_MAKING_CALL_H_
#define NARU_CONSENT_MAKING_CALL_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "consent/consent_call.h"
#include "consent/journal.h"

namespace naru {

// One call that makes a consent. `Making` (ConsentOpening, ConsentGranting) is prepared and
// committed, again when the person was met or the catalogue changed meanwhile, at most
// limits::kOpenTries times.
template <typename Making>
class MakingCall : public std::enable_shared_from_this<MakingCall<Making>> {
 public:
  // Keeps alive what the making it gives points to.
  using Prepare = std::function<absl::StatusOr<std::unique_ptr<Making>>()>;
  MakingCall(const RulesContext* context, Prepare prepare, ConsentDone done)
      : context_(context), prepare_(std::move(prepare)), done_(std::move(done)) {}

  void Try() {
    absl::StatusOr<std::unique_ptr<Making>> making = prepare_();
    if (!making.ok()) return done_(std::move(making).status());
    making_ = *std::move(making);
    // The judge uses the making, which this call keeps until it has finished.
    context_->journal->Commit(making_->MakeChange(), [self = this->shared_from_this()](
                                                         absl::StatusOr<Committed> committed) {
      self->Finish(std::move(committed));
    });
  }

 private:
  void Finish(absl::StatusOr<Committed> committed) {
    if (!committed.ok()) return done_(std::move(committed).status());
    const auto& found = making_->finding();
    if (found.again) {
      if (++tries_ < limits::kOpenTries) return Try();
      return done_(ConsentResult(MakeRefusal(v1::REFUSAL_REASON_CATALOGUE_CHANGED)));
    }
    if (found.refused.has_value()) return done_(ConsentResult(*found.refused));
    ConsentAnswer answer;
    answer.consent = found.consent;
    if (found.repeat.has_value()) {
      answer.repeated = true;
      answer.index = found.repeat->ledger_index();
      absl::StatusOr<v1::OuterEntry> entry = ReadOuterEntry(*context_, answer.index);
      if (!entry.ok()) return done_(std::move(entry).status());
      answer.entry = *std::move(entry);
    } else {
      answer.index = committed->entries.front().index;
      answer.entry = std::move(committed->entries.front().outer);
    }
    done_(ConsentResult(std::move(answer)));
  }

  const RulesContext* const context_;
  const Prepare prepare_;
  const ConsentDone done_;
  std::unique_ptr<Making> making_;
  int tries_ = 0;
};

}  // namespace naru

#endif  // NARU_CONSENT_MAKING_CALL_H_
