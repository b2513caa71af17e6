#ifndef NARU_CONSENT_CONSENT_OPENING_H_
#define NARU_CONSENT_CONSENT_OPENING_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "consent/caller.h"
#include "consent/change.h"
#include "consent/consent_rows.h"
#include "consent/person_directory.h"
#include "consent/requests.h"
#include "consent/rules_context.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {

class Catalogue;

// Makes one consent of a request: everything that is drawn, built or looked up beforehand, so that
// the judge stays pure and short; and the judge. Used for one commit; another try takes another.
class ConsentOpening {
 public:
  // Reads the rows of the person. Errors of the store alone: what is wrong with the request is
  // judged, after a repeat was ruled out (P7). All must outlive the opening.
  static absl::StatusOr<std::unique_ptr<ConsentOpening>> Prepare(
      const RulesContext* context, const Caller* caller, const v1::OpenConsentRequest* request,
      const RequestIdentity* identity, const std::string* contact_ref);

  // What the judge found; the last time it was called counts. None of the three: it was opened.
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
  ConsentOpening(const RulesContext* context, const Caller* caller,
                 const v1::OpenConsentRequest* request, const RequestIdentity* identity,
                 const std::string* contact_ref)
      : context_(*context),
        caller_(*caller),
        request_(*request),
        identity_(*identity),
        contact_ref_(*contact_ref) {}

  absl::Status FindPerson();
  // What the catalogue says to the request: a refusal, or papers with subject and parameters.
  absl::StatusOr<std::optional<v1::Refusal>> MakePapers();
  absl::Status MakeTerms();

  absl::StatusOr<Verdict> Judge(const Reader& rows, const JudgeContext& context);
  absl::StatusOr<bool> StillTrue(const Reader& rows) const;
  absl::Status CheckQuota(const Reader& rows, absl::Time now) const;
  Verdict Opened(const JudgeContext& context);
  Verdict Refused(v1::RefusalReason reason) const;

  const RulesContext& context_;
  const Caller& caller_;
  const v1::OpenConsentRequest& request_;
  const RequestIdentity& identity_;
  const std::string& contact_ref_;

  std::shared_ptr<const Catalogue> catalogue_;
  std::string lookup_;
  PersonDirectory::NewPerson person_;  // Without rows when the person is known.
  bool known_ = false;
  absl::StatusOr<std::optional<v1::Refusal>> fits_ = std::optional<v1::Refusal>();
  std::string code_;
  std::string case_hash_;
  // The consent to be, but for the time of opening and the code.
  StoredConsent consent_;

  Finding finding_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_OPENING_H_
