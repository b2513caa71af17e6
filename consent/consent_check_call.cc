#include <memory>
#include <utility>

#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/catalog/policy.h"
#include "consent/consent_book.h"
#include "consent/consent_check.h"
#include "consent/consent_rows.h"
#include "consent/journal.h"
#include "consent/person_directory.h"

namespace naru {
namespace {

constexpr absl::Duration kRetryAfter = absl::Milliseconds(100);

}  // namespace

void ConsentBook::Check(const Caller& caller, const v1::CheckConsentRequest& request,
                        Done<v1::CheckConsentResponse> done) {
  absl::StatusOr<Checked> checked = FindChecked(caller, request);
  if (!checked.ok()) return done(std::move(checked).status());
  if (caller.Has(config::v1::ROLE_COUNTER)) {
    CheckByOfficial(caller, request.case_(), *checked, std::move(done));
  } else {
    CheckByMachine(caller, *checked, done);
  }
}

absl::StatusOr<ConsentBook::Checked> ConsentBook::FindChecked(
    const Caller& caller, const v1::CheckConsentRequest& request) const {
  Checked checked;
  if (request.target_case() == v1::CheckConsentRequest::kConsentId) {
    absl::StatusOr<ConsentId> id = ConsentId::Parse(request.consent_id());
    if (!id.ok()) return FieldMalformed("consent_id", "a consent's id");
    checked.id = request.consent_id();
    checked.consent = *std::move(id);
    return checked;
  }
  if (request.target_case() != v1::CheckConsentRequest::kPersonAffair) {
    return FieldMissing("target");
  }
  const PersonDirectory& directory = *context_->directory;
  const v1::PersonAffair& target = request.person_affair();
  checked.affair = target.affair();
  ABSL_ASSIGN_OR_RETURN(checked.subject,
                        directory.FindSubject(*context_->store, directory.Lookup(target.person())));
  if (!checked.subject.has_value()) return checked;
  ABSL_ASSIGN_OR_RETURN(checked.consent,
                        NewestOpenConsent(*context_->store, *checked.subject, caller.agency,
                                          target.affair(), context_->clock->Now()));
  if (checked.consent.has_value()) checked.id = checked.consent->text();
  return checked;
}

void ConsentBook::CheckByMachine(const Caller& caller, const Checked& checked,
                                 const Done<v1::CheckConsentResponse>& done) {
  std::optional<storage::v1::CheckRow> row;
  if (checked.consent.has_value()) {
    absl::StatusOr<std::optional<storage::v1::CheckRow>> read =
        ReadCheckRow(*context_->store, *checked.consent);
    if (!read.ok()) return done(std::move(read).status());
    row = *std::move(read);
  }
  const std::string affair = row.has_value() ? row->affair() : checked.affair;
  const std::shared_ptr<const Policy::InForce> policy = context_->policy->in_force();
  absl::StatusOr<v1::CheckConsentResponse> response = AnswerCheck(
      caller.agency, checked.id, row, *policy->catalogue,
      [&](const std::string& kind) -> absl::StatusOr<std::optional<v1::Refusal>> {
        return context_->policy->CheckUse(caller.agency, affair, kind, v1::ACCESS_MODE_UNSPECIFIED);
      },
      context_->clock->Now());
  if (!response.ok()) return done(std::move(response));
  // The person of another agency's consent is not this caller's to touch, not even by a note.
  SubjectId subject = checked.subject.value_or(SubjectId());
  if (row.has_value() && row->requester() == caller.agency) {
    absl::StatusOr<SubjectId> of_row = SubjectId::FromBytes(row->subject_id());
    if (!of_row.ok()) return done(DataDamaged("a check row names no subject"));
    subject = *std::move(of_row);
  }
  // Noted, or not answered.
  if (!context_->journal->NoteCheck(caller.agency, caller.text(), checked.id, subject,
                                    response->refusal().reason())) {
    return done(Overloaded("checks", kRetryAfter));
  }
  done(std::move(response));
}

void ConsentBook::CheckByOfficial(const Caller& caller, const v1::CaseContext& case_context,
                                  const Checked& checked, Done<v1::CheckConsentResponse> done) {
  Change change;
  // Whom the entry is about; also for another agency's consent, so that the person sees who asked.
  std::optional<SubjectId> subject = checked.subject;
  if (!subject.has_value() && checked.consent.has_value()) {
    absl::StatusOr<std::optional<SubjectId>> found =
        SubjectOfConsent(*context_->store, *checked.consent);
    if (!found.ok()) return done(std::move(found).status());
    subject = *std::move(found);
  }
  if (subject.has_value()) change.locks.push_back(subject->bytes());

  const auto response = std::make_shared<v1::CheckConsentResponse>();
  change.judge = [context = context_, caller, case_context, checked, subject, response](
                     const Reader& rows, const JudgeContext& now) -> absl::StatusOr<Verdict> {
    std::optional<storage::v1::CheckRow> row;
    if (checked.consent.has_value()) {
      ABSL_ASSIGN_OR_RETURN(row, ReadCheckRow(rows, *checked.consent));
    }
    const bool own = row.has_value() && row->requester() == caller.agency;
    const std::string affair = own ? row->affair() : checked.affair;
    const std::shared_ptr<const Catalogue> catalogue = context->policy->catalogue();
    ABSL_ASSIGN_OR_RETURN(*response, AnswerCheck(
                                         caller.agency, checked.id, row, *catalogue,
                                         [&](const std::string& kind) {
                                           return RefuseUse(rows, *catalogue, caller.agency, affair,
                                                            kind, v1::ACCESS_MODE_UNSPECIFIED);
                                         },
                                         now.now));
    Verdict verdict;
    EntryDraft& draft = verdict.entries.emplace_back();
    draft.outer.set_kind(v1::ENTRY_KIND_CONSENT_CHECKED);
    draft.outer.set_consent_id(checked.id);
    draft.outer.set_requester(caller.agency);
    if (catalogue->FindAffair(affair) != nullptr) draft.outer.set_affair(affair);
    draft.outer.set_caller(caller.text());
    draft.outer.set_refusal_reason(response->refusal().reason());
    if (!case_context.case_number().empty()) {
      draft.case_hash = context->directory->CaseHash(caller.agency, case_context.case_number());
    }
    if (!subject.has_value()) return verdict;
    ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> data_key,
                          context->directory->DataKey(rows, *subject));
    if (!data_key.has_value()) return verdict;  // Erased meanwhile.
    draft.subject = subject;
    draft.data_key = *data_key;
    storage::v1::Details details;
    *details.mutable_case_() = case_context;
    draft.details = details.SerializeAsString();
    return verdict;
  };
  context_->journal->Commit(
      std::move(change), [response, done = std::move(done)](absl::StatusOr<Committed> committed) {
        if (!committed.ok()) return done(std::move(committed).status());
        done(std::move(*response));
      });
}

}  // namespace naru
