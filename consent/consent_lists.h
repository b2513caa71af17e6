#ifndef NARU_CONSENT_CONSENT_LISTS_H_
#define NARU_CONSENT_CONSENT_LISTS_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/base/ids.h"
#include "consent/caller.h"
#include "consent/rules_context.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {

// Lists of consents: a person's, an agency's, a case's. An agency sees its own alone, by its own
// view; a list for a named official is entered before the answer, about every person on the page.
// Work is bounded: a page looks at limits::kListedRows index rows at most, and may therefore be
// shorter than asked and not the last.
//
// Thread-safe. Calls read rows before they return: not on a gRPC thread. Callbacks run once, inside
// the call or on the journal's executor. Page sizes and tokens of the wrong form are
// FieldMalformed; a token opens nothing that its caller may not list anyway.
class ConsentLists {
 public:
  template <typename Response>
  using Done = std::function<void(absl::StatusOr<Response>)>;

  // `context` and all it points to must outlive the lists.
  explicit ConsentLists(const RulesContext* context) : context_(context) {}

  // Newest first. ASSERTION_INVALID is an answer; of somebody nobody knows the page is empty.
  void ListPerson(const Caller& caller, const v1::ListPersonConsentsRequest& request,
                  const Done<v1::ListPersonConsentsResponse>& done) const;
  // Shard by shard, in each those that can still change first.
  void ListAgency(const Caller& caller, const v1::ListAgencyConsentsRequest& request,
                  Done<v1::ListAgencyConsentsResponse> done) const;
  // The consents that the case's entries name, the one with the newest entry first.
  void ListCase(const Caller& caller, const v1::ListCaseConsentsRequest& request,
                Done<v1::ListCaseConsentsResponse> done) const;

  // For watches: a page of the agency's consents that are not final, from `token` on, which is the
  // last page's `next`; `next` is empty when there are no more.
  struct LivePage {
    std::vector<v1::Consent> consents;
    std::string next;
    std::vector<SubjectId> subjects;
  };
  absl::StatusOr<LivePage> Live(const std::string& agency, absl::string_view token) const;
  // The agency's consents of the case, newest entry first, at most limits::kConsentsOfCase.
  absl::StatusOr<std::vector<ConsentId>> OfCase(const std::string& agency,
                                                absl::string_view case_number) const;
  // One consent as its requester may see it; nullopt when it is not the agency's, or not there.
  absl::StatusOr<std::optional<v1::Consent>> Show(const std::string& agency,
                                                  const ConsentId& consent) const;

 private:
  const RulesContext* const context_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_LISTS_H_
