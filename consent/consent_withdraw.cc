#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/consent_book.h"
#include "consent/consent_machine.h"
#include "consent/decided_answer.h"
#include "consent/evidenced_call.h"
#include "consent/text/messages.h"
#include "naru/v1/message_service.pb.h"

namespace naru {
namespace {

using Papers = std::set<uint32_t>;

// The papers a call withdraws: those it names, or all that are agreed to.
Papers Withdrawn(const Papers& named, const storage::v1::ConsentRow& row) {
  if (!named.empty()) return named;
  Papers all;
  for (const storage::v1::PaperRow& paper : row.papers()) {
    if (paper.decision() == v1::DECISION_AGREED) all.insert(paper.paper_id());
  }
  return all;
}

absl::StatusOr<std::optional<v1::Refusal>> RefuseWithdrawal(const Papers& named, bool by_code,
                                                            const ConsentMoment& moment,
                                                            const StoredConsent& consent) {
  if (!Next(moment.state, ConsentEvent::kWithdraw).has_value()) {
    return std::optional<v1::Refusal>(StateConflict(moment.state));
  }
  if (by_code && consent.row.evidence() != v1::EVIDENCE_KIND_CODE) {
    return std::optional<v1::Refusal>(MakeRefusal(v1::REFUSAL_REASON_EVIDENCE_NOT_ENOUGH));
  }
  for (const uint32_t paper_id : named) {
    const auto& papers = consent.row.papers();
    const auto paper = std::find_if(papers.begin(), papers.end(), [&](const auto& candidate) {
      return candidate.paper_id() == paper_id;
    });
    if (paper == papers.end()) return FieldMalformed("paper_ids", "papers of the consent");
    if (paper->decision() != v1::DECISION_AGREED) {
      return std::optional<v1::Refusal>(StateConflict(moment.state));
    }
  }
  return std::optional<v1::Refusal>();
}

EvidencedChange ApplyWithdrawal(const Papers& named, const ConsentMoment& moment,
                                StoredConsent& consent) {
  storage::v1::ConsentRow& row = consent.row;
  const Papers withdrawn = Withdrawn(named, row);
  bool left = false;
  for (storage::v1::PaperRow& paper : *row.mutable_papers()) {
    if (withdrawn.count(paper.paper_id()) != 0) paper.set_decision(v1::DECISION_WITHDRAWN);
    left = left || paper.decision() == v1::DECISION_AGREED;
  }
  row.set_state(*Next(row.state(), left ? ConsentEvent::kWithdrawSome : ConsentEvent::kWithdraw));
  EvidencedChange change{v1::ENTRY_KIND_CONSENT_WITHDRAWN, std::nullopt};
  // The notice says that nothing goes out any more, which is true of the whole alone.
  if (!left && !consent.details.contact_ref().empty()) {
    storage::v1::OutboxMessage& notice = change.message.emplace();
    notice.set_kind(v1::MESSAGE_KIND_NOTICE);
    notice.set_contact_ref(consent.details.contact_ref());
    notice.set_text(WithdrawnMessage(moment.next_index, row.language()));
  }
  return change;
}

}  // namespace

void ConsentBook::Withdraw(const Caller& caller, const v1::WithdrawConsentRequest& request,
                           Done<v1::WithdrawConsentResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  absl::StatusOr<EvidencedTarget> target =
      FindTarget(context_, request.link_token(), request.consent_id(), request.evidence());
  if (!target.ok()) return done(std::move(target).status());

  EvidencedCall call;
  call.caller = caller;
  call.request = *std::move(identity);
  call.target = *std::move(target);
  call.purpose = v1::CODE_PURPOSE_WITHDRAW;
  call.action = "WITHDRAW";
  const Papers named(request.paper_ids().begin(), request.paper_ids().end());
  const bool by_code = call.target.assertion == nullptr;
  call.refuse = [named, by_code](const ConsentMoment& moment, const StoredConsent& consent) {
    return RefuseWithdrawal(named, by_code, moment, consent);
  };
  call.bound = [named](const StoredConsent& consent) {
    std::vector<v1::PaperDecision> decisions;
    for (const uint32_t paper_id : Withdrawn(named, consent.row)) {
      v1::PaperDecision& decision = decisions.emplace_back();
      decision.set_paper_id(paper_id);
      decision.set_decision(v1::DECISION_WITHDRAWN);
    }
    return decisions;
  };
  call.apply = [named](const ConsentMoment& moment, v1::EvidenceKind, StoredConsent& consent) {
    return ApplyWithdrawal(named, moment, consent);
  };
  RunEvidencedCall(context_, std::move(call),
                   AnswerDecided(&v1::WithdrawConsentResponse::mutable_withdrawn, std::move(done)));
}

}  // namespace naru
