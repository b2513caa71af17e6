#include "consent/release_judge.h"

#include <memory>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "consent/catalog/policy.h"
#include "consent/consent_machine.h"
#include "consent/release_rules.h"
#include "consent/text/messages.h"
#include "naru/v1/message_service.pb.h"

namespace naru {
namespace {

// The paper of a fetch that has not ended, and that has no outcome.
absl::StatusOr<storage::v1::FetchedPaperRow*> OpenPaper(FetchRecord& record, size_t paper) {
  if (paper >= static_cast<size_t>(record.fetch.papers_size())) {
    return InternalFault("a fetch has no such paper");
  }
  storage::v1::FetchedPaperRow* const row = record.fetch.mutable_papers(static_cast<int>(paper));
  if (row->outcome() != v1::OUTCOME_UNSPECIFIED || record.fetch.ended_index_plus_one() != 0) {
    return InternalFault("a paper of a fetch has ended already");
  }
  return row;
}

// A fetch that failed later does not undo that an earlier one brought the paper.
bool Came(const storage::v1::PaperRow& paper) {
  return paper.last_outcome() == v1::OUTCOME_SENT || paper.last_outcome() == v1::OUTCOME_NO_RECORD;
}

// Adds the entry of an outcome and says so in the rows.
void EnterOutcome(const FetchStep& step, const PaperEnd& end, const JudgeContext& now,
                  FetchRecord& record, storage::v1::FetchedPaperRow& row, Verdict* verdict) {
  EntryDraft& draft = verdict->entries.emplace_back(
      DraftPaperEntry(record, row, step.actor, v1::ENTRY_KIND_DOCUMENT_OUTCOME,
                      EffectiveState(record.consent.row, now.now)));
  draft.outer.set_outcome(end.outcome);
  draft.outer.set_refusal_reason(end.reason);
  draft.outer.set_ground(end.ground);
  draft.outer.set_header_sha256(end.header_sha256);
  row.set_outcome(end.outcome);
  row.set_reason(end.reason);
  row.set_outcome_index_plus_one(now.next_index + verdict->entries.size());
  if (!end.header_sha256.empty()) row.set_header_sha256(end.header_sha256);
  storage::v1::PaperRow* const paper = FindPaper(record.consent.row, row.paper_id());
  if (paper != nullptr && !Came(*paper)) paper->set_last_outcome(end.outcome);
}

uint64_t LastIndex(const Verdict& verdict, const JudgeContext& now) {
  return now.next_index + verdict.entries.size() - 1;
}

// The fetch takes its use of the consent.
absl::Status TakeUse(FetchRecord& record) {
  storage::v1::ConsentRow& consent = record.consent.row;
  const uint32_t left = consent.uses_left() - 1;
  const std::optional<v1::ConsentState> state =
      Next(consent.state(), left == 0 ? ConsentEvent::kUseLast : ConsentEvent::kUse);
  if (!state.has_value()) return InternalFault("a consent that is not granted takes no use");
  consent.set_uses_left(left);
  consent.set_state(*state);
  consent.set_last_fetch_id(record.fetch.fetch_id());
  record.fetch.set_use_taken(true);
  for (const storage::v1::FetchedPaperRow& fetched : record.fetch.papers()) {
    storage::v1::PaperRow* const paper = FindPaper(consent, fetched.paper_id());
    if (paper != nullptr && fetched.outcome() != v1::OUTCOME_NOT_PERMITTED) {
      paper->set_last_outcome(v1::OUTCOME_UNSPECIFIED);
      paper->set_arrived(false);
    }
  }
  return absl::OkStatus();
}

// The paper with its subject and parameters, beside the case.
absl::Status AddPaperToDetails(const FetchRecord& record, uint32_t paper_id, EntryDraft* draft) {
  const v1::Paper* const paper = FindPaper(record.consent.details, paper_id);
  if (paper == nullptr) return DataDamaged("a consent lacks a paper in its personal part");
  storage::v1::Details details;
  details.ParseFromString(draft->details);
  *details.add_papers() = *paper;
  draft->details = details.SerializeAsString();
  return absl::OkStatus();
}

// What the citizen is told once, at the end: how many papers were seen. Nothing without a contact.
void AddNotice(const RulesContext& context, const FetchRecord& record, uint32_t sent,
               absl::Time now, EntryDraft* draft) {
  const std::string& contact_ref = record.consent.details.contact_ref();
  if (contact_ref.empty()) return;
  const std::shared_ptr<const Catalogue> catalogue = context.policy->catalogue();
  const config::v1::Agency* const agency = catalogue->FindAgency(record.fetch.requester());
  storage::v1::OutboxMessage& message = draft->message.emplace();
  message.set_kind(v1::MESSAGE_KIND_NOTICE);
  message.set_contact_ref(contact_ref);
  message.set_text(PapersSeenMessage(agency == nullptr ? "" : agency->sms_name(),
                                     static_cast<int>(sent), now, record.consent.row.language(),
                                     context.help_line));
  draft->message_expire = now + limits::kNoticeLife;
}

// The paper of a fetch, open and not released.
absl::StatusOr<storage::v1::FetchedPaperRow*> UnreleasedPaper(FetchRecord& record, size_t paper) {
  ABSL_ASSIGN_OR_RETURN(storage::v1::FetchedPaperRow* const row, OpenPaper(record, paper));
  if (row->release_index_plus_one() != 0) return InternalFault("a release is committed twice");
  return row;
}

// Adds the entry of a release and says so in the rows.
absl::Status EnterRelease(const Catalogue& catalogue, const FetchStep& step,
                          const AnswerDigests& answer, const JudgeContext& now, FetchRecord& record,
                          storage::v1::FetchedPaperRow& row, Verdict* verdict) {
  const v1::EntryKind kind =
      answer.no_record ? v1::ENTRY_KIND_NO_RECORD_RELEASED : v1::ENTRY_KIND_DOCUMENT_RELEASED;
  EntryDraft& draft = verdict->entries.emplace_back(
      DraftPaperEntry(record, row, step.actor, kind, EffectiveState(record.consent.row, now.now)));
  ABSL_RETURN_IF_ERROR(AddPaperToDetails(record, row.paper_id(), &draft));
  draft.outer.set_header_sha256(answer.header_sha256);
  draft.outer.set_document_sha256(answer.document_sha256);
  draft.outer.set_evidence(record.consent.row.evidence());
  const config::v1::Affair* const affair = catalogue.FindAffair(record.consent.row.affair());
  if (affair != nullptr) draft.outer.set_ground(affair->legal_basis());
  const config::v1::UseApproval* const approval =
      catalogue.FindApproval(record.consent.row.requester(), record.consent.row.affair(),
                             draft.outer.document_kind(), record.fetch.mode());
  if (approval != nullptr) draft.outer.set_reference(approval->id());

  const uint64_t index_plus_one = LastIndex(*verdict, now) + 1;
  row.set_release_index_plus_one(index_plus_one);
  row.set_release_time_us(absl::ToUnixMicros(now.now));
  row.set_header_sha256(answer.header_sha256);
  if (answer.no_record) {
    draft.outer.set_outcome(v1::OUTCOME_NO_RECORD);
    row.set_outcome(v1::OUTCOME_NO_RECORD);
    row.set_outcome_index_plus_one(index_plus_one);
    FindPaper(record.consent.row, row.paper_id())->set_last_outcome(v1::OUTCOME_NO_RECORD);
  }
  return absl::OkStatus();
}

void EnterNotPermitted(const FetchStep& step, const v1::Refusal& why, const AnswerDigests& answer,
                       const JudgeContext& now, FetchRecord& record,
                       storage::v1::FetchedPaperRow& row, Verdict* verdict) {
  PaperEnd end;
  end.outcome = v1::OUTCOME_NOT_PERMITTED;
  end.reason = why.reason();
  end.header_sha256 = answer.header_sha256;
  EnterOutcome(step, end, now, record, row, verdict);
}

}  // namespace

absl::StatusOr<JudgedRelease> JudgeRelease(const RulesContext& context, const FetchStep& step,
                                           const AnswerDigests& answer, const Reader& rows,
                                           const JudgeContext& now) {
  ABSL_ASSIGN_OR_RETURN(FetchRecord record, ReadFetchRecord(rows, *context.directory, step.fetch));
  ABSL_ASSIGN_OR_RETURN(storage::v1::FetchedPaperRow* const row,
                        UnreleasedPaper(record, step.paper));

  JudgedRelease judged;
  Verdict& verdict = judged.verdict;
  const std::shared_ptr<const Catalogue> catalogue = context.policy->catalogue();
  ABSL_ASSIGN_OR_RETURN(judged.refused, RefuseRelease(rows, *catalogue, record, row->paper_id(),
                                                      now.now, &judged.took_use));
  if (judged.refused.has_value()) {
    EnterNotPermitted(step, *judged.refused, answer, now, record, *row, &verdict);
  } else {
    if (judged.took_use) ABSL_RETURN_IF_ERROR(TakeUse(record));
    ABSL_RETURN_IF_ERROR(EnterRelease(*catalogue, step, answer, now, record, *row, &verdict));
  }
  const uint64_t last = LastIndex(verdict, now);
  PutFetchRecord(std::move(record), last, &verdict);
  return judged;
}

absl::StatusOr<JudgedBundle> JudgeBundle(const RulesContext& context, const FetchId& fetch,
                                         const FetchActor& actor,
                                         const std::vector<AnswerDigests>& answers,
                                         const Reader& rows, const JudgeContext& now) {
  ABSL_ASSIGN_OR_RETURN(FetchRecord record, ReadFetchRecord(rows, *context.directory, fetch));
  const size_t papers = static_cast<size_t>(record.fetch.papers_size());
  if (!record.fetch.all_or_nothing() || answers.size() != papers) {
    return InternalFault("a bundle is not all of its fetch");
  }
  JudgedBundle judged;
  const std::shared_ptr<const Catalogue> catalogue = context.policy->catalogue();
  std::vector<storage::v1::FetchedPaperRow*> fetched;
  std::vector<std::optional<v1::Refusal>> refused;
  std::optional<uint32_t> broken_by;
  for (size_t i = 0; i < papers; ++i) {
    ABSL_ASSIGN_OR_RETURN(storage::v1::FetchedPaperRow* const row, UnreleasedPaper(record, i));
    fetched.push_back(row);
    ABSL_ASSIGN_OR_RETURN(
        std::optional<v1::Refusal> why,
        RefuseRelease(rows, *catalogue, record, row->paper_id(), now.now, &judged.took_use));
    if (why.has_value() && !broken_by.has_value()) broken_by = row->paper_id();
    refused.push_back(std::move(why));
  }
  judged.took_use = judged.took_use && !broken_by.has_value();
  if (judged.took_use) ABSL_RETURN_IF_ERROR(TakeUse(record));
  for (size_t i = 0; i < papers; ++i) {
    const FetchStep step = {fetch, i, actor};
    if (!broken_by.has_value()) {
      ABSL_RETURN_IF_ERROR(
          EnterRelease(*catalogue, step, answers[i], now, record, *fetched[i], &judged.verdict));
      continue;
    }
    judged.refused.push_back(refused[i].has_value() ? *std::move(refused[i])
                                                    : BundleIncomplete(*broken_by));
    EnterNotPermitted(step, judged.refused.back(), answers[i], now, record, *fetched[i],
                      &judged.verdict);
  }
  const uint64_t last = LastIndex(judged.verdict, now);
  PutFetchRecord(std::move(record), last, &judged.verdict);
  return judged;
}

absl::StatusOr<Verdict> JudgeOutcome(const RulesContext& context, const FetchStep& step,
                                     const PaperEnd& end, const Reader& rows,
                                     const JudgeContext& now) {
  ABSL_ASSIGN_OR_RETURN(FetchRecord record, ReadFetchRecord(rows, *context.directory, step.fetch));
  ABSL_ASSIGN_OR_RETURN(storage::v1::FetchedPaperRow* const row, OpenPaper(record, step.paper));
  const bool released = row->release_index_plus_one() != 0;
  switch (end.outcome) {
    case v1::OUTCOME_SENT:
      if (!released) return InternalFault("a paper was sent without a release");
      break;
    case v1::OUTCOME_DECLINED:
    case v1::OUTCOME_DEFERRED:
      if (released) return InternalFault("a paper was declined after its release");
      break;
    case v1::OUTCOME_NOT_PERMITTED:
    case v1::OUTCOME_FAILED:
      break;
    default:
      return InternalFault("an outcome that cannot be entered so");
  }
  Verdict verdict;
  if (end.quarantined) {
    EntryDraft& draft = verdict.entries.emplace_back(
        DraftPaperEntry(record, *row, step.actor, v1::ENTRY_KIND_QUARANTINED,
                        EffectiveState(record.consent.row, now.now)));
    draft.outer.set_refusal_reason(end.reason);
    draft.outer.set_header_sha256(end.header_sha256);
  }
  EnterOutcome(step, end, now, record, *row, &verdict);
  const uint64_t last = LastIndex(verdict, now);
  PutFetchRecord(std::move(record), last, &verdict);
  return verdict;
}

absl::StatusOr<JudgedEnd> JudgeEnd(const RulesContext& context, const FetchId& fetch,
                                   const FetchActor& actor, const Reader& rows,
                                   const JudgeContext& now) {
  ABSL_ASSIGN_OR_RETURN(FetchRecord record, ReadFetchRecord(rows, *context.directory, fetch));
  JudgedEnd judged;
  if (record.fetch.ended_index_plus_one() != 0) {
    judged.ended_before = true;
    judged.summary = CountOutcomes(record.fetch);
    return judged;
  }
  Verdict& verdict = judged.verdict;
  PaperEnd interrupted;
  interrupted.outcome = v1::OUTCOME_FAILED;
  interrupted.reason = v1::REFUSAL_REASON_INTERRUPTED;
  for (storage::v1::FetchedPaperRow& row : *record.fetch.mutable_papers()) {
    if (row.outcome() != v1::OUTCOME_UNSPECIFIED) continue;
    EnterOutcome({fetch, 0, actor}, interrupted, now, record, row, &verdict);
  }
  judged.summary = CountOutcomes(record.fetch);
  judged.summary.set_uses_left(record.consent.row.uses_left());
  EntryDraft& draft = verdict.entries.emplace_back(DraftFetchEntry(
      record, actor, v1::ENTRY_KIND_FETCH_ENDED, EffectiveState(record.consent.row, now.now)));
  if (judged.summary.sent() > 0) {
    AddNotice(context, record, judged.summary.sent(), now.now, &draft);
  }
  const uint64_t last = LastIndex(verdict, now);
  record.fetch.set_ended_index_plus_one(last + 1);
  PutFetchRecord(std::move(record), last, &verdict);
  return judged;
}

v1::FetchSummary CountOutcomes(const storage::v1::FetchRow& fetch) {
  v1::FetchSummary summary;
  for (const storage::v1::FetchedPaperRow& paper : fetch.papers()) {
    switch (paper.outcome()) {
      case v1::OUTCOME_SENT:
        summary.set_sent(summary.sent() + 1);
        break;
      case v1::OUTCOME_NO_RECORD:
        summary.set_no_record(summary.no_record() + 1);
        break;
      case v1::OUTCOME_DECLINED:
        summary.set_declined(summary.declined() + 1);
        break;
      case v1::OUTCOME_NOT_PERMITTED:
        summary.set_not_permitted(summary.not_permitted() + 1);
        break;
      case v1::OUTCOME_DEFERRED:
        summary.set_deferred(summary.deferred() + 1);
        break;
      default:
        summary.set_failed(summary.failed() + 1);
    }
  }
  return summary;
}

}  // namespace naru
