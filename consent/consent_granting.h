#ifndef NARU_CONSENT_CONSENT_GRANTING_H_
#define NARU_CONSENT_CONSENT_GRANTING_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "consent/assertion_evidence.h"
#include "consent/caller.h"
#include "consent/change.h"
#include "consent/consent_rows.h"
#include "consent/person_directory.h"
#include "consent/requests.h"
#include "consent/rules_context.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {

class Catalogue;

// What a citizen is shown before granting, and what the grant is compared with: the same terms give
// the same text.
struct MadeTerms {
  v1::ConsentTerms terms;  // Everything explicit.
  std::string text;
  std::string text_version;
};

// Fills `consent` (papers, requester, affair, uses, retention, route, text) from the terms of the
// person `ci` at `now`. A refusal when the catalogue has no such agency, affair or kind;
// FieldMissing or FieldMalformed for terms that do not fit it.
absl::StatusOr<std::optional<v1::Refusal>> MakeGrantTerms(const Catalogue& catalogue,
                                                          const v1::ConsentTerms& given,
                                                          const std::string& ci, absl::Time now,
                                                          StoredConsent* consent, MadeTerms* made);

// Makes one consent that its citizen grants beforehand: everything that is drawn, built or looked
// up beforehand, and the judge. Used for one commit; another try takes another.
class ConsentGranting {
 public:
  // All must outlive the granting. Errors of the store alone.
  static absl::StatusOr<std::unique_ptr<ConsentGranting>> Prepare(
      const RulesContext* context, const Caller* caller, const v1::GrantConsentRequest* request,
      const RequestIdentity* identity, const AssertionEvidence* evidence);

  // What the judge found; the last time it was called counts. None of the three: it was granted.
  struct Finding {
    std::optional<v1::Refusal> refused;
    std::optional<storage::v1::RequestRow> repeat;
    // The person was met, or the catalogue changed, meanwhile: prepare again.
    bool again = false;
    StoredConsent consent;  // Also of a repeat.
  };
  const Finding& finding() const { return finding_; }

  Change MakeChange();

 private:
  ConsentGranting(const RulesContext* context, const Caller* caller,
                  const v1::GrantConsentRequest* request, const RequestIdentity* identity,
                  const AssertionEvidence* evidence)
      : context_(*context),
        caller_(*caller),
        request_(*request),
        identity_(*identity),
        evidence_(*evidence) {}

  absl::Status FindPerson();
  absl::StatusOr<std::optional<v1::Refusal>> MakeConsent();

  absl::StatusOr<Verdict> Judge(const Reader& rows, const JudgeContext& context);
  absl::StatusOr<bool> StillTrue(const Reader& rows) const;
  absl::StatusOr<std::optional<v1::Refusal>> Refuse(const Reader& rows, absl::Time now) const;
  absl::Status CheckQuota(const Reader& rows, absl::Time now) const;
  absl::StatusOr<Verdict> Granted(const Reader& rows, const JudgeContext& context);
  Verdict Refused(v1::RefusalReason reason) const;

  const RulesContext& context_;
  const Caller& caller_;
  const v1::GrantConsentRequest& request_;
  const RequestIdentity& identity_;
  const AssertionEvidence& evidence_;

  std::shared_ptr<const Catalogue> catalogue_;
  PersonDirectory::NewPerson person_;  // Without rows when the person is known.
  bool known_ = false;
  absl::StatusOr<std::optional<v1::Refusal>> fits_ = std::optional<v1::Refusal>();
  StoredConsent consent_;  // The consent to be, but for the times.

  Finding finding_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_GRANTING_H_
