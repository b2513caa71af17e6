#include <map>
#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/consent_book.h"
#include "consent/consent_machine.h"
#include "consent/decided_answer.h"
#include "consent/evidenced_call.h"

namespace naru {
namespace {

using Decisions = std::vector<v1::PaperDecision>;

// Every paper of the consent is decided exactly once.
absl::Status CheckDecisions(const storage::v1::ConsentRow& row, const Decisions& decisions) {
  std::map<uint32_t, bool> decided;
  for (const storage::v1::PaperRow& paper : row.papers()) decided[paper.paper_id()] = false;
  for (const v1::PaperDecision& decision : decisions) {
    if (decision.decision() != v1::DECISION_AGREED && decision.decision() != v1::DECISION_REFUSED) {
      return FieldMalformed("decisions", "AGREED or REFUSED for each paper");
    }
    const auto paper = decided.find(decision.paper_id());
    if (paper == decided.end()) return FieldMalformed("decisions", "papers of the consent");
    if (std::exchange(paper->second, true)) {
      return FieldsContradict("decisions", "a paper is decided once");
    }
  }
  if (decisions.size() != decided.size()) return FieldMissing("decisions");
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::Refusal>> RefuseDecision(const v1::DecideConsentRequest& request,
                                                          const Decisions& decisions,
                                                          const ConsentMoment& moment,
                                                          const StoredConsent& consent) {
  switch (moment.state) {
    case v1::CONSENT_STATE_PENDING:
      break;
    case v1::CONSENT_STATE_EXPIRED:
      return std::optional<v1::Refusal>(MakeRefusal(v1::REFUSAL_REASON_CONSENT_EXPIRED));
    case v1::CONSENT_STATE_CANCELLED:
      return std::optional<v1::Refusal>(MakeRefusal(v1::REFUSAL_REASON_CONSENT_CANCELLED));
    default:
      return std::optional<v1::Refusal>(StateConflict(moment.state));
  }
  ABSL_RETURN_IF_ERROR(CheckDecisions(consent.row, decisions));
  if (request.text_sha256() != consent.row.text_sha256()) {
    return std::optional<v1::Refusal>(MakeRefusal(v1::REFUSAL_REASON_TEXT_MISMATCH));
  }
  return std::optional<v1::Refusal>();
}

EvidencedChange ApplyDecision(const Decisions& decisions, const ConsentMoment& moment,
                              v1::EvidenceKind evidence, storage::v1::ConsentRow* row) {
  bool agreed = false;
  for (storage::v1::PaperRow& paper : *row->mutable_papers()) {
    for (const v1::PaperDecision& decision : decisions) {
      if (decision.paper_id() == paper.paper_id()) paper.set_decision(decision.decision());
    }
    agreed = agreed || paper.decision() == v1::DECISION_AGREED;
  }
  row->set_state(*Next(row->state(), agreed ? ConsentEvent::kGrant : ConsentEvent::kDeny));
  const int64_t now_us = absl::ToUnixMicros(moment.now);
  row->set_decide_time_us(now_us);
  row->set_evidence(evidence);
  if (agreed) {
    row->set_valid_from_us(now_us);
    row->set_valid_until_us(now_us + row->valid_for_us());
  }
  // No code decides any more.
  row->mutable_decide_code()->clear_code_hmac();
  return {v1::ENTRY_KIND_CONSENT_DECIDED, std::nullopt};
}

}  // namespace

void ConsentBook::Decide(const Caller& caller, const v1::DecideConsentRequest& request,
                         Done<v1::DecideConsentResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  absl::StatusOr<EvidencedTarget> target =
      FindTarget(context_, request.link_token(), request.consent_id(), request.evidence());
  if (!target.ok()) return done(std::move(target).status());

  EvidencedCall call;
  call.caller = caller;
  call.request = *std::move(identity);
  call.target = *std::move(target);
  call.purpose = v1::CODE_PURPOSE_DECIDE;
  call.action = "DECIDE";
  const Decisions decisions(request.decisions().begin(), request.decisions().end());
  call.refuse = [request, decisions](const ConsentMoment& moment, const StoredConsent& consent) {
    return RefuseDecision(request, decisions, moment, consent);
  };
  call.bound = [decisions](const StoredConsent&) { return decisions; };
  call.apply = [decisions](const ConsentMoment& moment, v1::EvidenceKind evidence,
                           StoredConsent& consent) {
    return ApplyDecision(decisions, moment, evidence, &consent.row);
  };
  RunEvidencedCall(context_, std::move(call),
                   AnswerDecided(&v1::DecideConsentResponse::mutable_decided, std::move(done)));
}

}  // namespace naru
