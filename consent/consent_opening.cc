#include "consent/consent_opening.h"

#include <utility>
#include <vector>

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
#include "consent/one_time_code.h"
#include "consent/store/keys.h"
#include "consent/text/consent_text.h"
#include "consent/text/messages.h"
#include "naru/v1/message_service.pb.h"

namespace naru {

absl::StatusOr<std::unique_ptr<ConsentOpening>> ConsentOpening::Prepare(
    const RulesContext* context, const Caller* caller, const v1::OpenConsentRequest* request,
    const RequestIdentity* identity, const std::string* contact_ref) {
  auto opening = std::unique_ptr<ConsentOpening>(
      new ConsentOpening(context, caller, request, identity, contact_ref));
  ABSL_RETURN_IF_ERROR(opening->FindPerson());
  opening->catalogue_ = context->policy->catalogue();
  opening->fits_ = opening->MakePapers();
  if (opening->fits_.ok() && !opening->fits_->has_value()) {
    const absl::Status made = opening->MakeTerms();
    if (!made.ok()) opening->fits_ = made;
  }
  return opening;
}

absl::Status ConsentOpening::FindPerson() {
  const PersonDirectory& directory = *context_.directory;
  lookup_ = directory.Lookup(request_.person());
  ABSL_ASSIGN_OR_RETURN(std::optional<PersonDirectory::Person> person,
                        directory.Find(*context_.store, lookup_));
  known_ = person.has_value();
  if (known_) {
    person_.person = *std::move(person);
  } else {
    person_ = directory.Prepare(lookup_, context_.clock->Now());
  }
  if (!request_.case_().case_number().empty()) {
    case_hash_ = directory.CaseHash(caller_.agency, request_.case_().case_number());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::Refusal>> ConsentOpening::MakePapers() {
  if (request_.person().type() != v1::SUBJECT_TYPE_PERSON || request_.person().number().empty()) {
    return FieldMalformed("person", "the person who decides");
  }
  return AddPapers(*catalogue_, request_.affair(), request_.person().number(), request_.papers(),
                   &consent_);
}

absl::Status ConsentOpening::MakeTerms() {
  const config::v1::Affair& affair = *catalogue_->FindAffair(request_.affair());
  consent_.id = ConsentId::Generate(person_.person.subject.shard(), *context_.random);
  consent_.subject = person_.person.subject;
  consent_.data_key = person_.person.data_key;

  storage::v1::ConsentRow& row = consent_.row;
  row.set_consent_id(consent_.id.bytes());
  row.set_subject_id(consent_.subject.bytes());
  row.set_state(*Next(v1::CONSENT_STATE_UNSPECIFIED, ConsentEvent::kOpen));
  row.set_legal_route(request_.legal_route() == v1::LEGAL_ROUTE_UNSPECIFIED
                          ? affair.legal_route()
                          : request_.legal_route());
  row.set_requester(caller_.agency);
  row.set_opener(caller_.text());
  row.set_affair(affair.code());
  const absl::Time decide_until = context_.clock->Now() + catalogue_->DecideWithin(affair.code());
  const absl::Duration valid_for = request_.valid_for_seconds() == 0
                                       ? catalogue_->ValidFor(affair.code())
                                       : absl::Seconds(request_.valid_for_seconds());
  row.set_decide_until_us(absl::ToUnixMicros(decide_until));
  row.set_valid_for_us(absl::ToInt64Microseconds(valid_for));
  row.set_uses_left(request_.uses() == 0 ? affair.uses() : request_.uses());
  row.set_retention_days(affair.retention_days());
  row.set_intake(request_.intake());
  row.set_language(request_.language().empty() ? "ko" : request_.language());
  row.set_case_lookup(case_hash_);

  ConsentTerms terms;
  terms.requester = row.requester();
  terms.affair = row.affair();
  terms.papers.assign(consent_.details.papers().begin(), consent_.details.papers().end());
  terms.valid_until = decide_until + valid_for;
  terms.uses = row.uses_left();
  terms.retention_days = row.retention_days();
  ABSL_ASSIGN_OR_RETURN(ConsentText text, MakeConsentText(*catalogue_, terms, row.language()));
  row.set_text_version(text.version);
  row.set_text_sha256(crypto::Sha256(text.text));

  storage::v1::ConsentPrivate& details = consent_.details;
  if (request_.has_case_()) *details.mutable_opened_by() = request_.case_();
  details.set_contact_ref(contact_ref_);
  details.set_text(std::move(text.text));
  details.set_request_number(DrawRequestNumber(*context_.random));
  code_ = DrawCode(*context_.random);
  SealDetails(details, consent_.data_key, *context_.random, &row);
  return absl::OkStatus();
}

Change ConsentOpening::MakeChange() {
  Change change;
  change.locks = {lookup_, identity_.hash, person_.person.subject.bytes()};
  change.judge = [this](const Reader& rows, const JudgeContext& context) {
    return Judge(rows, context);
  };
  return change;
}

absl::StatusOr<Verdict> ConsentOpening::Judge(const Reader& rows, const JudgeContext& context) {
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
  ABSL_ASSIGN_OR_RETURN(finding_.refused, fits_);
  if (!finding_.refused.has_value()) {
    ABSL_ASSIGN_OR_RETURN(finding_.refused, RefusePapers(rows, *catalogue_, consent_.row));
  }
  if (finding_.refused.has_value()) return Refused(finding_.refused->reason());
  ABSL_RETURN_IF_ERROR(CheckQuota(rows, context.now));
  Verdict verdict = Opened(context);
  ABSL_RETURN_IF_ERROR(ForgetOldRequests(rows, identity_, context.now, &verdict.writes));
  return verdict;
}

absl::StatusOr<bool> ConsentOpening::StillTrue(const Reader& rows) const {
  // Two first contacts make one subject; an erased person is a new one.
  ABSL_ASSIGN_OR_RETURN(const std::optional<SubjectId> subject,
                        context_.directory->FindSubject(rows, lookup_));
  if (subject.has_value() != known_) return false;
  if (known_ && *subject != person_.person.subject) return false;
  return context_.policy->catalogue()->sha256() == catalogue_->sha256();
}

absl::Status ConsentOpening::CheckQuota(const Reader& rows, absl::Time now) const {
  const auto [from, to] =
      keys::PersonConsents(person_.person.subject, caller_.agency, request_.affair());
  ABSL_ASSIGN_OR_RETURN(const std::vector<Row> newest,
                        rows.Scan(Table::kRows, from, to, limits::kConsentsLookedAt));
  int pending = 0;
  for (const Row& row : newest) {
    const ConsentId id = keys::ConsentOfPersonKey(row.key);
    if (id.empty()) return DataDamaged("an index row names no consent");
    ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::CheckRow> check, ReadCheckRow(rows, id));
    if (!check.has_value()) return DataDamaged("a consent has no check row");
    if (EffectiveState(*check, now) == v1::CONSENT_STATE_PENDING) ++pending;
  }
  if (pending < limits::kPendingPerPerson) return absl::OkStatus();
  return QuotaExceeded("person", catalogue_->DecideWithin(request_.affair()));
}

Verdict ConsentOpening::Opened(const JudgeContext& context) {
  Verdict verdict;
  verdict.writes = person_.rows;
  StoredConsent& consent = finding_.consent = consent_;
  consent.row.set_open_time_us(absl::ToUnixMicros(context.now));

  storage::v1::Details details;
  if (request_.has_case_()) *details.mutable_case_() = request_.case_();
  const EntryDraft plain = DraftConsentEntry(v1::ENTRY_KIND_CODE_SENT, consent, caller_, details);
  *details.mutable_papers() = consent.details.papers();
  details.set_text(consent.details.text());
  EntryDraft& opened = verdict.entries.emplace_back(
      DraftConsentEntry(v1::ENTRY_KIND_CONSENT_OPENED, consent, caller_, details));
  opened.outer.set_text_sha256(consent.row.text_sha256());
  opened.outer.set_request_sha256(identity_.EntryDigest());
  *opened.outer.mutable_valid_until() =
      ToTimestamp(absl::FromUnixMicros(consent.row.decide_until_us() + consent.row.valid_for_us()));

  if (!contact_ref_.empty()) {
    SetCode({context_.code_key, context_.code_key_id}, consent.id, v1::CODE_PURPOSE_DECIDE, code_,
            context.now, consent.row.mutable_decide_code());
    EntryDraft& sent = verdict.entries.emplace_back(plain);
    sent.outer.set_reference(CodeReference(v1::CODE_PURPOSE_DECIDE, consent.row.decide_code()));
    storage::v1::OutboxMessage& message = sent.message.emplace();
    message.set_kind(v1::MESSAGE_KIND_CODE);
    message.set_contact_ref(contact_ref_);
    message.set_text(CodeMessage(catalogue_->FindAgency(caller_.agency)->sms_name(), code_,
                                 consent.row.language()));
    sent.message_expire = context.now + limits::kCodeLife;
  }
  consent.row.set_last_entry(context.next_index + verdict.entries.size() - 1);
  PutNewConsent(consent.row, &verdict.writes);
  verdict.writes.push_back(
      RememberRequest(identity_, context.next_index, context.now, consent.id.bytes()));
  return verdict;
}

Verdict ConsentOpening::Refused(v1::RefusalReason reason) const {
  Verdict verdict;
  EntryDraft& refused = verdict.entries.emplace_back();
  refused.outer.set_kind(v1::ENTRY_KIND_REFUSED);
  refused.outer.set_caller(caller_.text());
  refused.outer.set_requester(caller_.agency);
  if (catalogue_->FindAffair(request_.affair()) != nullptr) {
    refused.outer.set_affair(request_.affair());
  }
  refused.outer.set_refusal_reason(reason);
  // A refused call makes nobody known, and the case of an unknown person has no key to rest under.
  if (!known_) return verdict;
  refused.subject = person_.person.subject;
  refused.data_key = person_.person.data_key;
  refused.case_hash = case_hash_;
  storage::v1::Details details;
  if (request_.has_case_()) *details.mutable_case_() = request_.case_();
  refused.details = details.SerializeAsString();
  return verdict;
}

}  // namespace naru
