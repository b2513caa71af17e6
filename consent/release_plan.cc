#include "consent/release_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "consent/catalog/policy.h"
#include "consent/consent_machine.h"
#include "consent/fetch_record.h"
#include "consent/ledger/ledger.h"
#include "consent/release_rules.h"

namespace naru {
namespace {

v1::AccessMode ModeOf(const v1::FetchDocumentsRequest& request) {
  return request.mode() == v1::ACCESS_MODE_UNSPECIFIED ? v1::ACCESS_MODE_VIEW : request.mode();
}

absl::Status CheckForm(const RulesContext& context, const v1::FetchDocumentsRequest& request) {
  if (request.nonce().size() != limits::kNonceBytes) {
    return FieldMalformed("nonce", "32 bytes");
  }
  if (request.paper_ids_size() > limits::kPapersPerConsent) {
    return FieldTooLarge("paper_ids", limits::kPapersPerConsent);
  }
  const std::set<uint32_t> different(request.paper_ids().begin(), request.paper_ids().end());
  if (different.size() != static_cast<size_t>(request.paper_ids_size())) {
    return FieldsContradict("paper_ids", "a paper is named twice");
  }
  if (request.known_tree_size() > context.ledger->head().size) {
    return FieldMalformed("known_tree_size", "at most the size of the ledger");
  }
  return absl::OkStatus();
}

// Judges one fetch; the rows it reads become those it writes.
class FetchJudge {
 public:
  FetchJudge(const RulesContext& context, const FetchQuestion& question, const Reader& rows,
             const JudgeContext& now)
      : context_(context),
        question_(question),
        rows_(rows),
        now_(now),
        catalogue_(context.policy->catalogue()) {}

  absl::StatusOr<JudgedFetch> Judge() {
    ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::RequestRow> repeat,
                          CheckRequest(rows_, question_.identity, now_.now));
    if (repeat.has_value()) return Repeat(*repeat);
    ABSL_ASSIGN_OR_RETURN(std::optional<v1::Refusal> refused, RefuseWhole());
    if (refused.has_value()) return Refuse(*std::move(refused));
    return Admit();
  }

 private:
  absl::StatusOr<JudgedFetch> Repeat(const storage::v1::RequestRow& row) const {
    absl::StatusOr<FetchId> fetch = FetchId::FromBytes(row.object_id());
    if (!fetch.ok()) return DataDamaged("the row of a request names no fetch");
    JudgedFetch judged;
    judged.repeat_of = *std::move(fetch);
    return judged;
  }

  // Why nothing of it can be had. Reads the consent and chooses the papers.
  absl::StatusOr<std::optional<v1::Refusal>> RefuseWhole() {
    ABSL_ASSIGN_OR_RETURN(std::optional<StoredConsent> consent,
                          ReadConsent(*context_.directory, rows_, question_.consent));
    if (!consent.has_value() || !question_.subject.has_value()) return NoConsent();
    known_ = true;
    record_.consent = *std::move(consent);
    if (record_.consent.row.requester() != question_.caller.agency) return NoConsent();
    own_ = true;

    ABSL_ASSIGN_OR_RETURN(const std::optional<SubjectId> person,
                          context_.directory->FindSubject(rows_, question_.lookup));
    if (person != record_.consent.subject) {
      return std::optional<v1::Refusal>(MakeRefusal(v1::REFUSAL_REASON_PERSON_MISMATCH));
    }
    case_lookup_ =
        question_.case_hash.empty() ? record_.consent.row.case_lookup() : question_.case_hash;
    std::optional<v1::Refusal> refused = RefuseConsent(record_.consent.row, now_.now);
    if (refused.has_value()) {
      if (refused->reason() != v1::REFUSAL_REASON_CONSENT_EXHAUSTED) return refused;
      ABSL_ASSIGN_OR_RETURN(grace_, InGrace());
      if (!grace_) return refused;
    }
    ChoosePapers();
    const bool open = std::any_of(papers_.begin(), papers_.end(), [this](uint32_t paper_id) {
      const storage::v1::PaperRow* const paper = FindPaper(record_.consent.row, paper_id);
      return !grace_ || (paper != nullptr && !HasArrived(*paper));
    });
    if (!open) {
      return std::optional<v1::Refusal>(MakeRefusal(grace_ ? v1::REFUSAL_REASON_CONSENT_EXHAUSTED
                                                           : v1::REFUSAL_REASON_CONSENT_DENIED));
    }
    return std::optional<v1::Refusal>();
  }

  static std::optional<v1::Refusal> NoConsent() {
    return MakeRefusal(v1::REFUSAL_REASON_NO_CONSENT);
  }

  absl::StatusOr<bool> InGrace() const {
    const absl::StatusOr<FetchId> last_id = FetchId::FromBytes(record_.consent.row.last_fetch_id());
    if (!last_id.ok()) return DataDamaged("an exhausted consent names no last fetch");
    ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::FetchRow> last,
                          ReadFetchRow(rows_, *last_id));
    if (!last.has_value()) return DataDamaged("the last fetch of a consent is missing");
    return WithinGrace(*last, case_lookup_, now_.now);
  }

  // All that are named; or all that were agreed to and, after the last use, have not arrived yet.
  void ChoosePapers() {
    if (question_.request.paper_ids_size() > 0) {
      papers_.assign(question_.request.paper_ids().begin(), question_.request.paper_ids().end());
      return;
    }
    for (const storage::v1::PaperRow& paper : record_.consent.row.papers()) {
      if (paper.decision() == v1::DECISION_AGREED && !(grace_ && HasArrived(paper))) {
        papers_.push_back(paper.paper_id());
      }
    }
  }

  FetchActor Actor() const {
    return {question_.caller.text(), question_.request.case_(), question_.case_hash};
  }

  JudgedFetch Refuse(v1::Refusal refusal) const {
    JudgedFetch judged;
    EntryDraft draft;
    if (known_) {
      // Also when the consent is another agency's: its person sees who tried.
      draft =
          DraftFetchEntry(record_, Actor(), v1::ENTRY_KIND_REFUSED, v1::CONSENT_STATE_UNSPECIFIED);
    }
    // Of another's consent the entry says no more than of none.
    v1::OuterEntry outer;
    outer.set_kind(v1::ENTRY_KIND_REFUSED);
    outer.set_consent_id(question_.consent.text());
    outer.set_requester(question_.caller.agency);
    outer.set_caller(question_.caller.text());
    outer.set_mode(ModeOf(question_.request));
    outer.set_refusal_reason(refusal.reason());
    outer.set_request_sha256(question_.identity.EntryDigest());
    if (own_) {
      outer.set_affair(record_.consent.row.affair());
      outer.set_state(EffectiveState(record_.consent.row, now_.now));
      outer.set_uses_left(record_.consent.row.uses_left());
    }
    draft.outer = std::move(outer);
    draft.case_hash = question_.case_hash;
    judged.verdict.entries.push_back(std::move(draft));
    judged.refused = std::move(refusal);
    return judged;
  }

  absl::StatusOr<JudgedFetch> Admit() {
    storage::v1::FetchRow& fetch = record_.fetch;
    fetch.set_fetch_id(question_.fetch.bytes());
    fetch.set_consent_id(question_.consent.bytes());
    fetch.set_time_us(absl::ToUnixMicros(now_.now));
    fetch.set_nonce(question_.request.nonce());
    fetch.set_mode(ModeOf(question_.request));
    fetch.set_requester(question_.caller.agency);
    fetch.set_case_lookup(case_lookup_);
    fetch.set_within_grace(grace_);
    fetch.set_all_or_nothing(question_.request.all_or_nothing());
    fetch.set_caller(question_.caller.text());

    JudgedFetch judged;
    AdmittedFetch& admitted = judged.admitted.emplace();
    Describe(&admitted);
    for (size_t i = 0; i < papers_.size(); ++i) {
      storage::v1::FetchedPaperRow& row = *fetch.add_papers();
      row.set_paper_id(papers_[i]);
      row.set_release_id(question_.releases[i].bytes());
      ABSL_ASSIGN_OR_RETURN(PlannedPaper planned, Plan(papers_[i]));
      planned.release = question_.releases[i];
      row.set_holder(planned.holder);
      admitted.papers.push_back(std::move(planned));
    }
    if (admitted.all_or_nothing) RefuseBundle(&admitted);
    ABSL_RETURN_IF_ERROR(
        ForgetOldRequests(rows_, question_.identity, now_.now, &judged.verdict.writes));
    Enter(&judged);
    return judged;
  }

  // When one cannot be had, no holder is asked for the others.
  static void RefuseBundle(AdmittedFetch* admitted) {
    const auto broken =
        std::find_if(admitted->papers.begin(), admitted->papers.end(),
                     [](const PlannedPaper& paper) { return paper.refused.has_value(); });
    if (broken == admitted->papers.end()) return;
    for (PlannedPaper& paper : admitted->papers) {
      if (!paper.refused.has_value()) paper.refused = BundleIncomplete(broken->paper.paper_id());
    }
  }

  void Describe(AdmittedFetch* admitted) const {
    admitted->fetch = question_.fetch;
    admitted->consent = question_.consent;
    admitted->requester = question_.caller.agency;
    admitted->caller = question_.caller.text();
    admitted->affair = record_.consent.row.affair();
    admitted->legal_basis = LegalBasis();
    admitted->mode = record_.fetch.mode();
    admitted->all_or_nothing = question_.request.all_or_nothing();
    admitted->person = question_.request.person();
    admitted->nonce = question_.request.nonce();
    admitted->known_tree_size = question_.request.known_tree_size();
    admitted->case_context = question_.request.case_();
    admitted->subject = record_.consent.subject;
    admitted->case_hash = question_.case_hash;
  }

  std::string LegalBasis() const {
    const config::v1::Affair* const affair = catalogue_->FindAffair(record_.consent.row.affair());
    return affair == nullptr ? "" : affair->legal_basis();
  }

  // What its holder is asked for the paper, or why it is refused.
  absl::StatusOr<PlannedPaper> Plan(uint32_t paper_id) const {
    PlannedPaper planned;
    planned.paper.set_paper_id(paper_id);
    planned.refused = RefusePaper(record_.consent.row, paper_id);
    const storage::v1::PaperRow* const row = FindPaper(record_.consent.row, paper_id);
    if (row == nullptr) return planned;
    const v1::Paper* const paper = FindPaper(record_.consent.details, paper_id);
    if (paper == nullptr) return DataDamaged("a consent lacks a paper in its personal part");
    planned.paper = *paper;
    const std::string& affair = record_.consent.row.affair();
    if (!planned.refused.has_value() && grace_ && HasArrived(*row)) {
      planned.refused = MakeRefusal(v1::REFUSAL_REASON_CONSENT_EXHAUSTED);
    }
    if (!planned.refused.has_value()) {
      ABSL_ASSIGN_OR_RETURN(planned.refused, RefuseUse(rows_, *catalogue_, question_.caller.agency,
                                                       affair, row->kind(), record_.fetch.mode()));
    }
    const Catalogue::Party* const holder = catalogue_->HolderOf(row->kind());
    if (holder != nullptr) planned.holder = holder->agency->code();
    if (planned.refused.has_value()) return planned;
    if (holder == nullptr) return InternalFault("a kind that an approval covers has no holder");
    planned.approved_fields = catalogue_->ApprovedFields(row->kind(), affair);
    planned.max_size_bytes = catalogue_->MaxSizeBytes(row->kind());
    v1::Subject& subject = *planned.paper.mutable_subject();
    if (subject.number().empty()) {
      subject.set_type(row->subject_type());
      subject.set_number(question_.request.person().number());
    }
    return planned;
  }

  // One entry for the fetch and one for each paper that is refused already.
  void Enter(JudgedFetch* judged) const {
    FetchRecord record = record_;
    const v1::ConsentState state = EffectiveState(record.consent.row, now_.now);
    Verdict& verdict = judged->verdict;
    EntryDraft& draft = verdict.entries.emplace_back(
        DraftFetchEntry(record, Actor(), v1::ENTRY_KIND_FETCH_ADMITTED, state));
    draft.outer.set_ground(judged->admitted->legal_basis);
    draft.outer.set_request_sha256(question_.identity.EntryDigest());
    storage::v1::Details details;
    details.ParseFromString(draft.details);
    for (const uint32_t paper_id : papers_) {
      const v1::Paper* const paper = FindPaper(record_.consent.details, paper_id);
      if (paper != nullptr) *details.add_papers() = *paper;
    }
    draft.details = details.SerializeAsString();

    for (size_t i = 0; i < judged->admitted->papers.size(); ++i) {
      PlannedPaper& planned = judged->admitted->papers[i];
      if (!planned.refused.has_value()) continue;
      planned.refused_index = now_.next_index + verdict.entries.size();
      storage::v1::FetchedPaperRow& row = *record.fetch.mutable_papers(static_cast<int>(i));
      row.set_outcome(v1::OUTCOME_NOT_PERMITTED);
      row.set_reason(planned.refused->reason());
      row.set_outcome_index_plus_one(planned.refused_index + 1);
      EntryDraft& outcome = verdict.entries.emplace_back(
          DraftPaperEntry(record, row, Actor(), v1::ENTRY_KIND_DOCUMENT_OUTCOME, state));
      outcome.outer.set_outcome(v1::OUTCOME_NOT_PERMITTED);
      outcome.outer.set_refusal_reason(planned.refused->reason());
    }
    verdict.writes.push_back(
        RememberRequest(question_.identity, now_.next_index, now_.now, question_.fetch.bytes()));
    PutFetchRecord(std::move(record), now_.next_index + verdict.entries.size() - 1, &verdict);
  }

  const RulesContext& context_;
  const FetchQuestion& question_;
  const Reader& rows_;
  const JudgeContext& now_;
  const std::shared_ptr<const Catalogue> catalogue_;
  bool known_ = false;  // There is such a consent, and its person was not erased.
  bool own_ = false;    // It is the caller's.
  bool grace_ = false;  // Takes no use.
  FetchRecord record_;
  std::string case_lookup_;
  std::vector<uint32_t> papers_;
};

}  // namespace

std::vector<std::string> FetchQuestion::Locks() const {
  std::vector<std::string> locks = {identity.hash, lookup};
  if (subject.has_value()) locks.push_back(subject->bytes());
  return locks;
}

absl::StatusOr<FetchQuestion> AskFetch(const RulesContext& context, const Caller& caller,
                                       const v1::FetchDocumentsRequest& request) {
  ABSL_RETURN_IF_ERROR(CheckForm(context, request));
  FetchQuestion question;
  question.caller = caller;
  question.request = request;
  ABSL_ASSIGN_OR_RETURN(question.identity, IdentifyRequest(caller, request));
  absl::StatusOr<ConsentId> consent = ConsentId::Parse(request.consent_id());
  if (!consent.ok()) return FieldMalformed("consent_id", "32 lower-case hexadecimal characters");
  question.consent = *std::move(consent);
  question.lookup = context.directory->Lookup(request.person());
  if (!request.case_().case_number().empty()) {
    question.case_hash = context.directory->CaseHash(caller.agency, request.case_().case_number());
  }

  // A consent's person never changes, so the lock is known before the judge reads the row again.
  ABSL_ASSIGN_OR_RETURN(std::optional<StoredConsent> consent_row,
                        ReadConsent(*context.directory, *context.store, question.consent));
  if (!consent_row.has_value()) return question;
  question.subject = consent_row->subject;
  question.fetch = FetchId::Generate(question.subject->shard(), *context.random);
  const int papers =
      request.paper_ids_size() > 0 ? request.paper_ids_size() : consent_row->row.papers_size();
  for (int i = 0; i < papers; ++i) {
    question.releases.push_back(ReleaseId::Generate(question.subject->shard(), *context.random));
  }
  return question;
}

absl::StatusOr<JudgedFetch> JudgeFetch(const RulesContext& context, const FetchQuestion& question,
                                       const Reader& rows, const JudgeContext& now) {
  return FetchJudge(context, question, rows, now).Judge();
}

}  // namespace naru
