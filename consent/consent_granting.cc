#include "consent/consent_granting.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/catalog/catalogue.h"
#include "consent/catalog/policy.h"
#include "consent/consent_call.h"
#include "consent/consent_machine.h"
#include "consent/consent_papers.h"
#include "consent/consent_view.h"
#include "consent/store/keys.h"
#include "consent/text/consent_text.h"

namespace naru {
namespace {

using MaybeRefusal = std::optional<v1::Refusal>;

absl::StatusOr<absl::Time> ValidUntil(const v1::ConsentTerms& terms, absl::Duration by_default,
                                      absl::Time now) {
  if (!terms.has_valid_until()) {
    // Whole seconds: what is shown is what comes back.
    return absl::FromUnixSeconds(absl::ToUnixSeconds(now + by_default));
  }
  const absl::Time until = FromTimestamp(terms.valid_until());
  if (until <= now || until > now + limits::kConsentLifeMax) {
    return FieldMalformed("terms.valid_until", "later than now, at most 366 days");
  }
  return until;
}

// Every paper is decided exactly once, and one at least is agreed to: a no needs no consent.
absl::Status CheckDecisions(const storage::v1::ConsentRow& row,
                            const google::protobuf::RepeatedPtrField<v1::PaperDecision>& given) {
  std::map<uint32_t, bool> decided;
  for (const storage::v1::PaperRow& paper : row.papers()) decided[paper.paper_id()] = false;
  bool agreed = false;
  for (const v1::PaperDecision& decision : given) {
    const auto paper = decided.find(decision.paper_id());
    if (paper == decided.end()) return FieldMalformed("decisions", "papers of the terms");
    if (std::exchange(paper->second, true)) {
      return FieldsContradict("decisions", "a paper is decided once");
    }
    agreed = agreed || decision.decision() == v1::DECISION_AGREED;
  }
  if (given.size() != row.papers_size()) return FieldMissing("decisions");
  if (!agreed) return FieldMalformed("decisions", "at least one paper agreed to");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MaybeRefusal> MakeGrantTerms(const Catalogue& catalogue,
                                            const v1::ConsentTerms& given, const std::string& ci,
                                            absl::Time now, StoredConsent* consent,
                                            MadeTerms* made) {
  if (catalogue.FindAgency(given.requester()) == nullptr) {
    return MaybeRefusal(MakeRefusal(v1::REFUSAL_REASON_NO_USE_APPROVAL));
  }
  ABSL_ASSIGN_OR_RETURN(MaybeRefusal refused,
                        AddPapers(catalogue, given.affair(), ci, given.papers(), consent));
  if (refused.has_value()) return refused;
  const config::v1::Affair& affair = *catalogue.FindAffair(given.affair());
  ABSL_ASSIGN_OR_RETURN(const absl::Time until,
                        ValidUntil(given, catalogue.ValidFor(affair.code()), now));

  storage::v1::ConsentRow& row = consent->row;
  row.set_legal_route(affair.legal_route());
  row.set_requester(given.requester());
  row.set_affair(affair.code());
  row.set_uses_left(given.uses() == 0 ? affair.uses() : given.uses());
  row.set_retention_days(affair.retention_days());
  row.set_intake(v1::INTAKE_PHONE);
  row.set_language(given.language().empty() ? "ko" : given.language());
  row.set_valid_until_us(absl::ToUnixMicros(until));

  ConsentTerms terms;
  terms.requester = row.requester();
  terms.affair = row.affair();
  terms.papers.assign(consent->details.papers().begin(), consent->details.papers().end());
  terms.valid_until = until;
  terms.uses = row.uses_left();
  terms.retention_days = row.retention_days();
  ABSL_ASSIGN_OR_RETURN(ConsentText text, MakeConsentText(catalogue, terms, row.language()));
  row.set_text_version(text.version);
  row.set_text_sha256(crypto::Sha256(text.text));
  consent->details.set_text(text.text);

  made->text = std::move(text.text);
  made->text_version = std::move(text.version);
  made->terms = given;
  *made->terms.mutable_papers() = consent->details.papers();
  *made->terms.mutable_valid_until() = ToTimestamp(until);
  made->terms.set_uses(row.uses_left());
  made->terms.set_language(row.language());
  return MaybeRefusal();
}

absl::StatusOr<std::unique_ptr<ConsentGranting>> ConsentGranting::Prepare(
    const RulesContext* context, const Caller* caller, const v1::GrantConsentRequest* request,
    const RequestIdentity* identity, const AssertionEvidence* evidence) {
  auto granting = std::unique_ptr<ConsentGranting>(
      new ConsentGranting(context, caller, request, identity, evidence));
  if (evidence->lookup().empty()) {
    granting->fits_ = MaybeRefusal(MakeRefusal(v1::REFUSAL_REASON_ASSERTION_INVALID));
    return granting;
  }
  ABSL_RETURN_IF_ERROR(granting->FindPerson());
  granting->catalogue_ = context->policy->catalogue();
  granting->fits_ = granting->MakeConsent();
  return granting;
}

absl::Status ConsentGranting::FindPerson() {
  const PersonDirectory& directory = *context_.directory;
  ABSL_ASSIGN_OR_RETURN(std::optional<PersonDirectory::Person> person,
                        directory.Find(*context_.store, evidence_.lookup()));
  known_ = person.has_value();
  if (known_) {
    person_.person = *std::move(person);
  } else {
    person_ = directory.Prepare(evidence_.lookup(), context_.clock->Now());
  }
  return absl::OkStatus();
}

absl::StatusOr<MaybeRefusal> ConsentGranting::MakeConsent() {
  MadeTerms made;
  ABSL_ASSIGN_OR_RETURN(MaybeRefusal refused,
                        MakeGrantTerms(*catalogue_, request_.terms(), evidence_.ci(),
                                       context_.clock->Now(), &consent_, &made));
  if (refused.has_value()) return refused;
  ABSL_RETURN_IF_ERROR(CheckDecisions(consent_.row, request_.decisions()));
  if (request_.text_sha256() != consent_.row.text_sha256()) {
    return MaybeRefusal(MakeRefusal(v1::REFUSAL_REASON_TEXT_MISMATCH));
  }
  consent_.id = ConsentId::Generate(person_.person.subject.shard(), *context_.random);
  consent_.subject = person_.person.subject;
  consent_.data_key = person_.person.data_key;
  storage::v1::ConsentRow& row = consent_.row;
  row.set_consent_id(consent_.id.bytes());
  row.set_subject_id(consent_.subject.bytes());
  row.set_opener(caller_.text());
  row.set_state(*Next(v1::CONSENT_STATE_UNSPECIFIED, ConsentEvent::kGrant));
  row.set_evidence(v1::EVIDENCE_KIND_ASSERTION);
  for (storage::v1::PaperRow& paper : *row.mutable_papers()) {
    for (const v1::PaperDecision& decision : request_.decisions()) {
      if (decision.paper_id() == paper.paper_id()) paper.set_decision(decision.decision());
    }
  }
  consent_.details.set_request_number(DrawRequestNumber(*context_.random));
  SealDetails(consent_.details, consent_.data_key, *context_.random, &row);
  return MaybeRefusal();
}

Change ConsentGranting::MakeChange() {
  Change change;
  change.locks = {identity_.hash};
  if (!evidence_.lookup().empty()) {
    change.locks.push_back(evidence_.lookup());
    change.locks.push_back(person_.person.subject.bytes());
  }
  change.judge = [this](const Reader& rows, const JudgeContext& context) {
    return Judge(rows, context);
  };
  return change;
}

absl::StatusOr<Verdict> ConsentGranting::Judge(const Reader& rows, const JudgeContext& context) {
  finding_ = Finding();
  ABSL_ASSIGN_OR_RETURN(finding_.repeat, CheckRequest(rows, identity_, context.now));
  if (finding_.repeat.has_value()) {
    absl::StatusOr<ConsentId> id = ConsentId::FromBytes(finding_.repeat->object_id());
    if (!id.ok()) return DataDamaged("the row of a request names no consent");
    ABSL_ASSIGN_OR_RETURN(std::optional<StoredConsent> consent,
                          ReadConsent(*context_.directory, rows, *id));
    if (!consent.has_value()) return NotFound("consent");  // The person was erased since.
    finding_.consent = *std::move(consent);
    return Verdict();
  }
  ABSL_ASSIGN_OR_RETURN(const bool still_true, StillTrue(rows));
  if (!still_true) {
    finding_.again = true;
    return Verdict();
  }
  ABSL_ASSIGN_OR_RETURN(finding_.refused, Refuse(rows, context.now));
  if (finding_.refused.has_value()) return Refused(finding_.refused->reason());
  ABSL_RETURN_IF_ERROR(CheckQuota(rows, context.now));
  return Granted(rows, context);
}

absl::StatusOr<bool> ConsentGranting::StillTrue(const Reader& rows) const {
  if (evidence_.lookup().empty()) return true;
  ABSL_ASSIGN_OR_RETURN(const std::optional<SubjectId> subject,
                        context_.directory->FindSubject(rows, evidence_.lookup()));
  if (subject.has_value() != known_) return false;
  if (known_ && *subject != person_.person.subject) return false;
  return context_.policy->catalogue()->sha256() == catalogue_->sha256();
}

// The person first: who does not vouch for themselves learns nothing else.
absl::StatusOr<MaybeRefusal> ConsentGranting::Refuse(const Reader& rows, absl::Time now) const {
  if (const auto invalid = evidence_.Valid(now); invalid.has_value()) {
    return MaybeRefusal(MakeRefusal(*invalid));
  }
  ABSL_ASSIGN_OR_RETURN(MaybeRefusal refused, fits_);
  if (refused.has_value()) return refused;
  ABSL_ASSIGN_OR_RETURN(refused, RefusePapers(rows, *catalogue_, consent_.row));
  if (refused.has_value()) return refused;
  ABSL_ASSIGN_OR_RETURN(
      const std::optional<v1::RefusalReason> reason,
      evidence_.Action(rows, person_.person.subject, "GRANT", request_.terms().affair(),
                       request_.text_sha256(),
                       {request_.decisions().begin(), request_.decisions().end()}));
  if (reason.has_value()) return MaybeRefusal(MakeRefusal(*reason));
  return MaybeRefusal();
}

absl::Status ConsentGranting::CheckQuota(const Reader& rows, absl::Time now) const {
  const auto [from, to] =
      keys::PersonConsents(person_.person.subject, consent_.row.requester(), consent_.row.affair());
  ABSL_ASSIGN_OR_RETURN(const std::vector<Row> newest,
                        rows.Scan(Table::kRows, from, to, limits::kConsentsLookedAt));
  int live = 0;
  for (const Row& row : newest) {
    ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::CheckRow> check,
                          ReadCheckRow(rows, keys::ConsentOfPersonKey(row.key)));
    if (!check.has_value()) return DataDamaged("a consent has no check row");
    if (!IsFinal(EffectiveState(*check, now))) ++live;
  }
  if (live < limits::kPendingPerPerson) return absl::OkStatus();
  return QuotaExceeded("person", absl::Hours(24));
}

absl::StatusOr<Verdict> ConsentGranting::Granted(const Reader& rows, const JudgeContext& context) {
  Verdict verdict;
  verdict.writes = person_.rows;
  StoredConsent& consent = finding_.consent = consent_;
  const int64_t now_us = absl::ToUnixMicros(context.now);
  consent.row.set_open_time_us(now_us);
  consent.row.set_decide_until_us(now_us);
  consent.row.set_decide_time_us(now_us);
  consent.row.set_valid_from_us(now_us);
  consent.row.set_valid_for_us(consent.row.valid_until_us() - now_us);

  storage::v1::Details details;
  *details.mutable_papers() = consent.details.papers();
  details.set_text(consent.details.text());
  details.set_assertion(evidence_.jws());
  EntryDraft& granted = verdict.entries.emplace_back(
      DraftConsentEntry(v1::ENTRY_KIND_CONSENT_GRANTED, consent, caller_, details));
  granted.outer.set_evidence(v1::EVIDENCE_KIND_ASSERTION);
  granted.outer.set_text_sha256(consent.row.text_sha256());
  granted.outer.set_request_sha256(identity_.EntryDigest());
  *granted.outer.mutable_valid_until() =
      ToTimestamp(absl::FromUnixMicros(consent.row.valid_until_us()));

  consent.row.set_last_entry(context.next_index);
  PutNewConsent(consent.row, &verdict.writes);
  verdict.writes.push_back(
      RememberRequest(identity_, context.next_index, context.now, consent.id.bytes()));
  ABSL_RETURN_IF_ERROR(evidence_.Use(rows, person_.person.subject, context.now, &verdict.writes));
  ABSL_RETURN_IF_ERROR(ForgetOldRequests(rows, identity_, context.now, &verdict.writes));
  return verdict;
}

Verdict ConsentGranting::Refused(v1::RefusalReason reason) const {
  Verdict verdict;
  EntryDraft& refused = verdict.entries.emplace_back();
  refused.outer.set_kind(v1::ENTRY_KIND_REFUSED);
  refused.outer.set_caller(caller_.text());
  refused.outer.set_refusal_reason(reason);
  // A refused call makes nobody known.
  if (!known_) return verdict;
  refused.subject = person_.person.subject;
  refused.data_key = person_.person.data_key;
  return verdict;
}

}  // namespace naru
