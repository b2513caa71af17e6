#include <memory>
#include <utility>

#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/assertion_evidence.h"
#include "consent/catalog/policy.h"
#include "consent/consent_book.h"
#include "consent/consent_call.h"
#include "consent/consent_granting.h"
#include "consent/consent_papers.h"
#include "consent/consent_view.h"
#include "consent/journal.h"

// Prior consent (사전동의): shown, then granted by the citizen alone (P9).
namespace naru {
namespace {

// One GrantConsent call; prepares and commits again when something moved meanwhile.
class GrantCall : public std::enable_shared_from_this<GrantCall> {
 public:
  GrantCall(const RulesContext* context, Caller caller, v1::GrantConsentRequest request,
            RequestIdentity identity, ConsentBook::Done<v1::GrantConsentResponse> done)
      : context_(context),
        caller_(std::move(caller)),
        request_(std::move(request)),
        identity_(std::move(identity)),
        evidence_(context, request_.evidence().assertion().jws(),
                  request_.evidence().assertion().salt()),
        done_(std::move(done)) {}

  void Try() {
    absl::StatusOr<std::unique_ptr<ConsentGranting>> granting =
        ConsentGranting::Prepare(context_, &caller_, &request_, &identity_, &evidence_);
    if (!granting.ok()) return done_(std::move(granting).status());
    granting_ = *std::move(granting);
    // The judge uses the granting, which this call keeps until it has finished.
    context_->journal->Commit(granting_->MakeChange(),
                              [self = shared_from_this()](absl::StatusOr<Committed> committed) {
                                self->Finish(std::move(committed));
                              });
  }

 private:
  void Finish(absl::StatusOr<Committed> committed) {
    if (!committed.ok()) return done_(std::move(committed).status());
    const ConsentGranting::Finding& found = granting_->finding();
    if (found.again) {
      if (++tries_ < limits::kOpenTries) return Try();
      return Refuse(MakeRefusal(v1::REFUSAL_REASON_CATALOGUE_CHANGED));
    }
    if (found.refused.has_value()) return Refuse(*found.refused);
    if (!found.repeat.has_value()) {
      const CommittedEntry& entry = committed->entries.front();
      return Answer(found.consent, entry.outer, entry.index);
    }
    const uint64_t index = found.repeat->ledger_index();
    const absl::StatusOr<v1::OuterEntry> entry = ReadOuterEntry(*context_, index);
    if (!entry.ok()) return done_(entry.status());
    Answer(found.consent, *entry, index);
  }

  void Refuse(v1::Refusal refusal) {
    v1::GrantConsentResponse response;
    *response.mutable_refusal() = std::move(refusal);
    done_(std::move(response));
  }

  void Answer(const StoredConsent& consent, const v1::OuterEntry& entry, uint64_t index) {
    v1::GrantConsentResponse response;
    v1::GrantedConsent& granted = *response.mutable_granted();
    *granted.mutable_consent() = ShowConsentAfter(consent, ConsentViewer::kCitizen, entry);
    granted.set_request_number(consent.details.request_number());
    granted.set_ledger_index(index);
    done_(std::move(response));
  }

  const RulesContext* const context_;
  const Caller caller_;
  const v1::GrantConsentRequest request_;
  const RequestIdentity identity_;
  const AssertionEvidence evidence_;
  const ConsentBook::Done<v1::GrantConsentResponse> done_;
  std::unique_ptr<ConsentGranting> granting_;
  int tries_ = 0;
};

}  // namespace

absl::StatusOr<v1::PreviewConsentResponse> ConsentBook::Preview(
    const Caller&, const v1::PreviewConsentRequest& request) const {
  v1::PreviewConsentResponse response;
  const absl::Time now = context_->clock->Now();
  const AssertionEvidence session(context_, request.session().jws(), "");
  if (const auto invalid = session.Valid(now); invalid.has_value()) {
    *response.mutable_refusal() = MakeRefusal(*invalid);
    return response;
  }
  const std::shared_ptr<const Catalogue> catalogue = context_->policy->catalogue();
  StoredConsent consent;
  MadeTerms made;
  ABSL_ASSIGN_OR_RETURN(
      std::optional<v1::Refusal> refused,
      MakeGrantTerms(*catalogue, request.terms(), session.ci(), now, &consent, &made));
  if (!refused.has_value()) {
    ABSL_ASSIGN_OR_RETURN(refused, RefusePapers(*context_->store, *catalogue, consent.row));
  }
  if (refused.has_value()) {
    *response.mutable_refusal() = *std::move(refused);
    return response;
  }
  v1::ConsentPreview& preview = *response.mutable_preview();
  *preview.mutable_terms() = std::move(made.terms);
  preview.set_text_sha256(consent.row.text_sha256());
  preview.set_text(std::move(made.text));
  preview.set_text_version(std::move(made.text_version));
  return response;
}

void ConsentBook::Grant(const Caller& caller, const v1::GrantConsentRequest& request,
                        Done<v1::GrantConsentResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  std::make_shared<GrantCall>(context_, caller, request, *std::move(identity), std::move(done))
      ->Try();
}

}  // namespace naru
