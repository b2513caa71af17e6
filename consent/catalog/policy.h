#ifndef NARU_CONSENT_CATALOG_POLICY_H_
#define NARU_CONSENT_CATALOG_POLICY_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "consent/caller.h"
#include "consent/catalog/approver_judge.h"
#include "consent/catalog/catalogue.h"
#include "consent/catalog/policy_rows.h"
#include "consent/requests.h"
#include "consent/store/store.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/catalogue_service.pb.h"

namespace naru {

class Journal;

// What is in force: the catalogue and the approvals that are suspended. Every rule asks it; every
// group of changes is refused when the store's policy row is another than row(). Thread-safe.
//
// Made in two steps, because the journal needs it and it needs the journal:
//   auto policy = Policy::Open({&store, secret}, first_version);
//   journal_options.policy = [&] { return policy->row(); };
//   journal_options.on_policy_changed = [&] { policy->OnChanged(); };
//   Journal journal(journal_options);
//   policy->Start(&journal);
class Policy {
 public:
  struct Options {
    Store* store = nullptr;
    // 32 bytes: seals the officials' names in the entries, and tells two officials apart.
    std::string officials_key;
    // Whether a new catalogue may name development identity providers.
    bool development = false;
  };
  // Reads what is in force; on a new store nothing is until Start. DATA_LOSS when policy, catalogue
  // and approvals in the store do not belong together. The store must outlive the policy.
  static absl::StatusOr<std::unique_ptr<Policy>> Open(
      Options options, std::shared_ptr<const Catalogue> first_version);

  // On a new store enters the first version as generation 1 and waits for it. `journal` must
  // outlive the calls of SuspendApproval and LiftApproval.
  absl::Status Start(Journal* journal);

  // One generation of the policy. Immutable.
  struct InForce {
    std::shared_ptr<const Catalogue> catalogue;
    storage::v1::PolicyRow row;
    // Suspended approvals by id, and since when.
    SuspendedApprovals suspended;
  };
  std::shared_ptr<const InForce> in_force() const;
  std::shared_ptr<const Catalogue> catalogue() const { return in_force()->catalogue; }
  // For Journal::Options.policy: without generation on a new store before Start.
  storage::v1::PolicyRow row() const { return in_force()->row; }
  // Whether the version given to Open is another than the one in force: say so at start.
  bool first_version_differs() const;

  // For Journal::Options.on_policy_changed. Ends the process when the store cannot be read: it
  // could not say any more what is allowed.
  void OnChanged();

  // Why the agency may not use the kind for the affair: NO_USE_APPROVAL or APPROVAL_SUSPENDED
  // (facts: approval, suspended_since); nullopt when it may. By what is in memory: for checks. What
  // is changed or released is judged by RefuseUse below.
  std::optional<v1::Refusal> CheckUse(absl::string_view agency, absl::string_view affair,
                                      absl::string_view kind, v1::AccessMode mode) const;

  // Opens the details of the entries about approvals (OpenDetails): which official it was.
  std::string details_key() const;

  template <typename Response>
  using Done = std::function<void(absl::StatusOr<Response>)>;

  // `done` runs once: on the journal's executor, or at once when request_id is malformed.
  //
  // Suspends at once (P2): when `done` runs, no release under the approval commits any more. One
  // person. Refused with STATE_CONFLICT when it is suspended already. The request was checked for
  // form (broker/validation.h), the caller for its role. NotFound("approval") when the catalogue
  // has none of that id.
  void SuspendApproval(const Caller& caller, const v1::SuspendApprovalRequest& request,
                       Done<v1::SuspendApprovalResponse> done);
  // Two persons: the first call proposes and is refused with SECOND_PERSON_NEEDED, the same call
  // for another official lifts. Two officials are different when agency or name is; another
  // certificate does not make one person two.
  void LiftApproval(const Caller& caller, const v1::LiftApprovalRequest& request,
                    Done<v1::LiftApprovalResponse> done);
  // Puts a signed catalogue in force as the next generation; see CatalogueService/ApplyCatalogue.
  // When `done` runs nothing is judged by the one before any more. Every judged no is entered.
  // Parses the whole file: not on a gRPC thread.
  void ApplyCatalogue(const Caller& caller, const v1::ApplyCatalogueRequest& request,
                      Done<v1::ApplyCatalogueResponse> done);
  // The catalogue in force as it was signed. Reads a row: not on a gRPC thread.
  absl::StatusOr<v1::GetSignedCatalogueResponse> Signed() const;

 private:
  explicit Policy(Options options) : options_(std::move(options)) {}

  // What the store says is in force; nullptr on a new store.
  absl::StatusOr<std::shared_ptr<const InForce>> Read() const;
  template <typename Response>
  void CommitCall(const Caller& caller, RequestIdentity identity, std::string approval_id,
                  const std::string& official, std::string ground,
                  absl::StatusOr<ApproverJudge::Judged> (ApproverJudge::*judge)(),
                  Done<Response> done);
  std::string OfficialHash(const Caller& caller, absl::string_view official) const;

  const Options options_;
  std::shared_ptr<const Catalogue> first_version_;
  Journal* journal_ = nullptr;

  mutable absl::Mutex mu_;
  std::shared_ptr<const InForce> in_force_ ABSL_GUARDED_BY(mu_);
};

// Whether the approval is suspended, by its row: for judges, which so see the policy that they
// commit under.
absl::StatusOr<bool> ApprovalSuspended(const Reader& rows, absl::string_view approval_id);

// As Policy::CheckUse, but by the rows under the judge's lock. `catalogue` is the one in force.
absl::StatusOr<std::optional<v1::Refusal>> RefuseUse(const Reader& rows, const Catalogue& catalogue,
                                                     absl::string_view agency,
                                                     absl::string_view affair,
                                                     absl::string_view kind, v1::AccessMode mode);

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_POLICY_H_
