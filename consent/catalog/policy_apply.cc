#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/catalogue_keys.h"
#include "broker/proof/signed_catalogue.h"
#include "consent/catalog/catalogue_successor.h"
#include "consent/catalog/policy.h"
#include "consent/catalog/policy_rows.h"
#include "consent/journal.h"
#include "consent/judged_commit.h"
#include "consent/store/keys.h"

// A whole new catalogue, signed by two persons whom the one in force names.
namespace naru {
namespace {

constexpr size_t kSignersNeeded = 2;

struct JudgedApply {
  Verdict verdict;
  std::optional<v1::Refusal> refused;
  std::optional<uint64_t> repeated;  // Index of the entry it caused the first time.
};

// What was submitted, parsed and checked but for what the judge sees.
struct Submission {
  Caller caller;
  v1::ApplyCatalogueRequest request;
  RequestIdentity identity;
  std::string details_key;
  // Unset when it does not pass its checks: `refused` says why.
  std::shared_ptr<const Catalogue> catalogue;
  std::optional<v1::Refusal> refused;
};

v1::Refusal Invalid(absl::string_view problem) {
  return MakeRefusal(v1::REFUSAL_REASON_CATALOGUE_INVALID, {{"problem", std::string(problem)}});
}

// Without keys in files: what is signed is all there is.
std::optional<v1::Refusal> CheckKeysOf(const Catalogue& catalogue, bool development) {
  const auto keys = LoadCatalogueKeys(catalogue.message(), DevelopmentProviders::kAllow);
  if (!keys.ok()) return Invalid(keys.status().message());
  for (const config::v1::IdentityProvider& provider : catalogue.message().providers()) {
    if (provider.development() && !development) {
      return Invalid("names a development identity provider");
    }
  }
  if (catalogue.message().signers_size() < static_cast<int>(kSignersNeeded)) {
    return Invalid("signers: at least two, or no catalogue could follow");
  }
  return std::nullopt;
}

EntryDraft& AddEntry(const Submission& submission, v1::EntryKind kind, Verdict* verdict) {
  EntryDraft& entry = verdict->entries.emplace_back();
  entry.outer.set_kind(kind);
  entry.outer.set_caller(submission.caller.text());
  storage::v1::Details details;
  *details.mutable_case_() = submission.request.case_();
  entry.details = details.SerializeAsString();
  entry.data_key = submission.details_key;
  return entry;
}

// Why it may not follow the one in force; asked under the lock of the policy.
std::optional<v1::Refusal> RefuseSuccessor(const Submission& submission, const Catalogue& in_force,
                                           uint64_t generation, absl::Time now) {
  if (submission.refused.has_value()) return submission.refused;
  const v1::SignedCatalogue& signed_catalogue = submission.request.catalogue();
  const auto keys = LoadCatalogueKeys(in_force.message(), DevelopmentProviders::kAllow);
  if (!keys.ok() || CatalogueSigners(signed_catalogue, in_force.message(), keys->keys, now).size() <
                        kSignersNeeded) {
    return MakeRefusal(v1::REFUSAL_REASON_CATALOGUE_SIGNATURES_MISSING);
  }
  if (signed_catalogue.base_generation() != generation) {
    return MakeRefusal(v1::REFUSAL_REASON_CATALOGUE_CHANGED,
                       {{"generation", absl::StrCat(generation)}});
  }
  const auto missing = MissingInSuccessor(in_force.message(), submission.catalogue->message());
  if (missing.has_value()) {
    return MakeRefusal(v1::REFUSAL_REASON_CATALOGUE_REMOVES_USED, {{"missing", *missing}});
  }
  return std::nullopt;
}

absl::StatusOr<JudgedApply> JudgeApply(const Submission& submission, const Catalogue& in_force,
                                       const Reader& rows, const JudgeContext& context) {
  JudgedApply judged;
  ABSL_ASSIGN_OR_RETURN(const auto earlier, CheckRequest(rows, submission.identity, context.now));
  if (earlier.has_value()) {
    judged.repeated = earlier->ledger_index();
    return judged;
  }
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        rows.Get(Table::kMeta, keys::Policy()));
  storage::v1::PolicyRow policy;
  if (!value.has_value() || !policy.ParseFromString(*value)) {
    return DataDamaged("the policy row cannot be read");
  }
  judged.refused = RefuseSuccessor(submission, in_force, policy.generation(), context.now);
  if (judged.refused.has_value()) {
    AddEntry(submission, v1::ENTRY_KIND_REFUSED, &judged.verdict)
        .outer.set_refusal_reason(judged.refused->reason());
    return judged;
  }
  ABSL_ASSIGN_OR_RETURN(const SuspendedApprovals suspended, ReadSuspendedApprovals(rows));
  const Catalogue& next = *submission.catalogue;
  policy.set_generation(policy.generation() + 1);
  policy.set_sha256(PolicyDigest(next.sha256(), suspended));
  storage::v1::CatalogueRow row;
  row.set_catalogue(next.bytes());
  row.set_sha256(next.sha256());
  row.set_signed_text(submission.request.catalogue().catalogue());
  *row.mutable_signatures() = submission.request.catalogue().signatures();
  row.set_base_generation(submission.request.catalogue().base_generation());
  Verdict& verdict = judged.verdict;
  verdict.writes.push_back({Table::kMeta, keys::Catalogue(), row.SerializeAsString()});
  verdict.writes.push_back({Table::kMeta, keys::Policy(), policy.SerializeAsString()});
  verdict.writes.push_back(
      RememberRequest(submission.identity, context.next_index, context.now, ""));
  EntryDraft& entry = AddEntry(submission, v1::ENTRY_KIND_CATALOGUE_APPLIED, &verdict);
  entry.outer.set_reference(absl::StrCat("generation ", policy.generation()));
  entry.outer.set_reference_sha256(next.sha256());
  entry.outer.set_policy_generation(policy.generation());
  entry.outer.set_request_sha256(submission.identity.EntryDigest());
  return judged;
}

}  // namespace

void Policy::ApplyCatalogue(const Caller& caller, const v1::ApplyCatalogueRequest& request,
                            Done<v1::ApplyCatalogueResponse> done) {
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, request);
  if (!identity.ok()) return done(std::move(identity).status());
  auto submission = std::make_shared<Submission>(
      Submission{caller, request, *std::move(identity), details_key(), nullptr, std::nullopt});
  // Parsed before the judge: it takes long, and what it says does not change.
  absl::StatusOr<std::shared_ptr<const Catalogue>> parsed =
      Catalogue::FromText("catalogue", request.catalogue().catalogue());
  if (parsed.ok()) {
    submission->catalogue = *std::move(parsed);
    submission->refused = CheckKeysOf(*submission->catalogue, options_.development);
  } else {
    submission->refused = Invalid(parsed.status().message());
  }
  CommitJudged<JudgedApply>(
      journal_, {submission->identity.hash},
      [this, submission](const Reader& rows, const JudgeContext& context) {
        return JudgeApply(*submission, *catalogue(), rows, context);
      },
      [this, done = std::move(done)](absl::StatusOr<Stood<JudgedApply>> stood) {
        if (!stood.ok()) return done(std::move(stood).status());
        v1::ApplyCatalogueResponse response;
        if (stood->judged.refused.has_value()) {
          *response.mutable_refusal() = *std::move(stood->judged.refused);
          return done(std::move(response));
        }
        v1::AppliedCatalogue& applied = *response.mutable_applied();
        v1::OuterEntry entry;
        if (stood->judged.repeated.has_value()) {
          absl::StatusOr<v1::OuterEntry> read =
              ReadPolicyEntry(*options_.store, *stood->judged.repeated);
          if (!read.ok()) return done(std::move(read).status());
          entry = *std::move(read);
          applied.set_ledger_index(*stood->judged.repeated);
        } else {
          entry = std::move(stood->committed.entries.front().outer);
          applied.set_ledger_index(stood->committed.entries.front().index);
        }
        applied.set_generation(entry.policy_generation());
        applied.set_sha256(entry.reference_sha256());
        done(std::move(response));
      });
}

absl::StatusOr<v1::GetSignedCatalogueResponse> Policy::Signed() const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        options_.store->Get(Table::kMeta, keys::Catalogue()));
  storage::v1::CatalogueRow row;
  if (!value.has_value() || !row.ParseFromString(*value)) {
    return DataDamaged("the catalogue in force cannot be read");
  }
  v1::GetSignedCatalogueResponse response;
  response.set_generation(this->row().generation());
  v1::SignedCatalogue& signed_catalogue = *response.mutable_catalogue();
  signed_catalogue.set_base_generation(row.base_generation());
  *signed_catalogue.mutable_signatures() = row.signatures();
  if (row.signed_text().empty()) {
    // The first was read from a file; its text is made again from what was read.
    ABSL_ASSIGN_OR_RETURN(*signed_catalogue.mutable_catalogue(), catalogue()->Text());
  } else {
    signed_catalogue.set_catalogue(row.signed_text());
  }
  return response;
}

}  // namespace naru
