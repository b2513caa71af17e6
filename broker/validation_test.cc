#include "broker/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"

// Goal: every field of every request has its bound, and what is refused names reason, field and
// limit. Method: one good request of each kind, and a table of the ways to spoil it.
namespace naru {
namespace {

const char kConsent[] = "00010203040506070809aabbccddeeff";

std::string RequestId() {
  static FakeRandom random(7);
  return NewRequestId(SimulatedClock().Now(), random);
}

std::string Ci() { return std::string(86, 'A') + "=="; }

void SetPerson(v1::Subject* person) {
  person->set_type(v1::SUBJECT_TYPE_PERSON);
  person->set_number(Ci());
}

v1::OpenConsentRequest GoodOpen() {
  v1::OpenConsentRequest request;
  request.set_request_id(RequestId());
  SetPerson(request.mutable_person());
  request.set_affair("SMALL_BUSINESS_POLICY_FUND");
  v1::Paper& paper = *request.add_papers();
  paper.set_paper_id(1);
  paper.set_kind("VAT_BASE");
  paper.mutable_subject()->set_type(v1::SUBJECT_TYPE_BUSINESS);
  paper.mutable_subject()->set_number("1234567890");
  v1::Parameter& years = *paper.add_parameters();
  years.set_name("tax_years");
  years.add_values("2024");
  request.set_intake(v1::INTAKE_COUNTER);
  return request;
}

v1::Evidence GoodAssertion() {
  v1::Evidence evidence;
  evidence.mutable_assertion()->set_jws("e30.e30.AAAA");
  evidence.mutable_assertion()->set_salt(std::string(16, 's'));
  return evidence;
}

v1::DecideConsentRequest GoodDecide() {
  v1::DecideConsentRequest request;
  request.set_request_id(RequestId());
  request.set_consent_id(kConsent);
  v1::PaperDecision& decision = *request.add_decisions();
  decision.set_paper_id(1);
  decision.set_decision(v1::DECISION_AGREED);
  request.set_text_sha256(std::string(32, 't'));
  *request.mutable_evidence() = GoodAssertion();
  return request;
}

v1::FetchDocumentsRequest GoodFetch() {
  v1::FetchDocumentsRequest request;
  request.set_request_id(RequestId());
  request.set_consent_id(kConsent);
  SetPerson(request.mutable_person());
  request.set_nonce(std::string(32, 'n'));
  return request;
}

template <typename Request>
struct Bad {
  std::string what;
  std::function<void(Request&)> spoil;
  v1::ErrorReason reason;
  std::string field;
  int64_t limit = 0;
};

template <typename Request>
void ExpectEachIsRefused(const Request& good, const std::vector<Bad<Request>>& table) {
  ASSERT_THAT(Validate(good), IsOk());
  for (const Bad<Request>& bad : table) {
    SCOPED_TRACE(bad.what);
    Request request = good;
    bad.spoil(request);
    const absl::Status status = Validate(request);
    const auto detail = GetErrorDetail(status);
    ASSERT_TRUE(detail.has_value()) << status;
    EXPECT_EQ(detail->reason(), bad.reason) << status;
    EXPECT_EQ(detail->field(), bad.field);
    if (bad.limit != 0) {
      EXPECT_EQ(detail->limit(), bad.limit);
    }
    EXPECT_FALSE(detail->next_step().empty());
    // A value may name a person: it is never repeated.
    EXPECT_THAT(std::string(status.message()), testing::Not(testing::HasSubstr(Ci())));
  }
}

constexpr auto kMissing = v1::ERROR_REASON_FIELD_MISSING;
constexpr auto kMalformed = v1::ERROR_REASON_FIELD_MALFORMED;
constexpr auto kTooLarge = v1::ERROR_REASON_FIELD_TOO_LARGE;
constexpr auto kContradict = v1::ERROR_REASON_FIELDS_CONTRADICT;

TEST(ValidationTest, OpenConsent) {
  using R = v1::OpenConsentRequest;
  ExpectEachIsRefused<R>(
      GoodOpen(),
      {
          {"no id", [](R& r) { r.clear_request_id(); }, kMissing, "request_id"},
          {"UUIDv4", [](R& r) { r.set_request_id("123e4567-e89b-42d3-a456-426614174000"); },
           kMalformed, "request_id"},
          {"endless id", [](R& r) { r.set_request_id(std::string(100'000, 'a')); }, kMalformed,
           "request_id"},
          {"no person", [](R& r) { r.clear_person(); }, kMissing, "person"},
          {"a business as person",
           [](R& r) { r.mutable_person()->set_type(v1::SUBJECT_TYPE_BUSINESS); }, kMalformed,
           "person.type"},
          {"a resident number as CI", [](R& r) { r.mutable_person()->set_number("9901011234567"); },
           kMalformed, "person.number"},
          {"an endless number",
           [](R& r) { r.mutable_person()->set_number(std::string(100'000, 'A')); }, kTooLarge,
           "person.number", limits::kSubjectNumber},
          {"no affair", [](R& r) { r.clear_affair(); }, kMissing, "affair"},
          {"small letters", [](R& r) { r.set_affair("fund"); }, kMalformed, "affair"},
          {"no papers", [](R& r) { r.clear_papers(); }, kMissing, "papers"},
          {"65 papers",
           [](R& r) {
             while (r.papers_size() < 65) *r.add_papers() = r.papers(0);
           },
           kTooLarge, "papers", limits::kPapersPerConsent},
          {"a paper twice", [](R& r) { *r.add_papers() = r.papers(0); }, kContradict,
           "papers[1].paper_id"},
          {"paper 0", [](R& r) { r.mutable_papers(0)->set_paper_id(0); }, kMissing,
           "papers[0].paper_id"},
          {"paper 65", [](R& r) { r.mutable_papers(0)->set_paper_id(65); }, kTooLarge,
           "papers[0].paper_id", limits::kPapersPerConsent},
          {"nine digits",
           [](R& r) { r.mutable_papers(0)->mutable_subject()->set_number("123456789"); },
           kMalformed, "papers[0].subject.number"},
          {"a parameter twice",
           [](R& r) { *r.mutable_papers(0)->add_parameters() = r.papers(0).parameters(0); },
           kContradict, "papers[0].parameters[1].name"},
          {"17 values",
           [](R& r) {
             for (int i = 0; i < 16; ++i) {
               r.mutable_papers(0)->mutable_parameters(0)->add_values("2024");
             }
           },
           kTooLarge, "papers[0].parameters[0].values", limits::kValuesPerParameter},
          {"no intake", [](R& r) { r.clear_intake(); }, kMissing, "intake"},
          {"paper is entered, not opened", [](R& r) { r.set_intake(v1::INTAKE_PAPER); }, kMalformed,
           "intake"},
          {"an intake of tomorrow", [](R& r) { r.set_intake(static_cast<v1::Intake>(99)); },
           kMalformed, "intake"},
          {"an endless official",
           [](R& r) { r.mutable_case_()->set_official_id(std::string(65, 'x')); }, kTooLarge,
           "case.official_id", limits::kShortText},
          {"a line break in the case", [](R& r) { r.mutable_case_()->set_case_number("a\nb"); },
           kMalformed, "case.case_number"},
          {"59 seconds", [](R& r) { r.set_valid_for_seconds(59); }, kMalformed,
           "valid_for_seconds"},
          {"negative", [](R& r) { r.set_valid_for_seconds(-1); }, kMalformed, "valid_for_seconds"},
          {"ten years", [](R& r) { r.set_valid_for_seconds(315'360'000); }, kTooLarge,
           "valid_for_seconds", 31'622'400},
          {"1,001 uses", [](R& r) { r.set_uses(1001); }, kTooLarge, "uses", 1000},
          {"French", [](R& r) { r.set_language("fr"); }, kMalformed, "language"},
      });
}

TEST(ValidationTest, DecideConsent) {
  using R = v1::DecideConsentRequest;
  ExpectEachIsRefused<R>(
      GoodDecide(),
      {
          {"no target", [](R& r) { r.clear_target(); }, kMissing, "target"},
          {"a short link", [](R& r) { r.set_link_token("abc"); }, kMalformed, "link_token"},
          {"a code without link", [](R& r) { r.mutable_evidence()->set_code("123456"); },
           kContradict, "evidence.code"},
          {"five digits",
           [](R& r) {
             r.set_link_token(std::string(43, 'a'));
             r.mutable_evidence()->set_code("12345");
           },
           kMalformed, "evidence.code"},
          {"nothing decided", [](R& r) { r.clear_decisions(); }, kMissing, "decisions"},
          {"one paper twice", [](R& r) { *r.add_decisions() = r.decisions(0); }, kContradict,
           "decisions[1].paper_id"},
          {"withdrawn is no decision",
           [](R& r) { r.mutable_decisions(0)->set_decision(v1::DECISION_WITHDRAWN); }, kMalformed,
           "decisions[0].decision"},
          {"a short hash", [](R& r) { r.set_text_sha256("t"); }, kMalformed, "text_sha256"},
          {"no evidence", [](R& r) { r.clear_evidence(); }, kMissing, "evidence"},
          {"empty evidence", [](R& r) { r.mutable_evidence()->clear_proof(); }, kMissing,
           "evidence.proof"},
          {"an endless assertion",
           [](R& r) { r.mutable_evidence()->mutable_assertion()->set_jws(std::string(4097, 'a')); },
           kTooLarge, "evidence.assertion.jws", limits::kAssertion},
          {"no salt", [](R& r) { r.mutable_evidence()->mutable_assertion()->clear_salt(); },
           kMissing, "evidence.assertion.salt"},
      });
}

TEST(ValidationTest, FetchDocuments) {
  using R = v1::FetchDocumentsRequest;
  ExpectEachIsRefused<R>(
      GoodFetch(),
      {
          {"no nonce", [](R& r) { r.clear_nonce(); }, kMissing, "nonce"},
          {"31 bytes", [](R& r) { r.set_nonce(std::string(31, 'n')); }, kMalformed, "nonce"},
          {"capital id", [](R& r) { r.set_consent_id("00010203040506070809AABBCCDDEEFF"); },
           kMalformed, "consent_id"},
          {"an id of no shard", [](R& r) { r.set_consent_id(std::string(32, 'f')); }, kMalformed,
           "consent_id"},
          {"a paper twice",
           [](R& r) {
             r.add_paper_ids(1);
             r.add_paper_ids(1);
           },
           kContradict, "paper_ids[1]"},
          {"paper 0", [](R& r) { r.add_paper_ids(0); }, kMalformed, "paper_ids[0]"},
          {"a mode of tomorrow", [](R& r) { r.set_mode(static_cast<v1::AccessMode>(9)); },
           kMalformed, "mode"},
          {"public papers", [](R& r) { r.mutable_public_access()->set_affair("A"); }, kMalformed,
           "public_access"},
      });
}

v1::ConsentTerms GoodTerms() {
  v1::ConsentTerms terms;
  terms.set_requester("B553077");
  terms.set_affair("SUPPORT_FUND");
  v1::Paper& paper = *terms.add_papers();
  paper.set_paper_id(1);
  paper.set_kind("INCOME_AMOUNT");
  terms.mutable_valid_until()->set_seconds(1'800'000'000);
  return terms;
}

TEST(ValidationTest, GrantConsent) {
  using R = v1::GrantConsentRequest;
  R good;
  good.set_request_id(RequestId());
  *good.mutable_terms() = GoodTerms();
  good.add_decisions()->set_paper_id(1);
  good.mutable_decisions(0)->set_decision(v1::DECISION_AGREED);
  good.set_text_sha256(std::string(32, 't'));
  *good.mutable_evidence() = GoodAssertion();
  ExpectEachIsRefused<R>(
      good, {
                {"no terms", [](R& r) { r.clear_terms(); }, kMissing, "terms"},
                {"no end", [](R& r) { r.mutable_terms()->clear_valid_until(); }, kMissing,
                 "terms.valid_until"},
                {"a language of tomorrow", [](R& r) { r.mutable_terms()->set_language("fr"); },
                 kMalformed, "terms.language"},
                {"no papers", [](R& r) { r.mutable_terms()->clear_papers(); }, kMissing, "papers"},
                {"no decisions", [](R& r) { r.clear_decisions(); }, kMissing, "decisions"},
                {"a paper decided twice", [](R& r) { *r.add_decisions() = r.decisions(0); },
                 kContradict, "decisions[1].paper_id"},
                {"withdrawn beforehand",
                 [](R& r) { r.mutable_decisions(0)->set_decision(v1::DECISION_WITHDRAWN); },
                 kMalformed, "decisions[0].decision"},
                {"31 bytes", [](R& r) { r.set_text_sha256(std::string(31, 't')); }, kMalformed,
                 "text_sha256"},
                {"no evidence", [](R& r) { r.clear_evidence(); }, kMissing, "evidence"},
            });
}

TEST(ValidationTest, ListAgencyConsents) {
  using R = v1::ListAgencyConsentsRequest;
  ExpectEachIsRefused<R>(
      R(), {
               {"a state twice",
                [](R& r) {
                  r.add_states(v1::CONSENT_STATE_GRANTED);
                  r.add_states(v1::CONSENT_STATE_GRANTED);
                },
                kContradict, "states[1]"},
               {"no state", [](R& r) { r.add_states(v1::CONSENT_STATE_UNSPECIFIED); }, kMalformed,
                "states[0]"},
               {"a page too large", [](R& r) { r.set_page_size(limits::kConsentPageMax + 1); },
                kTooLarge, "page_size", limits::kConsentPageMax},
               {"a lower-case affair", [](R& r) { r.set_affair("fund"); }, kMalformed, "affair"},
           });
}

TEST(ValidationTest, BatchCheckConsent) {
  using R = v1::BatchCheckConsentRequest;
  R good;
  good.add_checks()->set_consent_id(kConsent);
  ExpectEachIsRefused<R>(good,
                         {
                             {"nothing asked", [](R& r) { r.clear_checks(); }, kMissing, "checks"},
                             {"one too many",
                              [](R& r) {
                                while (r.checks_size() <= limits::kChecksPerRequest) r.add_checks();
                              },
                              kTooLarge, "checks", limits::kChecksPerRequest},
                         });
}

TEST(ValidationTest, WatchCase) {
  using R = v1::WatchCaseRequest;
  R good;
  good.mutable_case_()->set_case_number("case-1");
  ExpectEachIsRefused<R>(good, {
                                   {"no case", [](R& r) { r.mutable_case_()->clear_case_number(); },
                                    kMissing, "case.case_number"},
                               });
}

TEST(ValidationTest, ApplyCatalogue) {
  using R = v1::ApplyCatalogueRequest;
  R good;
  good.set_request_id(RequestId());
  good.mutable_catalogue()->set_catalogue("agencies {}");
  good.mutable_catalogue()->set_base_generation(1);
  good.mutable_case_()->set_official_id("official-1");
  ExpectEachIsRefused<R>(
      good, {
                {"no file", [](R& r) { r.mutable_catalogue()->clear_catalogue(); }, kMissing,
                 "catalogue.catalogue"},
                {"a file too large",
                 [](R& r) {
                   r.mutable_catalogue()->set_catalogue(
                       std::string(limits::kSignedCatalogueBytes + 1, '#'));
                 },
                 kTooLarge, "catalogue.catalogue", limits::kSignedCatalogueBytes},
                {"no generation", [](R& r) { r.mutable_catalogue()->clear_base_generation(); },
                 kMissing, "catalogue.base_generation"},
                {"nobody submits it", [](R& r) { r.clear_case_(); }, kMissing, "case.official_id"},
            });
}

TEST(ValidationTest, AcknowledgeDocuments) {
  using R = v1::AcknowledgeDocumentsRequest;
  R good;
  good.set_request_id(RequestId());
  good.set_fetch_id(kConsent);
  good.add_arrivals()->set_paper_id(1);
  good.mutable_arrivals(0)->set_arrival(v1::ARRIVAL_ARRIVED);
  good.add_arrivals()->set_paper_id(2);
  good.mutable_arrivals(1)->set_arrival(v1::ARRIVAL_MISMATCH);
  good.mutable_arrivals(1)->set_reason(v1::REFUSAL_REASON_FIELD_NOT_APPROVED);
  ExpectEachIsRefused<R>(
      good,
      {
          {"no request", [](R& r) { r.clear_request_id(); }, kMissing, "request_id"},
          {"no fetch", [](R& r) { r.clear_fetch_id(); }, kMissing, "fetch_id"},
          {"a short id", [](R& r) { r.set_fetch_id("0001"); }, kMalformed, "fetch_id"},
          {"nothing", [](R& r) { r.clear_arrivals(); }, kMissing, "arrivals"},
          {"more than a consent has",
           [](R& r) {
             while (r.arrivals_size() < 65) *r.add_arrivals() = r.arrivals(0);
           },
           kTooLarge, "arrivals", 64},
          {"paper 65", [](R& r) { r.mutable_arrivals(1)->set_paper_id(65); }, kTooLarge,
           "arrivals[1].paper_id", 64},
          {"a paper twice", [](R& r) { r.mutable_arrivals(1)->set_paper_id(1); }, kContradict,
           "arrivals[1].paper_id"},
          {"neither", [](R& r) { r.mutable_arrivals(0)->clear_arrival(); }, kMissing,
           "arrivals[0].arrival"},
          {"an arrival of tomorrow",
           [](R& r) { r.mutable_arrivals(0)->set_arrival(static_cast<v1::Arrival>(9)); },
           kMalformed, "arrivals[0].arrival"},
          {"arrived with a reason",
           [](R& r) { r.mutable_arrivals(0)->set_reason(v1::REFUSAL_REASON_SUBJECT_MISMATCH); },
           kContradict, "arrivals[0].reason"},
          {"a mismatch without", [](R& r) { r.mutable_arrivals(1)->clear_reason(); }, kMissing,
           "arrivals[1].reason"},
          {"a reason of another kind",
           [](R& r) { r.mutable_arrivals(1)->set_reason(v1::REFUSAL_REASON_CODE_WRONG); },
           kMalformed, "arrivals[1].reason"},
      });
}

TEST(ValidationTest, WithdrawSuspendAndSendCode) {
  v1::WithdrawConsentRequest withdraw;
  withdraw.set_request_id(RequestId());
  withdraw.set_consent_id(kConsent);
  *withdraw.mutable_evidence() = GoodAssertion();
  using W = v1::WithdrawConsentRequest;
  ExpectEachIsRefused<W>(
      withdraw, {{"no target", [](W& r) { r.clear_target(); }, kMissing, "target"},
                 {"paper 65", [](W& r) { r.add_paper_ids(65); }, kTooLarge, "paper_ids[0]"}});

  v1::SuspendConsentRequest suspend;
  suspend.set_request_id(RequestId());
  suspend.set_consent_id(kConsent);
  *suspend.mutable_evidence() = GoodAssertion();
  using S = v1::SuspendConsentRequest;
  ExpectEachIsRefused<S>(
      suspend, {{"a code does not do", [](S& r) { r.mutable_evidence()->set_code("123456"); },
                 kContradict, "evidence.code"}});

  v1::SendCodeRequest send;
  send.set_request_id(RequestId());
  send.set_link_token(std::string(43, 'a'));
  send.set_purpose(v1::CODE_PURPOSE_DECIDE);
  using C = v1::SendCodeRequest;
  ExpectEachIsRefused<C>(send,
                         {{"no purpose", [](C& r) { r.clear_purpose(); }, kMissing, "purpose"},
                          {"no link", [](C& r) { r.clear_link_token(); }, kMissing, "link_token"}});
}

TEST(ValidationTest, ListsProofsAndApprovals) {
  using H = v1::ListCaseHistoryRequest;
  H history;
  history.mutable_case_()->set_case_number("2026-1");
  ExpectEachIsRefused<H>(
      history,
      {{"no case", [](H& r) { r.clear_case_(); }, kMissing, "case.case_number"},
       {"501 a page", [](H& r) { r.set_page_size(501); }, kTooLarge, "page_size", limits::kPageMax},
       {"negative page", [](H& r) { r.set_page_size(-1); }, kMalformed, "page_size"},
       {"endless token", [](H& r) { r.set_page_token(std::string(1000, 'a')); }, kTooLarge,
        "page_token"}});

  using I = v1::GetInclusionProofRequest;
  I inclusion;
  inclusion.set_index(1);
  inclusion.set_tree_size(2);
  ExpectEachIsRefused<I>(inclusion,
                         {{"beyond the tree", [](I& r) { r.set_index(2); }, kMalformed, "index"}});

  using A = v1::SuspendApprovalRequest;
  A suspend;
  suspend.set_request_id(RequestId());
  suspend.set_approval_id("fund-2026");
  suspend.set_official_id("lee");
  suspend.set_ground("전자정부법 41조");
  ExpectEachIsRefused<A>(
      suspend,
      {{"no ground", [](A& r) { r.clear_ground(); }, kMissing, "ground"},
       {"capital id", [](A& r) { r.set_approval_id("FUND"); }, kMalformed, "approval_id"}});

  using M = v1::AcknowledgeMessagesRequest;
  M acknowledge;
  acknowledge.add_cursors(1);
  ExpectEachIsRefused<M>(acknowledge,
                         {{"none", [](M& r) { r.clear_cursors(); }, kMissing, "cursors"},
                          {"65",
                           [](M& r) {
                             while (r.cursors_size() < 65) r.add_cursors(1);
                           },
                           kTooLarge, "cursors", 64}});
}

}  // namespace
}  // namespace naru
