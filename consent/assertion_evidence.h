#ifndef NARU_CONSENT_ASSERTION_EVIDENCE_H_
#define NARU_CONSENT_ASSERTION_EVIDENCE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/base/ids.h"
#include "broker/proof/assertion.h"
#include "consent/change.h"
#include "consent/rules_context.h"
#include "consent/store/store.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/consent_service.pb.h"
#include "naru/v1/error_reason.pb.h"

namespace naru {

// An assertion as evidence of a change (P9). Its signature is checked when it is made, before the
// judge; everything that depends on rows or on the group's time is judged by the functions, in this
// order: Person, Action, and Use when the change stands. Immutable.
class AssertionEvidence {
 public:
  // Verifies `jws` by the keys and issuers of `context`, which must outlive this object. `salt` is
  // empty for a session.
  AssertionEvidence(const RulesContext* context, std::string jws, std::string salt);

  // Look-up of the person it vouches for: a lock of the change. Empty when it is not valid.
  const std::string& lookup() const { return lookup_; }
  const std::string& jws() const { return jws_; }
  // The person's CI; empty when it is not valid. Never to be kept outside the person's own key.
  const std::string& ci() const;

  // ASSERTION_INVALID unless it counts at `now`, whomever it vouches for: for somebody who may not
  // be known yet.
  std::optional<v1::RefusalReason> Valid(absl::Time now) const;

  // ASSERTION_INVALID, or ASSERTION_OTHER_PERSON when it does not vouch for `subject`. nullptr is
  // the subject of a consent that does not exist: nobody's, so the two are one answer (P10).
  absl::StatusOr<std::optional<v1::RefusalReason>> Person(const Reader& rows, absl::Time now,
                                                          const SubjectId* subject) const;
  // ASSERTION_OTHER_ACTION unless its nonce is that of the action, ASSERTION_REUSED when it served
  // before. `decisions` may be in any order.
  absl::StatusOr<std::optional<v1::RefusalReason>> Action(
      const Reader& rows, const SubjectId& subject, absl::string_view action,
      absl::string_view target, absl::string_view text_sha256,
      std::vector<v1::PaperDecision> decisions) const;
  // Uses it up, and forgets some of the person's that are too old to count anyhow.
  absl::Status Use(const Reader& rows, const SubjectId& subject, absl::Time now,
                   std::vector<Writes::Write>* writes) const;

 private:
  bool Counts(absl::Time now) const;
  std::string NonceHash() const;

  const RulesContext* const context_;
  const std::string jws_;
  const std::string salt_;
  std::optional<AssertionClaims> claims_;
  std::string lookup_;
};

}  // namespace naru

#endif  // NARU_CONSENT_ASSERTION_EVIDENCE_H_
