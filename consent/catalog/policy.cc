#include "consent/catalog/policy.h"

#include <glog/logging.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/catalog/approver_judge.h"
#include "consent/catalog/policy_rows.h"
#include "consent/change.h"
#include "consent/journal.h"
#include "consent/requests.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using storage::v1::ApprovalRow;
using storage::v1::PolicyRow;

constexpr absl::string_view kNul("\0", 1);
v1::Refusal SuspendedRefusal(const std::string& id, absl::Time since) {
  return MakeRefusal(
      v1::REFUSAL_REASON_APPROVAL_SUSPENDED,
      {{"approval", id},
       {"suspended_since", absl::FormatTime(absl::RFC3339_sec, since, absl::UTCTimeZone())}});
}

// `since(id)` gives a StatusOr<optional<Time>>: since when the approval is suspended.
template <typename Since>
absl::StatusOr<std::optional<v1::Refusal>> Refuse(const Catalogue& catalogue,
                                                  absl::string_view agency,
                                                  absl::string_view affair, absl::string_view kind,
                                                  v1::AccessMode mode, const Since& since) {
  std::optional<v1::Refusal> refusal;
  std::vector<v1::AccessMode> modes = {mode};
  if (mode == v1::ACCESS_MODE_UNSPECIFIED) {
    modes = {v1::ACCESS_MODE_VIEW, v1::ACCESS_MODE_TRANSFER};
  }
  for (const v1::AccessMode one : modes) {
    const config::v1::UseApproval* approval = catalogue.FindApproval(agency, affair, kind, one);
    if (approval == nullptr) continue;
    ABSL_ASSIGN_OR_RETURN(const std::optional<absl::Time> suspended, since(approval->id()));
    if (!suspended.has_value()) return std::optional<v1::Refusal>();
    if (!refusal.has_value()) refusal = SuspendedRefusal(approval->id(), *suspended);
  }
  if (!refusal.has_value()) refusal = MakeRefusal(v1::REFUSAL_REASON_NO_USE_APPROVAL);
  return refusal;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Policy>> Policy::Open(
    Options options, std::shared_ptr<const Catalogue> first_version) {
  CHECK(options.store != nullptr && first_version != nullptr);
  if (options.officials_key.size() != crypto::kHashBytes) {
    return InternalFault("the key for officials' names is not 32 bytes");
  }
  auto policy = std::unique_ptr<Policy>(new Policy(std::move(options)));
  policy->first_version_ = std::move(first_version);
  ABSL_ASSIGN_OR_RETURN(std::shared_ptr<const InForce> in_force, policy->Read());
  if (in_force == nullptr) {
    in_force = std::make_shared<const InForce>(InForce{policy->first_version_, {}, {}});
  }
  absl::MutexLock lock(&policy->mu_);
  policy->in_force_ = std::move(in_force);
  return policy;
}

absl::Status Policy::Start(Journal* journal) {
  journal_ = journal;
  if (row().generation() != 0) return absl::OkStatus();
  Change change;
  change.judge = [first = first_version_](const Reader& rows,
                                          const JudgeContext&) -> absl::StatusOr<Verdict> {
    ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> there,
                          rows.Get(Table::kMeta, keys::Policy()));
    if (there.has_value()) return InternalFault("the store has a policy already");
    storage::v1::CatalogueRow catalogue;
    catalogue.set_catalogue(first->bytes());
    catalogue.set_sha256(first->sha256());
    PolicyRow policy;
    policy.set_generation(1);
    policy.set_sha256(PolicyDigest(first->sha256(), {}));
    Verdict verdict;
    verdict.writes.push_back({Table::kMeta, keys::Catalogue(), catalogue.SerializeAsString()});
    verdict.writes.push_back({Table::kMeta, keys::Policy(), policy.SerializeAsString()});
    EntryDraft& entry = verdict.entries.emplace_back();
    entry.outer.set_kind(v1::ENTRY_KIND_CATALOGUE_APPLIED);
    entry.outer.set_reference("generation 1");
    entry.outer.set_reference_sha256(first->sha256());
    entry.outer.set_policy_generation(1);
    return verdict;
  };
  ABSL_RETURN_IF_ERROR(journal->CommitAndWait(std::move(change)).status());
  if (row().generation() != 1) {
    return InternalFault("the journal does not tell the policy that it changed");
  }
  return absl::OkStatus();
}

std::shared_ptr<const Policy::InForce> Policy::in_force() const {
  absl::MutexLock lock(&mu_);
  return in_force_;
}

bool Policy::first_version_differs() const {
  return catalogue()->sha256() != first_version_->sha256();
}

void Policy::OnChanged() {
  absl::StatusOr<std::shared_ptr<const InForce>> read = Read();
  CHECK(read.ok()) << "the policy that was just written cannot be read: " << read.status();
  CHECK(*read != nullptr) << "the policy that was just written is not there";
  absl::MutexLock lock(&mu_);
  in_force_ = *std::move(read);
}

absl::StatusOr<std::shared_ptr<const Policy::InForce>> Policy::Read() const {
  const Reader& rows = *options_.store;
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> policy,
                        rows.Get(Table::kMeta, keys::Policy()));
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        rows.Get(Table::kMeta, keys::Catalogue()));
  if (policy.has_value() != value.has_value()) {
    return DataDamaged("of policy row and catalogue only one is there");
  }
  if (!policy.has_value()) return std::shared_ptr<const InForce>();
  auto in_force = std::make_shared<InForce>();
  storage::v1::CatalogueRow catalogue;
  if (!in_force->row.ParseFromString(*policy) || !catalogue.ParseFromString(*value)) {
    return DataDamaged("the policy row or the catalogue cannot be read");
  }
  if (crypto::Sha256(catalogue.catalogue()) != catalogue.sha256()) {
    return DataDamaged("the catalogue in force does not match its digest");
  }
  if (catalogue.catalogue() == first_version_->bytes()) {
    in_force->catalogue = first_version_;
  } else {
    ABSL_ASSIGN_OR_RETURN(in_force->catalogue,
                          Catalogue::Parse(std::move(*catalogue.mutable_catalogue())));
  }
  ABSL_ASSIGN_OR_RETURN(in_force->suspended, ReadSuspendedApprovals(rows));
  if (in_force->row.sha256() != PolicyDigest(catalogue.sha256(), in_force->suspended)) {
    return DataDamaged("the policy's digest is not that of catalogue and approvals");
  }
  return std::shared_ptr<const InForce>(std::move(in_force));
}

std::optional<v1::Refusal> Policy::CheckUse(absl::string_view agency, absl::string_view affair,
                                            absl::string_view kind, v1::AccessMode mode) const {
  const std::shared_ptr<const InForce> policy = in_force();
  const auto since = [&](const std::string& id) -> absl::StatusOr<std::optional<absl::Time>> {
    const auto found = policy->suspended.find(id);
    if (found == policy->suspended.end()) return std::optional<absl::Time>();
    return std::optional<absl::Time>(found->second);
  };
  return Refuse(*policy->catalogue, agency, affair, kind, mode, since).value();
}

std::string Policy::OfficialHash(const Caller& caller, absl::string_view official) const {
  return crypto::HmacSha256(options_.officials_key,
                            absl::StrCat("official", kNul, caller.agency, kNul, official));
}

std::string Policy::details_key() const {
  return crypto::HmacSha256(options_.officials_key, "details");
}

template <typename Response>
void Policy::CommitCall(const Caller& caller, RequestIdentity identity, std::string approval_id,
                        const std::string& official, std::string ground,
                        absl::StatusOr<ApproverJudge::Judged> (ApproverJudge::*judge)(),
                        Done<Response> done) {
  Change change;
  change.locks = {identity.hash};
  ApproverCall call{caller,
                    std::move(identity),
                    std::move(approval_id),
                    official,
                    OfficialHash(caller, official),
                    details_key(),
                    std::move(ground)};
  auto found = std::make_shared<ApproverJudge::Judged>();
  change.judge = [this, found, judge, call = std::move(call)](
                     const Reader& rows, const JudgeContext& context) -> absl::StatusOr<Verdict> {
    ApproverJudge call_judge(call, rows, context, catalogue());
    ABSL_ASSIGN_OR_RETURN(*found, (call_judge.*judge)());
    return std::exchange(found->verdict, Verdict());
  };
  journal_->Commit(std::move(change),
                   [found, done = std::move(done)](absl::StatusOr<Committed> committed) {
                     if (!committed.ok()) return done(std::move(committed).status());
                     Response response;
                     if (found->refusal.has_value()) {
                       *response.mutable_refusal() = *found->refusal;
                     } else {
                       *response.mutable_approval() = found->state;
                     }
                     done(std::move(response));
                   });
}

void Policy::SuspendApproval(const Caller& caller, const v1::SuspendApprovalRequest& request,
                             Done<v1::SuspendApprovalResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  CommitCall(caller, *std::move(identity), request.approval_id(), request.official_id(),
             request.ground(), &ApproverJudge::Suspend, std::move(done));
}

void Policy::LiftApproval(const Caller& caller, const v1::LiftApprovalRequest& request,
                          Done<v1::LiftApprovalResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  CommitCall(caller, *std::move(identity), request.approval_id(), request.official_id(), "",
             &ApproverJudge::Lift, std::move(done));
}

absl::StatusOr<bool> ApprovalSuspended(const Reader& rows, absl::string_view approval_id) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<ApprovalRow> row, ReadApproval(rows, approval_id));
  return row.has_value() && row->suspended();
}

absl::StatusOr<std::optional<v1::Refusal>> RefuseUse(const Reader& rows, const Catalogue& catalogue,
                                                     absl::string_view agency,
                                                     absl::string_view affair,
                                                     absl::string_view kind, v1::AccessMode mode) {
  return Refuse(catalogue, agency, affair, kind, mode,
                [&](const std::string& id) -> absl::StatusOr<std::optional<absl::Time>> {
                  ABSL_ASSIGN_OR_RETURN(const std::optional<ApprovalRow> row,
                                        ReadApproval(rows, id));
                  if (!row.has_value() || !row->suspended()) return std::optional<absl::Time>();
                  return std::optional<absl::Time>(absl::FromUnixMicros(row->since_us()));
                });
}

}  // namespace naru
