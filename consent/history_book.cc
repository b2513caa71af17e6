#include "consent/history_book.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "broker/base/errors.h"
#include "broker/base/ids.h"
#include "broker/base/status_macros.h"
#include "broker/proof/assertion.h"
#include "consent/history_page.h"
#include "consent/judged_commit.h"
#include "consent/official_look.h"
#include "consent/person_directory.h"
#include "consent/requests.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {
namespace {

// A look or look-up about somebody whom nobody knew when the call came, but who is known now, must
// take that person's lock: the call is judged again. Once is enough unless the person is erased
// meanwhile.
constexpr int kAttempts = 3;

v1::OuterEntry Outer(v1::EntryKind kind, const Caller& caller) {
  v1::OuterEntry outer;
  outer.set_kind(kind);
  outer.set_caller(caller.text());
  return outer;
}

std::string SerializeDetails(const v1::CaseContext& case_context, const std::string& asker) {
  storage::v1::Details details;
  if (case_context.ByteSizeLong() > 0) *details.mutable_case_() = case_context;
  details.set_asker(asker);
  return details.SerializeAsString();
}

struct JudgedLook {
  Verdict verdict;
};

using PersonDone = std::function<void(absl::StatusOr<v1::ListPersonHistoryResponse>)>;
using CaseDone = std::function<void(absl::StatusOr<v1::ListCaseHistoryResponse>)>;
using LookUpDone = std::function<void(absl::StatusOr<v1::RecordLookUpResponse>)>;

// The person's page, read after the look was entered: that entry is its first.
absl::StatusOr<v1::HistoryPage> ReadPersonPage(const RulesContext& context,
                                               const SubjectId& subject, PageQuestion question,
                                               const CommittedEntry& look) {
  v1::HistoryPage page;
  page.set_total(look.person_number);
  if (!question.before.has_value()) question.before = look.index + 1;
  ABSL_ASSIGN_OR_RETURN(std::vector<uint64_t> indexes,
                        ListPersonIndexes(context, subject, question));
  CutToPage(question, indexes, &page);
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> data_key,
                        context.directory->DataKey(*context.store, subject));
  if (!data_key.has_value()) return v1::HistoryPage();  // Erased meanwhile.
  for (const uint64_t index : indexes) {
    ABSL_ASSIGN_OR_RETURN(*page.add_entries(), EntryForPerson(context, subject, *data_key, index));
  }
  return page;
}

void RefusePerson(const RulesContext& context, const Caller& caller, const PersonDone& done) {
  CommitJudged<JudgedLook>(
      context.journal, {},
      [caller](const Reader&, const JudgeContext&) -> absl::StatusOr<JudgedLook> {
        JudgedLook judged;
        EntryDraft& draft = judged.verdict.entries.emplace_back();
        draft.outer = Outer(v1::ENTRY_KIND_REFUSED, caller);
        draft.outer.set_refusal_reason(v1::REFUSAL_REASON_ASSERTION_INVALID);
        return judged;
      },
      [done](absl::StatusOr<Stood<JudgedLook>> stood) {
        if (!stood.ok()) {
          done(std::move(stood).status());
          return;
        }
        v1::ListPersonHistoryResponse response;
        *response.mutable_refusal() = MakeRefusal(v1::REFUSAL_REASON_ASSERTION_INVALID);
        done(std::move(response));
      });
}

// A case's page before the look is entered, and whom it is about.
struct CasePage {
  v1::HistoryPage page;
  std::vector<SubjectId> subjects;
};
absl::StatusOr<CasePage> ReadCasePage(const RulesContext& context, const std::string& agency,
                                      const std::string& case_hash, const PageQuestion& question) {
  CasePage read;
  ABSL_ASSIGN_OR_RETURN(std::vector<uint64_t> indexes,
                        ListCaseIndexes(context, case_hash, question));
  CutToPage(question, indexes, &read.page);
  AgencyEntries entries(&context, agency);
  for (const uint64_t index : indexes) {
    ABSL_ASSIGN_OR_RETURN(std::optional<v1::HistoryEntry> entry, entries.Read(index));
    if (entry.has_value()) *read.page.add_entries() = *std::move(entry);
  }
  read.subjects = entries.subjects();
  return read;
}

// A look-up that the resolver asks to be entered.
struct LookUpQuestion {
  Caller caller;
  v1::RecordLookUpRequest request;
  RequestIdentity identity;
  std::string lookup;  // Empty when nobody was found.
  std::string case_hash;
};

struct JudgedLookUp {
  Verdict verdict;
  std::optional<uint64_t> repeated;  // The index of the entry it caused.
  bool again = false;                // Another person is known than when the call came.
};

v1::OuterEntry LookUpOuter(const LookUpQuestion& question) {
  v1::OuterEntry outer = Outer(v1::ENTRY_KIND_PERSON_LOOKED_UP, question.caller);
  const std::string& asker = question.request.asker();
  outer.set_requester(asker.substr(0, asker.find(':')));
  outer.set_request_sha256(question.identity.EntryDigest());
  return outer;
}

// `known` was found before the judge, else `made` was.
absl::StatusOr<JudgedLookUp> JudgeLookUp(const RulesContext& context,
                                         const LookUpQuestion& question,
                                         const std::optional<SubjectId>& known,
                                         const PersonDirectory::NewPerson& made, const Reader& rows,
                                         const JudgeContext& now) {
  JudgedLookUp judged;
  ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::RequestRow> repeat,
                        CheckRequest(rows, question.identity, now.now));
  if (repeat.has_value()) {
    judged.repeated = repeat->ledger_index();
    return judged;
  }
  EntryDraft draft;
  draft.outer = LookUpOuter(question);
  draft.case_hash = question.case_hash;
  std::string object_id;
  if (!question.lookup.empty()) {
    ABSL_ASSIGN_OR_RETURN(std::optional<PersonDirectory::Person> person,
                          context.directory->Find(rows, question.lookup));
    const bool same = person.has_value() ? known == person->subject : !known.has_value();
    if (!same) {
      judged.again = true;
      return judged;
    }
    if (!person.has_value()) {
      person = made.person;
      judged.verdict.writes = made.rows;
    }
    draft.subject = person->subject;
    draft.data_key = person->data_key;
    draft.details = SerializeDetails(question.request.case_(), question.request.asker());
    object_id = person->subject.bytes();
  }
  judged.verdict.entries.push_back(std::move(draft));
  ABSL_RETURN_IF_ERROR(ForgetOldRequests(rows, question.identity, now.now, &judged.verdict.writes));
  judged.verdict.writes.push_back(
      RememberRequest(question.identity, now.next_index, now.now, object_id));
  return judged;
}

void EnterLookUp(const RulesContext* context, std::shared_ptr<const LookUpQuestion> question,
                 int attempts, LookUpDone done) {
  std::vector<std::string> locks = {question->identity.hash};
  std::optional<SubjectId> known;
  PersonDirectory::NewPerson made;
  if (!question->lookup.empty()) {
    absl::StatusOr<std::optional<SubjectId>> found =
        context->directory->FindSubject(*context->store, question->lookup);
    if (!found.ok()) {
      FailOnExecutor(context->journal, std::move(found).status(), std::move(done));
      return;
    }
    known = *std::move(found);
    locks.push_back(question->lookup);
    if (known.has_value()) {
      locks.push_back(known->bytes());
    } else {
      made = context->directory->Prepare(question->lookup, context->clock->Now());
    }
  }
  CommitJudged<JudgedLookUp>(
      context->journal, std::move(locks),
      [context, question, known, made = std::move(made)](const Reader& rows,
                                                         const JudgeContext& now) {
        return JudgeLookUp(*context, *question, known, made, rows, now);
      },
      [context, question, attempts,
       done = std::move(done)](absl::StatusOr<Stood<JudgedLookUp>> stood) {
        if (!stood.ok()) {
          done(std::move(stood).status());
          return;
        }
        if (stood->judged.again) {
          if (attempts > 1) {
            EnterLookUp(context, question, attempts - 1, done);
          } else {
            done(InternalFault("a person came and went while a look-up was entered"));
          }
          return;
        }
        v1::RecordLookUpResponse response;
        response.set_ledger_index(stood->judged.repeated.has_value()
                                      ? *stood->judged.repeated
                                      : stood->committed.entries.front().index);
        done(std::move(response));
      });
}

}  // namespace

HistoryBook::HistoryBook(const RulesContext* context) : context_(context) {}

void HistoryBook::ListPerson(const Caller& caller, const v1::ListPersonHistoryRequest& request,
                             PersonDone done) {
  const absl::StatusOr<PageQuestion> page = AskPage(request.page_size(), request.page_token());
  if (!page.ok()) {
    FailOnExecutor(context_->journal, page.status(), std::move(done));
    return;
  }
  const absl::StatusOr<AssertionClaims> claims = VerifyAssertion(
      request.session().jws(), context_->issuers(), *context_->keys, context_->clock->Now());
  if (!claims.ok()) {
    RefusePerson(*context_, caller, done);
    return;
  }
  v1::Subject person;
  person.set_type(v1::SUBJECT_TYPE_PERSON);
  person.set_number(claims->ci);
  const absl::StatusOr<std::optional<SubjectId>> subject =
      context_->directory->FindSubject(*context_->store, context_->directory->Lookup(person));
  if (!subject.ok()) {
    FailOnExecutor(context_->journal, subject.status(), std::move(done));
    return;
  }
  std::vector<std::string> locks;
  if (subject->has_value()) locks.push_back((*subject)->bytes());
  CommitJudged<JudgedLook>(
      context_->journal, std::move(locks),
      [caller, subject = *subject](const Reader&,
                                   const JudgeContext&) -> absl::StatusOr<JudgedLook> {
        JudgedLook judged;
        EntryDraft& draft = judged.verdict.entries.emplace_back();
        draft.outer = Outer(v1::ENTRY_KIND_HISTORY_READ, caller);
        draft.subject = subject;
        return judged;
      },
      [context = context_, subject = *subject, page = *page,
       done = std::move(done)](absl::StatusOr<Stood<JudgedLook>> stood) {
        if (!stood.ok()) {
          done(std::move(stood).status());
          return;
        }
        v1::ListPersonHistoryResponse response;
        response.mutable_page();
        if (subject.has_value()) {
          absl::StatusOr<v1::HistoryPage> read =
              ReadPersonPage(*context, *subject, page, stood->committed.entries.front());
          if (!read.ok()) {
            done(std::move(read).status());
            return;
          }
          *response.mutable_page() = *std::move(read);
        }
        done(std::move(response));
      });
}

void HistoryBook::ListCase(const Caller& caller, const v1::ListCaseHistoryRequest& request,
                           CaseDone done) {
  const absl::StatusOr<PageQuestion> question = AskPage(request.page_size(), request.page_token());
  if (!question.ok() || request.case_().case_number().empty()) {
    FailOnExecutor(context_->journal,
                   question.ok() ? FieldMissing("case.case_number") : question.status(),
                   std::move(done));
    return;
  }
  const std::string case_hash =
      context_->directory->CaseHash(caller.agency, request.case_().case_number());
  absl::StatusOr<CasePage> read = ReadCasePage(*context_, caller.agency, case_hash, *question);
  if (!read.ok()) {
    FailOnExecutor(context_->journal, std::move(read).status(), std::move(done));
    return;
  }
  EnterLook(context_,
            {v1::ENTRY_KIND_HISTORY_READ, caller, request.case_(), std::move(read->subjects)},
            [page = std::move(read->page), done = std::move(done)](const absl::Status& status) {
              if (!status.ok()) return done(status);
              v1::ListCaseHistoryResponse response;
              *response.mutable_page() = page;
              done(std::move(response));
            });
}

void HistoryBook::RecordLookUp(const Caller& caller, const v1::RecordLookUpRequest& request,
                               LookUpDone done) {
  auto question = std::make_shared<LookUpQuestion>();
  question->caller = caller;
  question->request = request;
  // When the resolver was asked is not what it was asked: the asker's repeat comes at another time
  // and is the same look-up. The id is the asker's: the resolver passes it on.
  v1::RecordLookUpRequest content = request;
  content.clear_time();
  absl::StatusOr<RequestIdentity> identity = IdentifyRequest(caller, content, request.asker());
  if (!identity.ok()) {
    FailOnExecutor(context_->journal, std::move(identity).status(), std::move(done));
    return;
  }
  question->identity = *std::move(identity);
  if (request.has_person()) question->lookup = context_->directory->Lookup(request.person());
  if (!request.case_().case_number().empty()) {
    const std::string& asker = request.asker();
    question->case_hash = context_->directory->CaseHash(asker.substr(0, asker.find(':')),
                                                        request.case_().case_number());
  }
  EnterLookUp(context_, std::move(question), kAttempts, std::move(done));
}

}  // namespace naru
