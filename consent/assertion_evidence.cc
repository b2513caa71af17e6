#include "consent/assertion_evidence.h"

#include <algorithm>
#include <utility>

#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/person_directory.h"
#include "consent/store/keys.h"
#include "naru/storage/v1/storage.pb.h"

namespace naru {
namespace {

using Reason = std::optional<v1::RefusalReason>;

// Bytes in a decision's nonce that nobody can guess.
constexpr size_t kSaltBytes = 16;

}  // namespace

AssertionEvidence::AssertionEvidence(const RulesContext* context, std::string jws, std::string salt)
    : context_(context), jws_(std::move(jws)), salt_(std::move(salt)) {
  absl::StatusOr<AssertionClaims> claims =
      VerifyAssertion(jws_, context_->issuers(), *context_->keys, context_->clock->Now());
  if (!claims.ok()) return;
  claims_ = *std::move(claims);
  v1::Subject person;
  person.set_type(v1::SUBJECT_TYPE_PERSON);
  person.set_number(claims_->ci);
  lookup_ = context_->directory->Lookup(person);
}

bool AssertionEvidence::Counts(absl::Time now) const {
  // It was verified a moment ago; the group's time decides.
  return claims_.has_value() && now - claims_->auth_time <= limits::kAssertionAge &&
         now - claims_->issued <= limits::kAssertionAge;
}

const std::string& AssertionEvidence::ci() const {
  static const std::string* const none = new std::string();
  return claims_.has_value() ? claims_->ci : *none;
}

Reason AssertionEvidence::Valid(absl::Time now) const {
  return Counts(now) ? Reason() : Reason(v1::REFUSAL_REASON_ASSERTION_INVALID);
}

absl::StatusOr<Reason> AssertionEvidence::Person(const Reader& rows, absl::Time now,
                                                 const SubjectId* subject) const {
  if (!Counts(now)) return Reason(v1::REFUSAL_REASON_ASSERTION_INVALID);
  ABSL_ASSIGN_OR_RETURN(const std::optional<SubjectId> found,
                        context_->directory->FindSubject(rows, lookup_));
  if (subject == nullptr || !found.has_value() || *found != *subject) {
    return Reason(v1::REFUSAL_REASON_ASSERTION_OTHER_PERSON);
  }
  return Reason();
}

absl::StatusOr<Reason> AssertionEvidence::Action(const Reader& rows, const SubjectId& subject,
                                                 absl::string_view action, absl::string_view target,
                                                 absl::string_view text_sha256,
                                                 std::vector<v1::PaperDecision> decisions) const {
  if (!claims_.has_value()) return Reason(v1::REFUSAL_REASON_ASSERTION_INVALID);
  std::sort(decisions.begin(), decisions.end(),
            [](const v1::PaperDecision& a, const v1::PaperDecision& b) {
              return a.paper_id() < b.paper_id();
            });
  if (salt_.size() != kSaltBytes ||
      !crypto::ConstantTimeEqual(claims_->nonce, DecisionNonce(action, target, text_sha256,
                                                               std::move(decisions), salt_))) {
    return Reason(v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION);
  }
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> used,
                        rows.Get(Table::kRows, keys::UsedNonce(subject, NonceHash())));
  if (used.has_value()) return Reason(v1::REFUSAL_REASON_ASSERTION_REUSED);
  return Reason();
}

absl::Status AssertionEvidence::Use(const Reader& rows, const SubjectId& subject, absl::Time now,
                                    std::vector<Writes::Write>* writes) const {
  const auto [from, to] = keys::UsedNonces(subject);
  ABSL_ASSIGN_OR_RETURN(const std::vector<Row> used,
                        rows.Scan(Table::kRows, from, to, limits::kForgottenAtOnce));
  for (const Row& row : used) {
    storage::v1::UsedNonceRow nonce;
    if (!nonce.ParseFromString(row.value)) return DataDamaged("a used nonce cannot be read");
    if (nonce.forget_time_us() < absl::ToUnixMicros(now)) {
      writes->push_back({Table::kRows, row.key, std::nullopt});
    }
  }
  // Past this the assertion is too old, however far ahead its provider's clock ran.
  storage::v1::UsedNonceRow nonce;
  nonce.set_forget_time_us(absl::ToUnixMicros(now + limits::kAssertionAge + limits::kClockSkew));
  writes->push_back(
      {Table::kRows, keys::UsedNonce(subject, NonceHash()), nonce.SerializeAsString()});
  return absl::OkStatus();
}

std::string AssertionEvidence::NonceHash() const { return crypto::Sha256(claims_->nonce); }

}  // namespace naru
