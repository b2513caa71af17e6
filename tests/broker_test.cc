// One broker, end to end over real gRPC and RocksDB: the story of a consent, and what stays the
// same after a restart, for a repeat and for whoever may not know.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/ledger_proof.h"
#include "tests/support/fetching.h"
#include "tests/support/test_broker.h"

namespace naru {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

constexpr char kRequester[] = "B553077";

std::vector<v1::Paper> FourPapers() {
  return {PaperOf(1, kAbstract), PaperOf(2, kHousehold), PaperOf(3, kBusiness, BusinessOf(3)),
          PaperOf(4, kVatBase, BusinessOf(3))};
}

std::vector<v1::EntryKind> KindsOf(const std::vector<v1::HistoryEntry>& history) {
  std::vector<v1::EntryKind> kinds;
  for (const v1::HistoryEntry& entry : history) kinds.push_back(entry.entry().kind());
  return kinds;
}

// Person numbers are 1, 2, 3, ... without a gap: nothing is missing (P2).
void ExpectWhole(const std::vector<v1::HistoryEntry>& history) {
  std::vector<uint64_t> numbers;
  for (const v1::HistoryEntry& entry : history) {
    if (entry.person_number() != 0) numbers.push_back(entry.person_number());
  }
  std::sort(numbers.begin(), numbers.end());
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i + 1);
}

class BrokerTest : public testing::Test {
 protected:
  BrokerTest() : broker_(testing::UnitTest::GetInstance()->current_test_info()->name()) {}

  TestClients& clients() { return broker_.clients(); }
  TestPeer& system() { return clients().As(kSystemParty); }
  FetchResult FetchAll(const v1::Consent& consent) {
    return Fetch(system(), clients().FetchRequest(consent.consent_id(), person_));
  }

  TestBroker broker_;
  const v1::Subject person_ = PersonOf(1);
};

TEST_F(BrokerTest, CarriesAConsentFromOpeningToWithdrawal) {
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent opened,
                            clients().Open(clients().OpenRequest(person_, FourPapers())));
  EXPECT_EQ(opened.consent().state(), v1::CONSENT_STATE_PENDING);
  EXPECT_TRUE(opened.code_queued());
  const std::string id = opened.consent().consent_id();
  ABSL_ASSERT_OK_AND_ASSIGN(v1::CheckConsentResponse check, clients().Check(id));
  EXPECT_EQ(check.refusal().reason(), v1::REFUSAL_REASON_CONSENT_PENDING);

  // The code goes to the citizen's contact alone.
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Message message,
                            clients().AwaitMessage(person_, v1::MESSAGE_KIND_CODE));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::DecideConsentResponse decided,
                            clients().DecideByCode(opened, TestClients::CodeIn(message)));
  ASSERT_TRUE(decided.has_decided()) << v1::RefusalReason_Name(decided.refusal().reason());
  EXPECT_EQ(decided.decided().consent().state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_EQ(decided.decided().consent().evidence(), v1::EVIDENCE_KIND_CODE);
  ABSL_ASSERT_OK_AND_ASSIGN(check, clients().Check(id));
  EXPECT_THAT(check.allowed().paper_ids(), ElementsAre(1, 2, 3, 4));

  v1::FetchDocumentsRequest request = clients().FetchRequest(id, person_);
  const FetchResult fetched = Fetch(system(), request);
  ABSL_ASSERT_OK(fetched.status);
  EXPECT_EQ(fetched.disorder, "");
  ASSERT_EQ(fetched.papers.size(), 4u);
  for (const auto& [paper, steps] : fetched.papers) {
    EXPECT_EQ(fetched.OutcomeOf(paper), v1::OUTCOME_SENT);
    ABSL_EXPECT_OK(CheckSent(broker_.site(), kRequester, request, steps)) << "paper " << paper;
  }
  ASSERT_TRUE(fetched.summary.has_value());
  EXPECT_EQ(fetched.summary->sent(), 4u);
  EXPECT_EQ(fetched.summary->uses_left(), 4u);

  // Given by code, and withdrawn by sign-in: no harder than granting.
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::DecidedConsent withdrawn,
                            clients().Withdraw(decided.decided().consent(), person_));
  EXPECT_EQ(withdrawn.consent().state(), v1::CONSENT_STATE_WITHDRAWN);
  const FetchResult after = FetchAll(withdrawn.consent());
  ABSL_EXPECT_OK(after.status);
  ASSERT_TRUE(after.refusal.has_value());
  EXPECT_EQ(after.refusal->reason(), v1::REFUSAL_REASON_CONSENT_WITHDRAWN);

  ABSL_ASSERT_OK_AND_ASSIGN(const auto history, clients().HistoryOf(person_));
  ExpectWhole(history);
  EXPECT_THAT(KindsOf(history),
              IsSupersetOf({v1::ENTRY_KIND_CONSENT_OPENED, v1::ENTRY_KIND_CODE_SENT,
                            v1::ENTRY_KIND_CODE_ATTEMPTED, v1::ENTRY_KIND_CONSENT_DECIDED,
                            v1::ENTRY_KIND_FETCH_ADMITTED, v1::ENTRY_KIND_DOCUMENT_RELEASED,
                            v1::ENTRY_KIND_DOCUMENT_RELEASED, v1::ENTRY_KIND_DOCUMENT_RELEASED,
                            v1::ENTRY_KIND_DOCUMENT_RELEASED, v1::ENTRY_KIND_DOCUMENT_OUTCOME,
                            v1::ENTRY_KIND_FETCH_ENDED, v1::ENTRY_KIND_CONSENT_WITHDRAWN,
                            v1::ENTRY_KIND_REFUSED}));
}

TEST_F(BrokerTest, P1_NoHolderSendsBeforeItHasTheReleaseProven) {
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                            clients().Granted(person_, {PaperOf(1, kAbstract)}));
  const FetchResult fetched = FetchAll(consent);
  ASSERT_EQ(fetched.OutcomeOf(1), v1::OUTCOME_SENT);
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::OuterEntry entry,
      VerifyLedgerProof(broker_.site().holder().last_proceed().proof(), broker_.site().verifier()));
  EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_DOCUMENT_RELEASED);
  EXPECT_EQ(entry.release_id(), fetched.papers.at(1).announced.release_id());
  EXPECT_EQ(entry.requester(), kRequester);
  EXPECT_EQ(entry.ground(), "전자정부법 제36조");
  // The holder sends too early: nothing of it passes.
  broker_.site().holder().Misbehave(FakeHolder::Fault::kSendsBeforeProceed);
  const FetchResult early = FetchAll(consent);
  EXPECT_EQ(early.OutcomeOf(1), v1::OUTCOME_FAILED);
  EXPECT_EQ(early.ReasonOf(1), v1::REFUSAL_REASON_HOLDER_FAULT);
}

TEST_F(BrokerTest, EachOfTheHoldersAnswersHasItsOutcome) {
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                            clients().Granted(person_, {PaperOf(1, kAbstract)}, 20));
  using Fault = FakeHolder::Fault;
  struct Case {
    Fault fault;
    v1::Outcome outcome;
    v1::RefusalReason reason;
  };
  for (const Case& one : {
           Case{Fault::kNoRecord, v1::OUTCOME_NO_RECORD, v1::REFUSAL_REASON_UNSPECIFIED},
           Case{Fault::kNotEntitled, v1::OUTCOME_DECLINED, v1::REFUSAL_REASON_NOT_ENTITLED},
           Case{Fault::kForbiddenByLaw, v1::OUTCOME_DECLINED, v1::REFUSAL_REASON_HOLDER_DECLINED},
           Case{Fault::kDeferred, v1::OUTCOME_DEFERRED, v1::REFUSAL_REASON_HOLDER_DEFERRED},
           Case{Fault::kBadSignature, v1::OUTCOME_FAILED,
                v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID},
           Case{Fault::kUnapprovedField, v1::OUTCOME_FAILED, v1::REFUSAL_REASON_FIELD_NOT_APPROVED},
           Case{Fault::kOversized, v1::OUTCOME_FAILED, v1::REFUSAL_REASON_DOCUMENT_TOO_LARGE},
           Case{Fault::kOtherNonce, v1::OUTCOME_FAILED, v1::REFUSAL_REASON_SUBJECT_MISMATCH},
           Case{Fault::kOtherRelease, v1::OUTCOME_FAILED, v1::REFUSAL_REASON_SUBJECT_MISMATCH},
           Case{Fault::kDiesBeforeAnswer, v1::OUTCOME_FAILED,
                v1::REFUSAL_REASON_HOLDER_UNAVAILABLE},
           Case{Fault::kNone, v1::OUTCOME_SENT, v1::REFUSAL_REASON_UNSPECIFIED},
       }) {
    broker_.site().holder().Misbehave(one.fault);
    const FetchResult fetched = FetchAll(consent);
    ABSL_EXPECT_OK(fetched.status);
    EXPECT_EQ(fetched.disorder, "");
    EXPECT_EQ(fetched.OutcomeOf(1), one.outcome) << static_cast<int>(one.fault);
    EXPECT_EQ(fetched.ReasonOf(1), one.reason) << static_cast<int>(one.fault);
    EXPECT_EQ(fetched.papers.at(1).body.empty(), one.outcome != v1::OUTCOME_SENT);
  }
}

TEST_F(BrokerTest, ABundleIsFetchedWholeOrNotAtAll) {
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent, clients().Granted(person_, FourPapers(), 2));
  const auto fetch = [&] {
    v1::FetchDocumentsRequest request = clients().FetchRequest(consent.consent_id(), person_);
    request.set_all_or_nothing(true);
    return Fetch(system(), request);
  };
  broker_.site().holder().Misbehave([](const holder::v1::DocumentRequest& request) {
    return request.document_kind() == kAbstract ? FakeHolder::Fault::kNotEntitled
                                                : FakeHolder::Fault::kNone;
  });
  const FetchResult none = fetch();
  ABSL_ASSERT_OK(none.status);
  ASSERT_TRUE(none.summary.has_value());
  EXPECT_EQ(none.summary->sent(), 0u);
  EXPECT_GT(none.summary->declined(), 0u);
  EXPECT_EQ(none.summary->declined() + none.summary->not_permitted(), 4u);
  EXPECT_EQ(none.summary->uses_left(), 2u);
  for (const auto& [paper, steps] : none.papers) {
    EXPECT_FALSE(steps.receipt.has_value());
    EXPECT_EQ(steps.body, "");
    if (none.OutcomeOf(paper) == v1::OUTCOME_NOT_PERMITTED) {
      EXPECT_EQ(none.ReasonOf(paper), v1::REFUSAL_REASON_BUNDLE_INCOMPLETE);
    }
  }
  EXPECT_EQ(broker_.site().holder().counts().proceeds, 0) << "no holder was asked to go on";

  broker_.site().holder().Misbehave(FakeHolder::Fault::kNone);
  const FetchResult all = fetch();
  ABSL_ASSERT_OK(all.status);
  ASSERT_TRUE(all.summary.has_value());
  EXPECT_EQ(all.summary->sent(), 4u);
  EXPECT_EQ(all.summary->uses_left(), 1u);
}

TEST_F(BrokerTest, P4_GoesOnAfterARestartOnTheSameData) {
  const v1::OpenConsentRequest open = clients().OpenRequest(person_, FourPapers());
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent pending, clients().Open(open));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent granted, clients().Granted(person_, FourPapers()));
  const v1::FetchDocumentsRequest before = clients().FetchRequest(granted.consent_id(), person_);
  const FetchResult first = Fetch(system(), before);
  ASSERT_EQ(first.OutcomeOf(1), v1::OUTCOME_SENT);
  const auto checkpoint = [&] {
    return system().Call(&v1::LedgerService::Stub::GetCheckpoint, v1::GetCheckpointRequest());
  };
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::GetCheckpointResponse old_note, checkpoint());
  ABSL_ASSERT_OK_AND_ASSIGN(const Checkpoint old_tree,
                            broker_.site().verifier().Verify(old_note.checkpoint()));

  broker_.Restart();
  EXPECT_FALSE(broker_.server().found().created);
  EXPECT_GE(broker_.server().found().entries, old_tree.size);
  // The code sent before counts.
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Message message,
                            clients().AwaitMessage(person_, v1::MESSAGE_KIND_CODE));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::DecideConsentResponse decided,
                            clients().DecideByCode(pending, TestClients::CodeIn(message)));
  EXPECT_TRUE(decided.has_decided()) << v1::RefusalReason_Name(decided.refusal().reason());
  // What was granted before is fetched again, under a tree that extends the one seen.
  v1::FetchDocumentsRequest request = clients().FetchRequest(granted.consent_id(), person_);
  request.set_known_tree_size(old_tree.size);
  const FetchResult second = Fetch(system(), request);
  ASSERT_EQ(second.OutcomeOf(4), v1::OUTCOME_SENT);
  ABSL_EXPECT_OK(CheckSent(broker_.site(), kRequester, request, second.papers.at(4)));
  v1::Receipt receipt;
  ASSERT_TRUE(receipt.ParseFromString(second.papers.at(4).receipt->receipt()));
  auto keeper = CheckpointKeeper::Open("", broker_.site().NewVerifier());
  ABSL_ASSERT_OK(keeper);
  ABSL_EXPECT_OK((*keeper)->Verify(receipt.proof(), {old_tree.size, old_tree.root}));
  // A repeat after the restart is a repeat (P7).
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent again, clients().Open(open));
  EXPECT_EQ(again.consent().consent_id(), pending.consent().consent_id());
  const FetchResult repeated = Fetch(system(), before);
  EXPECT_TRUE(repeated.started.repeated_request());
  EXPECT_EQ(repeated.started.fetch_id(), first.started.fetch_id());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto history, clients().HistoryOf(person_));
  ExpectWhole(history);
}

TEST_F(BrokerTest, P7_ARepeatGetsTheSameAnswerAndNoBodies) {
  const v1::OpenConsentRequest open = clients().OpenRequest(person_, {PaperOf(1, kAbstract)});
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent opened, clients().Open(open));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent again, clients().Open(open));
  EXPECT_EQ(again.consent().consent_id(), opened.consent().consent_id());
  EXPECT_EQ(again.link_token(), opened.link_token());
  EXPECT_EQ(again.request_number(), opened.request_number());
  EXPECT_EQ(again.ledger_index(), opened.ledger_index());
  v1::OpenConsentRequest other = open;
  other.set_language("en");
  EXPECT_THAT(clients().Open(other), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  // The same id in another caller's name space is another request.
  EXPECT_THAT(clients().Open(open, kOtherSystemParty), IsOk());
  other.set_request_id(NewRequestId(Clock::Real()->Now() - absl::Hours(24 * 8), *Random::System()));
  EXPECT_THAT(clients().Open(other), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_EXPIRED));

  const v1::DecideConsentRequest agree = clients().AgreeRequest(opened.consent(), person_);
  const auto decide = [&] {
    return clients().As(kCitizenParty).Call(&v1::ConsentService::Stub::DecideConsent, agree);
  };
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::DecideConsentResponse decided, decide());
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::DecideConsentResponse decided_again, decide());
  EXPECT_EQ(decided_again.decided().ledger_index(), decided.decided().ledger_index());

  const v1::FetchDocumentsRequest request =
      clients().FetchRequest(opened.consent().consent_id(), person_);
  const FetchResult first = Fetch(system(), request);
  const FetchResult second = Fetch(system(), request);
  ABSL_ASSERT_OK(second.status);
  EXPECT_TRUE(second.started.repeated_request());
  EXPECT_EQ(second.started.fetch_id(), first.started.fetch_id());
  EXPECT_EQ(second.OutcomeOf(1), v1::OUTCOME_SENT);
  EXPECT_EQ(second.papers.at(1).body, "");
  ASSERT_TRUE(second.papers.at(1).receipt.has_value());
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OuterEntry entry,
                            EntryOf(broker_.site(), *second.papers.at(1).receipt));
  EXPECT_EQ(entry.release_id(), first.papers.at(1).announced.release_id());
  EXPECT_EQ(second.summary->uses_left(), first.summary->uses_left());
  EXPECT_EQ(broker_.site().holder().counts().requests, 1);
}

TEST_F(BrokerTest, P3_AFetchForAnotherPersonIsRefusedAndAsksNoHolder) {
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                            clients().Granted(person_, {PaperOf(1, kAbstract)}));
  const FetchResult fetched =
      Fetch(system(), clients().FetchRequest(consent.consent_id(), PersonOf(2)));
  ABSL_EXPECT_OK(fetched.status);
  ASSERT_TRUE(fetched.refusal.has_value());
  EXPECT_EQ(fetched.refusal->reason(), v1::REFUSAL_REASON_PERSON_MISMATCH);
  EXPECT_EQ(broker_.site().holder().counts().requests, 0);
}

// What two callers are told, without what differs by itself.
std::string Told(const absl::Status& status) {
  const auto detail = GetErrorDetail(status);
  return status.ToString() + (detail.has_value() ? detail->SerializeAsString() : "");
}

TEST_F(BrokerTest, P10_AnotherAgencysConsentLooksLikeNone) {
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                            clients().Granted(person_, {PaperOf(1, kAbstract)}));
  const std::string& id = consent.consent_id();
  const std::string unknown(32, '0');
  // Read.
  const auto theirs = clients().Get(id, kOtherSystemParty);
  EXPECT_THAT(theirs, HasErrorReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(Told(theirs.status()), Told(clients().Get(unknown, kOtherSystemParty).status()));
  // Check, by id and by person: known, known elsewhere, never seen.
  ABSL_ASSERT_OK_AND_ASSIGN(const auto by_id, clients().Check(id, kOtherSystemParty));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto none, clients().Check(unknown, kOtherSystemParty));
  EXPECT_EQ(by_id.refusal().reason(), v1::REFUSAL_REASON_NO_CONSENT);
  EXPECT_EQ(by_id.SerializeAsString(), none.SerializeAsString());
  std::set<std::string> answers;
  for (const v1::Subject& person : {person_, PersonOf(77)}) {
    v1::CheckConsentRequest check;
    *check.mutable_person_affair()->mutable_person() = person;
    check.mutable_person_affair()->set_affair(kAffair);
    ABSL_ASSERT_OK_AND_ASSIGN(
        const v1::CheckConsentResponse answer,
        clients().As(kOtherSystemParty).Call(&v1::ConsentService::Stub::CheckConsent, check));
    EXPECT_EQ(answer.refusal().reason(), v1::REFUSAL_REASON_NO_CONSENT);
    answers.insert(answer.SerializeAsString());
  }
  EXPECT_THAT(answers, SizeIs(1));
  // Fetch, cancel and watch.
  TestPeer& other = clients().As(kOtherSystemParty);
  const FetchResult fetch = Fetch(other, clients().FetchRequest(id, person_));
  const FetchResult fetch_none = Fetch(other, clients().FetchRequest(unknown, person_));
  ASSERT_TRUE(fetch.refusal.has_value());
  ASSERT_TRUE(fetch_none.refusal.has_value());
  EXPECT_EQ(fetch.refusal->reason(), v1::REFUSAL_REASON_NO_CONSENT);
  EXPECT_EQ(fetch.refusal->SerializeAsString(), fetch_none.refusal->SerializeAsString());
  v1::CancelConsentRequest cancel;
  cancel.set_request_id(clients().RequestId());
  std::set<std::string> told;
  for (const std::string& one : {id, unknown}) {
    cancel.set_consent_id(one);
    told.insert(Told(other.Call(&v1::ConsentService::Stub::CancelConsent, cancel).status()));
    v1::WatchConsentRequest watch;
    watch.set_consent_id(one);
    grpc::ClientContext context;
    context.set_deadline(DeadlineAfter(kTestDeadline));
    auto reader = other.stub<v1::ConsentService>().WatchConsent(&context, watch);
    v1::WatchConsentResponse response;
    EXPECT_FALSE(reader->Read(&response));
    EXPECT_THAT(FromGrpcStatus(reader->Finish()), HasErrorReason(v1::ERROR_REASON_NOT_FOUND));
  }
  EXPECT_THAT(told, SizeIs(1));
  // Another citizen is told no more.
  v1::GetConsentRequest get;
  *get.mutable_session() = clients().SessionOf(PersonOf(2));
  std::set<std::string> citizens;
  for (const std::string& one : {id, unknown}) {
    get.set_consent_id(one);
    const auto answer =
        clients().As(kCitizenParty).Call(&v1::ConsentService::Stub::GetConsent, get);
    citizens.insert(answer.ok() ? answer->SerializeAsString() : Told(answer.status()));
  }
  EXPECT_THAT(citizens, SizeIs(1));
}

TEST_F(BrokerTest, TheCountersStreamShowsTheDecision) {
  v1::CaseContext counter;
  counter.set_official_id("official-17");
  counter.set_terminal_id("terminal-3");
  counter.set_case_number("case-2026-1");
  v1::OpenConsentRequest open = clients().OpenRequest(person_, {PaperOf(1, kAbstract)});
  EXPECT_THAT(clients().Open(open, kCounterParty), HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
  *open.mutable_case_() = counter;
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent opened, clients().Open(open, kCounterParty));

  v1::WatchConsentRequest watch;
  watch.set_consent_id(opened.consent().consent_id());
  *watch.mutable_case_() = counter;
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(kTestDeadline));
  auto reader =
      clients().As(kCounterParty).stub<v1::ConsentService>().WatchConsent(&context, watch);
  v1::WatchConsentResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.consent().state(), v1::CONSENT_STATE_PENDING);
  ABSL_ASSERT_OK(clients()
                     .As(kCitizenParty)
                     .Call(&v1::ConsentService::Stub::DecideConsent,
                           clients().AgreeRequest(opened.consent(), person_)));
  const absl::Duration decided = Clock::Real()->Monotonic();
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_LT(Clock::Real()->Monotonic() - decided, absl::Seconds(1));
  EXPECT_EQ(response.consent().state(), v1::CONSENT_STATE_GRANTED);
  ABSL_ASSERT_OK(clients().Withdraw(response.consent(), person_));
  while (response.consent().state() != v1::CONSENT_STATE_WITHDRAWN && reader->Read(&response)) {
  }
  EXPECT_EQ(response.consent().state(), v1::CONSENT_STATE_WITHDRAWN);
  ABSL_EXPECT_OK(FromGrpcStatus(reader->Finish()));

  // The case's history, for its agency.
  v1::ListCaseHistoryRequest list;
  *list.mutable_case_() = counter;
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::ListCaseHistoryResponse history,
      clients().As(kCounterParty).Call(&v1::HistoryService::Stub::ListCaseHistory, list));
  EXPECT_GE(history.page().entries_size(), 1);
  ABSL_ASSERT_OK_AND_ASSIGN(
      const v1::ListCaseHistoryResponse others,
      clients().As(kOtherSystemParty).Call(&v1::HistoryService::Stub::ListCaseHistory, list));
  EXPECT_EQ(others.page().entries_size(), 0);
}

TEST_F(BrokerTest, P9_TheSixthTryAtACodeIsNeverCompared) {
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent opened, clients().Open(clients().OpenRequest(
                                                                person_, {PaperOf(1, kAbstract)})));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Message message,
                            clients().AwaitMessage(person_, v1::MESSAGE_KIND_CODE));
  const std::string code = TestClients::CodeIn(message);
  std::string wrong = code;
  wrong[0] = wrong[0] == '9' ? '0' : static_cast<char>(wrong[0] + 1);
  for (int i = 0; i < limits::kCodeAttempts; ++i) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto answer, clients().DecideByCode(opened, wrong));
    EXPECT_TRUE(answer.has_refusal());
  }
  ABSL_ASSERT_OK_AND_ASSIGN(const auto answer, clients().DecideByCode(opened, code));
  EXPECT_EQ(answer.refusal().reason(), v1::REFUSAL_REASON_CODE_LOCKED);
}

TEST_F(BrokerTest, P9_AnAssertionServesOnePersonOneActionOnce) {
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                            clients().Granted(person_, {PaperOf(1, kAbstract)}));
  TestPeer& citizen = clients().As(kCitizenParty);
  const auto withdraw = [&](const v1::WithdrawConsentRequest& request) {
    const auto answer = citizen.Call(&v1::ConsentService::Stub::WithdrawConsent, request);
    return answer.ok() ? answer->refusal().reason() : v1::REFUSAL_REASON_UNSPECIFIED;
  };
  v1::WithdrawConsentRequest request = clients().WithdrawRequest(consent, person_);
  *request.mutable_evidence() = clients().EvidenceOf(
      PersonOf(2), "WITHDRAW", consent, TestClients::AllOf(consent, v1::DECISION_WITHDRAWN));
  EXPECT_NE(withdraw(request), v1::REFUSAL_REASON_UNSPECIFIED);
  *request.mutable_evidence() = clients().EvidenceOf(person_, "SUSPEND", consent, {});
  EXPECT_EQ(withdraw(request), v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION);
  // Suspended, resumed; then the suspension's assertion once more.
  v1::SuspendConsentRequest suspend;
  suspend.set_request_id(clients().RequestId());
  suspend.set_consent_id(consent.consent_id());
  *suspend.mutable_evidence() = clients().EvidenceOf(person_, "SUSPEND", consent, {});
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::SuspendConsentResponse suspended,
                            citizen.Call(&v1::ConsentService::Stub::SuspendConsent, suspend));
  EXPECT_EQ(suspended.suspended().consent().state(), v1::CONSENT_STATE_SUSPENDED);
  EXPECT_EQ(FetchAll(consent).refusal->reason(), v1::REFUSAL_REASON_CONSENT_SUSPENDED);
  v1::ResumeConsentRequest resume;
  resume.set_request_id(clients().RequestId());
  resume.set_consent_id(consent.consent_id());
  *resume.mutable_evidence() = clients().EvidenceOf(person_, "RESUME", consent, {});
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::ResumeConsentResponse resumed,
                            citizen.Call(&v1::ConsentService::Stub::ResumeConsent, resume));
  EXPECT_EQ(resumed.resumed().consent().state(), v1::CONSENT_STATE_GRANTED);
  suspend.set_request_id(clients().RequestId());
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::SuspendConsentResponse reused,
                            citizen.Call(&v1::ConsentService::Stub::SuspendConsent, suspend));
  EXPECT_EQ(reused.refusal().reason(), v1::REFUSAL_REASON_ASSERTION_REUSED);
}

TEST_F(BrokerTest, ALookUpIsInTheHistoryOfThePerson) {
  ABSL_ASSERT_OK(clients().Granted(person_, {PaperOf(1, kAbstract)}));
  v1::RecordLookUpRequest look_up;
  look_up.set_request_id(clients().RequestId());
  *look_up.mutable_person() = person_;
  look_up.set_asker("B553077:counter");
  look_up.mutable_case_()->set_official_id("official-17");
  look_up.mutable_case_()->set_terminal_id("terminal-3");
  look_up.mutable_case_()->set_case_number("case-2026-1");
  ABSL_ASSERT_OK(
      clients().As(kResolverParty).Call(&v1::HistoryService::Stub::RecordLookUp, look_up));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto history, clients().HistoryOf(person_));
  EXPECT_THAT(KindsOf(history), Contains(v1::ENTRY_KIND_PERSON_LOOKED_UP));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto others, clients().HistoryOf(PersonOf(2)));
  EXPECT_THAT(KindsOf(others), Not(Contains(v1::ENTRY_KIND_PERSON_LOOKED_UP)));
}

}  // namespace
}  // namespace naru
