#include <memory>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "consent/consent_book.h"
#include "consent/consent_call.h"
#include "consent/consent_opening.h"
#include "consent/consent_view.h"
#include "consent/journal.h"
#include "consent/link_token.h"

namespace naru {
namespace {

// One OpenConsent call; prepares and commits again when something moved meanwhile.
class OpenCall : public std::enable_shared_from_this<OpenCall> {
 public:
  OpenCall(const RulesContext* context, Caller caller, v1::OpenConsentRequest request,
           RequestIdentity identity, std::string contact_ref,
           ConsentBook::Done<v1::OpenConsentResponse> done)
      : context_(context),
        caller_(std::move(caller)),
        request_(std::move(request)),
        identity_(std::move(identity)),
        contact_ref_(std::move(contact_ref)),
        done_(std::move(done)) {}

  void Try() {
    absl::StatusOr<std::unique_ptr<ConsentOpening>> opening =
        ConsentOpening::Prepare(context_, &caller_, &request_, &identity_, &contact_ref_);
    if (!opening.ok()) return done_(std::move(opening).status());
    opening_ = *std::move(opening);
    Change change = opening_->MakeChange();
    // The judge uses the opening, which this call keeps until it has finished.
    context_->journal->Commit(std::move(change),
                              [self = shared_from_this()](absl::StatusOr<Committed> committed) {
                                self->Finish(std::move(committed));
                              });
  }

 private:
  void Finish(absl::StatusOr<Committed> committed) {
    if (!committed.ok()) return done_(std::move(committed).status());
    const ConsentOpening::Finding& found = opening_->finding();
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
    v1::OpenConsentResponse response;
    *response.mutable_refusal() = std::move(refusal);
    done_(std::move(response));
  }

  void Answer(const StoredConsent& consent, const v1::OuterEntry& entry, uint64_t index) {
    v1::OpenConsentResponse response;
    v1::OpenedConsent& opened = *response.mutable_opened();
    *opened.mutable_consent() = ShowConsentAfter(consent, ConsentViewer::kRequester, entry);
    opened.set_link_token(MakeLinkToken(context_->link_key, consent.id));
    opened.set_request_number(consent.details.request_number());
    opened.set_code_queued(!consent.details.contact_ref().empty());
    opened.set_ledger_index(index);
    done_(std::move(response));
  }

  const RulesContext* const context_;
  const Caller caller_;
  const v1::OpenConsentRequest request_;
  const RequestIdentity identity_;
  const std::string contact_ref_;
  const ConsentBook::Done<v1::OpenConsentResponse> done_;
  std::unique_ptr<ConsentOpening> opening_;
  int tries_ = 0;
};

}  // namespace

void ConsentBook::Open(const Caller& caller, const v1::OpenConsentRequest& request,
                       const std::string& contact_ref, Done<v1::OpenConsentResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  std::make_shared<OpenCall>(context_, caller, request, *std::move(identity), contact_ref,
                             std::move(done))
      ->Try();
}

}  // namespace naru
