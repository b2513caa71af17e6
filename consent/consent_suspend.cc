#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "consent/consent_book.h"
#include "consent/consent_machine.h"
#include "consent/decided_answer.h"
#include "consent/evidenced_call.h"

namespace naru {
namespace {

// What suspending and resuming have in common: an assertion, and a move of the state alone.
template <typename Request>
absl::StatusOr<EvidencedCall> MakeMove(const RulesContext* context, const Caller& caller,
                                       const Request& request, const char* action,
                                       ConsentEvent event, v1::EntryKind kind) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return std::move(identity).status();
  absl::StatusOr<EvidencedTarget> target =
      FindTarget(context, "", request.consent_id(), request.evidence());
  if (!target.ok()) return std::move(target).status();

  EvidencedCall call;
  call.caller = caller;
  call.request = *std::move(identity);
  call.target = *std::move(target);
  call.action = action;
  call.refuse = [event](const ConsentMoment& moment,
                        const StoredConsent&) -> absl::StatusOr<std::optional<v1::Refusal>> {
    if (Next(moment.state, event).has_value()) return std::optional<v1::Refusal>();
    return std::optional<v1::Refusal>(StateConflict(moment.state));
  };
  call.bound = [](const StoredConsent&) { return std::vector<v1::PaperDecision>(); };
  call.apply = [event, kind](const ConsentMoment& moment, v1::EvidenceKind,
                             StoredConsent& consent) {
    consent.row.set_state(*Next(moment.state, event));
    return EvidencedChange{kind, std::nullopt};
  };
  return call;
}

}  // namespace

void ConsentBook::Suspend(const Caller& caller, const v1::SuspendConsentRequest& request,
                          Done<v1::SuspendConsentResponse> done) {
  absl::StatusOr<EvidencedCall> call =
      MakeMove(context_, caller, request, "SUSPEND", ConsentEvent::kSuspend,
               v1::ENTRY_KIND_CONSENT_SUSPENDED);
  if (!call.ok()) return done(std::move(call).status());
  RunEvidencedCall(context_, *std::move(call),
                   AnswerDecided(&v1::SuspendConsentResponse::mutable_suspended, std::move(done)));
}

void ConsentBook::Resume(const Caller& caller, const v1::ResumeConsentRequest& request,
                         Done<v1::ResumeConsentResponse> done) {
  absl::StatusOr<EvidencedCall> call = MakeMove(
      context_, caller, request, "RESUME", ConsentEvent::kResume, v1::ENTRY_KIND_CONSENT_RESUMED);
  if (!call.ok()) return done(std::move(call).status());
  RunEvidencedCall(context_, *std::move(call),
                   AnswerDecided(&v1::ResumeConsentResponse::mutable_resumed, std::move(done)));
}

}  // namespace naru
