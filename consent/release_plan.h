#ifndef NARU_CONSENT_RELEASE_PLAN_H_
#define NARU_CONSENT_RELEASE_PLAN_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/base/ids.h"
#include "consent/caller.h"
#include "consent/change.h"
#include "consent/release_book.h"
#include "consent/requests.h"
#include "consent/rules_context.h"
#include "consent/store/store.h"
#include "naru/v1/document_service.pb.h"

// Admission of a fetch: what is drawn beforehand, and the judge. Plain functions.
namespace naru {

// A fetch that asks to be admitted, with everything that must not depend on the judge.
struct FetchQuestion {
  Caller caller;
  v1::FetchDocumentsRequest request;
  RequestIdentity identity;
  ConsentId consent;
  // The consent's person; nullopt when there is no such consent.
  std::optional<SubjectId> subject;
  // Of the person in the request.
  std::string lookup;
  // Empty without case.
  std::string case_hash;
  // Ids for it, should it be admitted: one release for each paper it can have.
  FetchId fetch;
  std::vector<ReleaseId> releases;

  std::vector<std::string> Locks() const;
};

// What the judge found: exactly one of the three.
struct JudgedFetch {
  Verdict verdict;
  // Without indexes and time, which are known once it is durable. The entry of the fetch is the
  // verdict's first; those of papers refused beforehand follow in the order of the papers.
  std::optional<AdmittedFetch> admitted;
  // The fetch that an equal call made (P7).
  std::optional<FetchId> repeat_of;
  std::optional<v1::Refusal> refused;
};

// Reads the consent to find its person, checks the form of what the record rests on, and draws ids.
// FieldMalformed, FieldTooLarge, FieldsContradict.
absl::StatusOr<FetchQuestion> AskFetch(const RulesContext& context, const Caller& caller,
                                       const v1::FetchDocumentsRequest& request);

absl::StatusOr<JudgedFetch> JudgeFetch(const RulesContext& context, const FetchQuestion& question,
                                       const Reader& rows, const JudgeContext& now);

}  // namespace naru

#endif  // NARU_CONSENT_RELEASE_PLAN_H_
