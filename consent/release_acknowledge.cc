#include "consent/release_acknowledge.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/ids.h"
#include "broker/base/status_macros.h"
#include "consent/consent_machine.h"
#include "consent/fetch_record.h"
#include "consent/journal.h"
#include "consent/judged_commit.h"
#include "consent/person_directory.h"
#include "consent/requests.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {
namespace {

using Done = std::function<void(absl::StatusOr<AcknowledgeBook::Answer>)>;

// An acknowledgement that asks to be entered, with everything that must not depend on the judge.
struct Question {
  Caller caller;
  v1::AcknowledgeDocumentsRequest request;
  RequestIdentity identity;
  FetchId fetch;
  SubjectId subject;
  FetchActor actor;
};

struct Judged {
  Verdict verdict;
  AcknowledgeBook::Answer answer;
};

// Another agency's fetch and none are one answer (P10).
absl::Status CheckOwn(const std::optional<storage::v1::FetchRow>& fetch, const Caller& caller) {
  if (!fetch.has_value() || fetch->requester() != caller.agency) return NotFound("fetch");
  return absl::OkStatus();
}

absl::StatusOr<Question> Ask(const RulesContext& context, const Caller& caller,
                             const v1::AcknowledgeDocumentsRequest& request) {
  Question question;
  question.caller = caller;
  question.request = request;
  ABSL_ASSIGN_OR_RETURN(question.identity, IdentifyRequest(caller, request));
  absl::StatusOr<FetchId> fetch = FetchId::Parse(request.fetch_id());
  if (!fetch.ok()) return FieldMalformed("fetch_id", "32 lower-case hexadecimal characters");
  question.fetch = *std::move(fetch);
  ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::FetchRow> row,
                        ReadFetchRow(*context.store, question.fetch));
  ABSL_RETURN_IF_ERROR(CheckOwn(row, caller));
  // A fetch's consent and a consent's person never change: the lock is known before the judge.
  ABSL_ASSIGN_OR_RETURN(const ConsentId consent, ConsentId::FromBytes(row->consent_id()));
  ABSL_ASSIGN_OR_RETURN(const std::optional<SubjectId> subject,
                        SubjectOfConsent(*context.store, consent));
  if (!subject.has_value()) return NotFound("fetch");
  question.subject = *subject;
  question.actor = {caller.text(), request.case_(), ""};
  if (!request.case_().case_number().empty()) {
    question.actor.case_hash =
        context.directory->CaseHash(caller.agency, request.case_().case_number());
  }
  return question;
}

storage::v1::FetchedPaperRow* FindFetched(storage::v1::FetchRow& fetch, uint32_t paper_id) {
  for (storage::v1::FetchedPaperRow& paper : *fetch.mutable_papers()) {
    if (paper.paper_id() == paper_id) return &paper;
  }
  return nullptr;
}

// Whether what is said of the paper can be.
bool MayBe(const storage::v1::FetchedPaperRow* paper, v1::Arrival arrival) {
  if (paper == nullptr || paper->release_index_plus_one() == 0) return false;
  if (paper->arrival() != v1::ARRIVAL_UNSPECIFIED) return paper->arrival() == arrival;
  return arrival == v1::ARRIVAL_MISMATCH || paper->outcome() == v1::OUTCOME_SENT ||
         paper->outcome() == v1::OUTCOME_NO_RECORD;
}

// The paper is the one that the consent's last use was for: not an earlier fetch's, which says
// nothing of what a later one was to bring.
bool OfLastUse(const FetchRecord& record) {
  return record.fetch.within_grace() ||
         record.fetch.fetch_id() == record.consent.row.last_fetch_id();
}

class AcknowledgeJudge {
 public:
  AcknowledgeJudge(const RulesContext& context, const Question& question, const Reader& rows,
                   const JudgeContext& now)
      : context_(context), question_(question), rows_(rows), now_(now) {}

  absl::StatusOr<Judged> Run() {
    ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::RequestRow> repeat,
                          CheckRequest(rows_, question_.identity, now_.now));
    if (repeat.has_value()) return Repeat(*repeat);
    ABSL_ASSIGN_OR_RETURN(record_, ReadFetchRecord(rows_, *context_.directory, question_.fetch));
    state_ = EffectiveState(record_.consent.row, now_.now);
    for (const v1::DocumentArrival& arrival : question_.request.arrivals()) {
      if (!MayBe(FindFetched(record_.fetch, arrival.paper_id()), arrival.arrival())) {
        return Refuse(arrival.paper_id());
      }
    }
    return Enter();
  }

 private:
  // The entries of one change lie one behind the other.
  void Answer(uint64_t first_index, Judged* judged) const {
    v1::AcknowledgedDocuments& entered = *judged->answer.response.mutable_acknowledged();
    for (int i = 0; i < question_.request.arrivals_size(); ++i) {
      entered.add_ledger_indexes(first_index + i);
    }
  }

  Judged Repeat(const storage::v1::RequestRow& row) const {
    Judged judged;
    Answer(row.ledger_index(), &judged);
    return judged;
  }

  Judged Refuse(uint32_t paper_id) {
    Judged judged;
    const storage::v1::FetchedPaperRow* const paper = FindFetched(record_.fetch, paper_id);
    EntryDraft& draft = judged.verdict.entries.emplace_back(
        paper == nullptr
            ? DraftFetchEntry(record_, question_.actor, v1::ENTRY_KIND_REFUSED, state_)
            : DraftPaperEntry(record_, *paper, question_.actor, v1::ENTRY_KIND_REFUSED, state_));
    draft.outer.set_refusal_reason(v1::REFUSAL_REASON_STATE_CONFLICT);
    draft.outer.set_request_sha256(question_.identity.EntryDigest());
    *judged.answer.response.mutable_refusal() =
        MakeRefusal(v1::REFUSAL_REASON_STATE_CONFLICT, {{"paper_id", absl::StrCat(paper_id)}});
    return judged;
  }

  absl::StatusOr<Judged> Enter() {
    Judged judged;
    Verdict& verdict = judged.verdict;
    for (const v1::DocumentArrival& arrival : question_.request.arrivals()) {
      EnterOne(arrival, &judged);
    }
    Answer(now_.next_index, &judged);
    verdict.writes.push_back(
        RememberRequest(question_.identity, now_.next_index, now_.now, question_.fetch.bytes()));
    ABSL_RETURN_IF_ERROR(ForgetOldRequests(rows_, question_.identity, now_.now, &verdict.writes));
    const uint64_t last = now_.next_index + verdict.entries.size() - 1;
    PutFetchRecord(std::move(record_), last, &verdict);
    return judged;
  }

  void EnterOne(const v1::DocumentArrival& arrival, Judged* judged) {
    storage::v1::FetchedPaperRow& paper = *FindFetched(record_.fetch, arrival.paper_id());
    const bool arrived = arrival.arrival() == v1::ARRIVAL_ARRIVED;
    EntryDraft& draft = judged->verdict.entries.emplace_back(DraftPaperEntry(
        record_, paper, question_.actor,
        arrived ? v1::ENTRY_KIND_DOCUMENT_ARRIVED : v1::ENTRY_KIND_DOCUMENT_MISMATCHED, state_));
    draft.outer.set_refusal_reason(arrival.reason());
    draft.outer.set_header_sha256(paper.header_sha256());
    draft.outer.set_request_sha256(question_.identity.EntryDigest());
    paper.set_arrival(arrival.arrival());
    storage::v1::PaperRow* const agreed = FindPaper(record_.consent.row, paper.paper_id());
    if (arrived && agreed != nullptr && OfLastUse(record_)) agreed->set_arrived(true);
    if (!arrived) {
      judged->answer.mismatches.push_back(
          {draft.outer.release_id(), paper.holder(), arrival.reason()});
    }
  }

  const RulesContext& context_;
  const Question& question_;
  const Reader& rows_;
  const JudgeContext& now_;
  FetchRecord record_;
  v1::ConsentState state_ = v1::CONSENT_STATE_UNSPECIFIED;
};

}  // namespace

void AcknowledgeBook::Acknowledge(const Caller& caller,
                                  const v1::AcknowledgeDocumentsRequest& request, Done done) {
  absl::StatusOr<Question> asked = Ask(*context_, caller, request);
  if (!asked.ok()) {
    FailOnExecutor(context_->journal, std::move(asked).status(), std::move(done));
    return;
  }
  const auto question = std::make_shared<const Question>(*std::move(asked));
  CommitJudged<Judged>(
      context_->journal, {question->identity.hash, question->subject.bytes()},
      [context = context_, question](const Reader& rows, const JudgeContext& now) {
        return AcknowledgeJudge(*context, *question, rows, now).Run();
      },
      [done = std::move(done)](absl::StatusOr<Stood<Judged>> stood) {
        if (stood.ok()) {
          done(std::move(stood->judged.answer));
        } else {
          done(std::move(stood).status());
        }
      });
}

}  // namespace naru
