#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "consent/consent_harness.h"
#include "google/protobuf/util/message_differencer.h"

// Prior consent (사전동의) and the consent receipt: shown first, granted by the citizen alone (P9),
// found by the counter.
namespace naru {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ConsentGrantTest : public testing::Test {
 protected:
  v1::ConsentTerms Terms() {
    v1::ConsentTerms terms;
    terms.set_requester(ConsentHarness::kAgency);
    terms.set_affair(ConsentHarness::kAffair);
    *terms.mutable_papers() = harness_.OpenRequest().papers();
    return terms;
  }
  absl::StatusOr<v1::PreviewConsentResponse> Preview(const v1::ConsentTerms& terms,
                                                     char person = 'A') {
    v1::PreviewConsentRequest request;
    request.mutable_session()->set_jws(harness_.Session(person));
    *request.mutable_terms() = terms;
    return harness_.book().Preview(ConsentHarness::Citizen(), request);
  }
  // What the citizen's service sends once they agreed to all papers but those named.
  v1::GrantConsentRequest Request(std::vector<uint32_t> refused = {}, char person = 'A') {
    const v1::ConsentPreview preview = Preview(Terms(), person)->preview();
    v1::GrantConsentRequest request;
    request.set_request_id(harness_.NewId());
    *request.mutable_terms() = preview.terms();
    request.set_text_sha256(preview.text_sha256());
    std::vector<v1::PaperDecision> decisions;
    for (const v1::Paper& paper : preview.terms().papers()) {
      v1::PaperDecision& decision = decisions.emplace_back();
      decision.set_paper_id(paper.paper_id());
      const bool no = std::find(refused.begin(), refused.end(), paper.paper_id()) != refused.end();
      decision.set_decision(no ? v1::DECISION_REFUSED : v1::DECISION_AGREED);
      *request.add_decisions() = decision;
    }
    *request.mutable_evidence() = harness_.Assertion(
        {person, "GRANT", ConsentHarness::kAffair, preview.text_sha256(), decisions});
    return request;
  }
  absl::StatusOr<v1::GrantConsentResponse> Grant(const v1::GrantConsentRequest& request) {
    Answer<v1::GrantConsentResponse> answer;
    harness_.book().Grant(ConsentHarness::Citizen(), request, answer.done());
    return answer.status();
  }
  v1::RefusalReason Refused(const v1::GrantConsentRequest& request) {
    const auto response = Grant(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->refusal().reason() : v1::REFUSAL_REASON_UNSPECIFIED;
  }
  absl::StatusOr<ConsentBook::Receipt> ReceiptOf(const std::string& consent_id,
                                                 const Caller& caller, char session = 0) {
    v1::GetConsentReceiptRequest request;
    request.set_consent_id(consent_id);
    if (session != 0) request.mutable_session()->set_jws(harness_.Session(session));
    return harness_.book().ReceiptOf(caller, request);
  }

  ConsentHarness harness_;
};

TEST_F(ConsentGrantTest, AShownConsentCanBeGrantedAndTheCounterFindsIt) {
  const auto response = Grant(Request({2}));
  ABSL_ASSERT_OK(response);
  const v1::Consent& consent = response->granted().consent();
  EXPECT_EQ(consent.state(), v1::CONSENT_STATE_GRANTED);
  EXPECT_EQ(consent.requester(), ConsentHarness::kAgency);
  EXPECT_EQ(consent.evidence(), v1::EVIDENCE_KIND_ASSERTION);
  EXPECT_THAT(response->granted().request_number(), SizeIs(8));
  const auto check = harness_.CheckByPerson('A', ConsentHarness::Counter());
  EXPECT_EQ(check->allowed().consent_id(), consent.consent_id());
  EXPECT_THAT(check->allowed().paper_ids(), ElementsAre(1, 3));
}

TEST_F(ConsentGrantTest, P9_TheGrantIsOneEntryWithTheTextAndTheAssertion) {
  const v1::GrantConsentRequest request = Request();
  ABSL_ASSERT_OK(Grant(request));
  const auto entries = harness_.Entries(v1::ENTRY_KIND_CONSENT_GRANTED);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].outer.text_sha256(), request.text_sha256());
  EXPECT_EQ(entries[0].outer.state(), v1::CONSENT_STATE_GRANTED);
  const storage::v1::Details details = harness_.Details(entries[0]);
  EXPECT_EQ(crypto::Sha256(details.text()), request.text_sha256());
  EXPECT_EQ(details.assertion(), request.evidence().assertion().jws());
}

TEST_F(ConsentGrantTest, APreviewChangesNothingAndSaysWhatAGrantMustSay) {
  const auto before = harness_.AllRows().size();
  const auto response = Preview(Terms());
  ABSL_ASSERT_OK(response);
  EXPECT_EQ(harness_.AllRows().size(), before);
  const v1::ConsentPreview& preview = response->preview();
  EXPECT_EQ(crypto::Sha256(preview.text()), preview.text_sha256());
  EXPECT_TRUE(preview.terms().has_valid_until());
  // The explicit terms give the very same text.
  EXPECT_EQ(Preview(preview.terms())->preview().text_sha256(), preview.text_sha256());
}

TEST_F(ConsentGrantTest, P9_NobodyGrantsForAnother) {
  EXPECT_TRUE(Grant(Request())->has_granted());
  // Somebody else's assertion makes somebody else's consent, never the first person's.
  v1::GrantConsentRequest other = Request({}, 'B');
  const auto response = Grant(other);
  ABSL_ASSERT_OK(response);
  EXPECT_EQ(harness_.CheckByPerson('B')->allowed().consent_id(),
            response->granted().consent().consent_id());
  EXPECT_NE(harness_.CheckByPerson('A')->allowed().consent_id(),
            response->granted().consent().consent_id());
  // The first person's own terms under another's assertion are nobody's.
  v1::GrantConsentRequest mixed = Request();
  *mixed.mutable_evidence() = Request({}, 'B').evidence();
  EXPECT_FALSE(Grant(mixed).ok() && Grant(mixed)->has_granted());
}

TEST_F(ConsentGrantTest, P9_AnAssertionForAnythingElseGrantsNothing) {
  v1::GrantConsentRequest request = Request();
  request.mutable_decisions(0)->set_decision(v1::DECISION_REFUSED);
  EXPECT_EQ(Refused(request), v1::REFUSAL_REASON_ASSERTION_OTHER_ACTION);

  request = Request();
  request.mutable_terms()->set_uses(request.terms().uses() + 1);
  EXPECT_EQ(Refused(request), v1::REFUSAL_REASON_TEXT_MISMATCH);

  request = Request();
  request.mutable_evidence()->mutable_assertion()->set_jws("nonsense");
  EXPECT_EQ(Refused(request), v1::REFUSAL_REASON_ASSERTION_INVALID);

  request = Request();
  harness_.clock().Advance(limits::kAssertionAge + absl::Seconds(1));
  request.set_request_id(harness_.NewId());
  EXPECT_EQ(Refused(request), v1::REFUSAL_REASON_ASSERTION_INVALID);
  EXPECT_THAT(harness_.Entries(v1::ENTRY_KIND_CONSENT_GRANTED), IsEmpty());
  EXPECT_THAT(harness_.Entries(v1::ENTRY_KIND_REFUSED), SizeIs(4));
}

TEST_F(ConsentGrantTest, AnAssertionServesOnce) {
  const v1::GrantConsentRequest first = Request();
  ASSERT_TRUE(Grant(first)->has_granted());
  v1::GrantConsentRequest again = first;
  again.set_request_id(harness_.NewId());
  EXPECT_EQ(Refused(again), v1::REFUSAL_REASON_ASSERTION_REUSED);
}

TEST_F(ConsentGrantTest, P7_ARepeatGetsTheSameAnswerAndGrantsOnce) {
  const v1::GrantConsentRequest request = Request();
  const auto first = Grant(request);
  const auto second = Grant(request);
  ABSL_ASSERT_OK(second);
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *second));
  EXPECT_THAT(harness_.Entries(v1::ENTRY_KIND_CONSENT_GRANTED), SizeIs(1));
  v1::GrantConsentRequest other = request;
  other.mutable_decisions(0)->set_decision(v1::DECISION_REFUSED);
  EXPECT_EQ(Grant(other).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ConsentGrantTest, WithoutUseApprovalThereIsNothingToGrant) {
  v1::ConsentTerms terms = Terms();
  terms.set_requester("1210000");
  EXPECT_EQ(Preview(terms)->refusal().reason(), v1::REFUSAL_REASON_NO_USE_APPROVAL);
  terms.set_requester("0000000");
  EXPECT_EQ(Preview(terms)->refusal().reason(), v1::REFUSAL_REASON_NO_USE_APPROVAL);
  const v1::GrantConsentRequest request = Request();
  harness_.SuspendApproval();
  EXPECT_EQ(Refused(request), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
}

TEST_F(ConsentGrantTest, TermsThatDoNotFitAreErrorsWithTheirField) {
  v1::ConsentTerms terms = Terms();
  terms.mutable_valid_until()->set_seconds(1);
  EXPECT_EQ(Preview(terms).status().code(), absl::StatusCode::kInvalidArgument);
  v1::GrantConsentRequest request = Request({1, 2, 3});
  EXPECT_EQ(Grant(request).status().code(), absl::StatusCode::kInvalidArgument)
      << "a no to everything needs no consent";
  request = Request();
  request.mutable_decisions()->RemoveLast();
  EXPECT_EQ(Grant(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConsentGrantTest, LiveConsentsOfOnePersonAreBounded) {
  for (int i = 0; i < limits::kPendingPerPerson; ++i) ASSERT_TRUE(Grant(Request())->has_granted());
  EXPECT_EQ(Grant(Request()).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(ConsentGrantTest, AGrantedConsentEndsAndIsWithdrawnLikeAnyOther) {
  const v1::Consent consent = Grant(Request())->granted().consent();
  v1::OpenedConsent opened;
  *opened.mutable_consent() = consent;
  const auto withdrawn = harness_.Withdraw(harness_.WithdrawByAssertion(opened, {2}, {2}));
  ABSL_ASSERT_OK(withdrawn);
  EXPECT_THAT(harness_.CheckById(consent.consent_id())->allowed().paper_ids(), ElementsAre(1, 3));
  harness_.clock().Advance(limits::kConsentLifeMax);
  EXPECT_EQ(harness_.CheckById(consent.consent_id())->refusal().reason(),
            v1::REFUSAL_REASON_CONSENT_EXPIRED);
}

TEST_F(ConsentGrantTest, TheReceiptSaysWhatWasAgreedToAndNamesNoPerson) {
  const v1::Consent consent = Grant(Request({2}))->granted().consent();
  const auto found = ReceiptOf(consent.consent_id(), ConsentHarness::Citizen(), 'A');
  ABSL_ASSERT_OK(found);
  const receipt::v1::ConsentReceipt& receipt = found->receipt;
  EXPECT_EQ(receipt.record_id(), consent.consent_id());
  ASSERT_THAT(receipt.pii_processing().purposes(), SizeIs(1));
  const auto& papers = receipt.pii_processing().purposes(0).pii_information();
  ASSERT_THAT(papers, SizeIs(3));
  EXPECT_EQ(papers[0].decision(), "agreed");
  EXPECT_EQ(papers[1].decision(), "refused");
  EXPECT_EQ(receipt.event(0).event_state(), "given");
  EXPECT_FALSE(
      absl::StrContains(receipt.SerializeAsString(), ConsentHarness::Person('A').number()));
}

TEST_F(ConsentGrantTest, P10_AReceiptIsForWhomTheConsentIsReadable) {
  const v1::Consent consent = Grant(Request())->granted().consent();
  const std::string& id = consent.consent_id();
  ABSL_EXPECT_OK(ReceiptOf(id, ConsentHarness::System()));
  EXPECT_TRUE(absl::IsNotFound(
      ReceiptOf(id, ConsentHarness::System(ConsentHarness::kOtherAgency)).status()));
  EXPECT_TRUE(absl::IsNotFound(ReceiptOf(id, ConsentHarness::Citizen(), 'B').status()));
  const v1::OpenedConsent pending = harness_.MustOpen('C');
  EXPECT_EQ(ReceiptOf(pending.consent().consent_id(), ConsentHarness::System())->refused->reason(),
            v1::REFUSAL_REASON_CONSENT_PENDING);
}

}  // namespace
}  // namespace naru
