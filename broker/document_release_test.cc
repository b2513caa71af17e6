#include "broker/document_release.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/receipt.h"
#include "broker/release_world.h"

// One document after the other through the flow, with everything around it in memory: what each
// kind of holder leads to, and each thing that can happen on the way.
namespace naru {
namespace {

using Behaviour = ReleaseWorld::Behaviour;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// The steps that the requester got, as one line.
std::vector<std::string> StepsOf(const FakeSink& sink) {
  std::vector<std::string> names;
  for (const v1::FetchDocumentsResponse& step : sink.steps()) {
    switch (step.step_case()) {
      case v1::FetchDocumentsResponse::kStarted:
        names.push_back("started");
        break;
      case v1::FetchDocumentsResponse::kHeader:
        names.push_back("header");
        break;
      case v1::FetchDocumentsResponse::kChunk:
        names.push_back("chunk");
        break;
      case v1::FetchDocumentsResponse::kReceipt:
        names.push_back("receipt");
        break;
      case v1::FetchDocumentsResponse::kOutcome:
        names.push_back(v1::Outcome_Name(step.outcome().outcome()));
        break;
      case v1::FetchDocumentsResponse::kSummary:
        names.push_back("summary");
        break;
      default:
        names.push_back("?");
    }
  }
  return names;
}

// Lets the fetch be over, and sees that nothing of it is left.
void ExpectOver(ReleaseWorld& world) {
  world.PassUntilOver();
  EXPECT_EQ(world.over, 1);
  EXPECT_TRUE(world.sink->finished().has_value());
  // A cancelled holder may still be on its way to the end.
  world.Pass(absl::Minutes(1));
  EXPECT_TRUE(world.release.expired());
  EXPECT_EQ(world.holders.open(), 0);
  EXPECT_EQ(world.timer.pending(), 0u);
}

TEST(DocumentReleaseTest, HonestPaperArrivesWholeWithHeaderReceiptAndOutcome) {
  ReleaseWorld world(1);
  world.Start();
  ExpectOver(world);
  EXPECT_THAT(StepsOf(*world.sink), ElementsAre("started", "header", "chunk", "chunk", "chunk",
                                                "receipt", "OUTCOME_SENT", "summary"));
  EXPECT_EQ(world.BodyTaken(0), world.BodyOf(0));
  EXPECT_EQ(*world.sink->finished(), absl::OkStatus());
  EXPECT_EQ(world.sink->steps().back().summary().sent(), 1u);

  const v1::FetchDocumentsResponse& header = world.sink->steps()[1];
  EXPECT_EQ(header.header().signed_header().header(), world.script(0).answer->header());
  const v1::DocumentReceipt& message = world.sink->steps()[5].receipt();
  KeyRing keys;
  ABSL_ASSERT_OK(keys.Add(kReceiptKeyOwner,
                          *crypto::VerifyingKeyFromRaw(crypto::SigningKey::Type::kEcdsaP256,
                                                       world.parts.receipt_key->PublicKey(),
                                                       world.parts.receipt_key->key_id()),
                          absl::InfinitePast(), absl::InfiniteFuture()));
  ABSL_EXPECT_OK(
      VerifyReceiptSignature(message.receipt(), message.signature(), keys, world.clock.Now()));
  v1::Receipt receipt;
  ASSERT_TRUE(receipt.ParseFromString(message.receipt()));
  EXPECT_EQ(receipt.release_id(), world.fetch.papers[0].release.text());
  EXPECT_EQ(receipt.nonce(), world.fetch.nonce);
  EXPECT_EQ(receipt.header_sha256(), crypto::Sha256(world.script(0).answer->header()));
}

TEST(DocumentReleaseTest, HolderIsAskedWhatWasPlannedAndProvenTheReleaseItKnowsNot) {
  ReleaseWorld world(1);
  world.Start();
  ExpectOver(world);
  const FakeHolderStreams::Seen& seen = world.holders.seen("holder-0");
  EXPECT_EQ(seen.request.release_id(), world.fetch.papers[0].release.text());
  EXPECT_EQ(seen.request.nonce(), world.fetch.nonce);
  EXPECT_EQ(seen.request.requester(), "3210000");
  EXPECT_EQ(seen.request.person().number(), world.fetch.person.number());
  EXPECT_THAT(seen.request.approved_fields(), ElementsAre("name", "amount"));
  ASSERT_TRUE(seen.proceed.has_value());
  EXPECT_EQ(seen.proceed->known_size(), 3u);
}

// Every behaviour of a holder on its own: exactly one outcome, the right one, and in the ledger
// what the requester was told.
class BehaviourTest : public testing::TestWithParam<int> {};

TEST_P(BehaviourTest, P3_EndsInItsOneOutcome) {
  const auto behaviour = static_cast<Behaviour>(GetParam());
  for (const size_t bytes : {size_t{100}, size_t{3 * limits::kChunkBytes}}) {
    ReleaseWorld world(1);
    world.SetBodyBytes(0, bytes);
    world.Behave(0, behaviour);
    world.Start();
    ExpectOver(world);
    const ReleaseWorld::Expected expected = ReleaseWorld::ExpectedOf(behaviour);
    const std::vector<v1::DocumentOutcome> outcomes = world.OutcomesOf(0);
    ASSERT_THAT(outcomes, SizeIs(1));
    EXPECT_EQ(outcomes[0].outcome(), expected.outcome);
    EXPECT_EQ(outcomes[0].refusal().reason(), expected.reason);
    ASSERT_EQ(world.record.ends().count(0), 1u);
    const FakeReleaseRecord::End& end = world.record.ends().at(0);
    EXPECT_EQ(end.outcome, expected.outcome);
    EXPECT_EQ(end.reason, expected.reason);
    EXPECT_EQ(end.quarantined, expected.quarantined);
    const std::string body = world.BodyOf(0);
    EXPECT_EQ(world.BodyTaken(0), body.substr(0, world.BodyTaken(0).size()));
    const bool signed_answer = expected.outcome == v1::OUTCOME_NO_RECORD ||
                               expected.outcome == v1::OUTCOME_DECLINED ||
                               expected.outcome == v1::OUTCOME_DEFERRED;
    EXPECT_EQ(outcomes[0].has_signed_answer(), signed_answer);
    EXPECT_EQ(*world.sink->finished(), absl::OkStatus());
  }
}

INSTANTIATE_TEST_SUITE_P(All, BehaviourTest, testing::Range(0, ReleaseWorld::kBehaviours));

TEST(DocumentReleaseTest, P3_NothingOfAQuarantinedHeaderReachesTheRequester) {
  ReleaseWorld world(1);
  world.Behave(0, Behaviour::kOtherPersonsAnswer);
  world.Start();
  ExpectOver(world);
  EXPECT_THAT(StepsOf(*world.sink), ElementsAre("started", "OUTCOME_FAILED", "summary"));
  EXPECT_FALSE(world.record.released(0));
  EXPECT_FALSE(world.holders.seen("holder-0").proceed.has_value());
  EXPECT_EQ(world.record.ends().at(0).header_sha256,
            crypto::Sha256(world.script(0).answer->header()));
}

TEST(DocumentReleaseTest, P3_NoByteOfAnothersBodyUnderTheRightHeaderIsPassedOn) {
  ReleaseWorld world(1);
  world.Behave(0, Behaviour::kOtherPersonsBody);
  world.Start();
  ExpectOver(world);
  EXPECT_EQ(world.BodyTaken(0), "");
  EXPECT_TRUE(world.record.ends().at(0).quarantined);
}

TEST(DocumentReleaseTest, P1_NothingFlowsBeforeTheReleaseIsCommitted) {
  ReleaseWorld world(1);
  world.Start();
  // Answered, checked, and the change waits.
  for (int i = 0; i < 1000 && !world.record.released(0); ++i) {
    EXPECT_FALSE(world.holders.seen("holder-0").proceed.has_value());
    EXPECT_THAT(StepsOf(*world.sink), testing::Not(Contains("header")));
    ASSERT_TRUE(world.executor.RunOne());
  }
  EXPECT_TRUE(world.record.released(0));
  ExpectOver(world);
}

TEST(DocumentReleaseTest, NoRecordIsCommittedLikeAReleaseAndBringsReceiptAndSignedAnswer) {
  ReleaseWorld world(1);
  world.Behave(0, Behaviour::kNoRecord);
  world.Start();
  ExpectOver(world);
  EXPECT_THAT(StepsOf(*world.sink),
              ElementsAre("started", "receipt", "OUTCOME_NO_RECORD", "summary"));
  EXPECT_TRUE(world.record.released(0));
  EXPECT_EQ(world.OutcomesOf(0)[0].ledger_index(), 100u);
  EXPECT_FALSE(world.holders.seen("holder-0").proceed.has_value());
}

TEST(DocumentReleaseTest, DeclineNamesItsGround) {
  ReleaseWorld world(1);
  world.Behave(0, Behaviour::kForbiddenByLaw);
  world.Start();
  ExpectOver(world);
  EXPECT_EQ(world.record.ends().at(0).ground, "article 9");
  EXPECT_EQ(world.OutcomesOf(0)[0].refusal().facts().at("ground"), "article 9");
}

TEST(DocumentReleaseTest, ADeferralSaysWhyWhoAndWhenAndBringsTheSignedAnswer) {
  ReleaseWorld world(2);
  world.Behave(0, Behaviour::kDeferred);
  world.Start();
  ExpectOver(world);
  ASSERT_THAT(world.OutcomesOf(0), SizeIs(1));
  const v1::DocumentOutcome outcome = world.OutcomesOf(0)[0];
  EXPECT_EQ(outcome.outcome(), v1::OUTCOME_DEFERRED);
  EXPECT_EQ(outcome.refusal().reason(), v1::REFUSAL_REASON_HOLDER_DEFERRED);
  EXPECT_EQ(outcome.refusal().mender(), v1::MENDER_HOLDER);
  EXPECT_EQ(outcome.refusal().facts().at("deferral"), "MANUAL_REVIEW");
  EXPECT_EQ(outcome.refusal().facts().at("owner"), "담당 부서");
  absl::Time eta;
  std::string error;
  ASSERT_TRUE(
      absl::ParseTime(absl::RFC3339_full, outcome.refusal().facts().at("eta"), &eta, &error))
      << error;
  EXPECT_GT(eta, world.clock.Now());
  EXPECT_EQ(outcome.signed_answer().header(), world.script(0).answer->header());
  EXPECT_FALSE(world.record.released(0));
  EXPECT_FALSE(world.holders.seen("holder-0").proceed.has_value());
  EXPECT_EQ(world.sink->steps().back().summary().deferred(), 1u);
  EXPECT_EQ(world.OutcomesOf(1)[0].outcome(), v1::OUTCOME_SENT) << "holds up nobody";
}

TEST(DocumentReleaseTest, P1_ABundleIsReleasedOnceEveryHeaderIsThere) {
  ReleaseWorld world(3);
  world.fetch.all_or_nothing = true;
  world.Behave(1, Behaviour::kNoRecord);
  world.Behave(2, Behaviour::kHonest);
  world.script(2).answer_delay = absl::Seconds(3);
  world.Start();
  world.Pass(absl::Seconds(2));
  EXPECT_FALSE(world.record.released(0));
  EXPECT_FALSE(world.holders.seen("holder-0").proceed.has_value());
  EXPECT_THAT(StepsOf(*world.sink), ElementsAre("started"));
  ExpectOver(world);
  EXPECT_EQ(world.OutcomesOf(0)[0].outcome(), v1::OUTCOME_SENT);
  EXPECT_EQ(world.OutcomesOf(1)[0].outcome(), v1::OUTCOME_NO_RECORD);
  EXPECT_EQ(world.OutcomesOf(2)[0].outcome(), v1::OUTCOME_SENT);
}

TEST(DocumentReleaseTest, ABundleThatLacksOneReleasesNoneAndNamesIt) {
  ReleaseWorld world(3);
  world.fetch.all_or_nothing = true;
  world.Behave(0, Behaviour::kHonest);
  world.Behave(1, Behaviour::kDeferred);
  world.Behave(2, Behaviour::kNoRecord);
  world.Start();
  ExpectOver(world);
  EXPECT_EQ(world.OutcomesOf(1)[0].outcome(), v1::OUTCOME_DEFERRED);
  for (const size_t paper : {0, 2}) {
    ASSERT_THAT(world.OutcomesOf(paper), SizeIs(1));
    const v1::DocumentOutcome outcome = world.OutcomesOf(paper)[0];
    EXPECT_EQ(outcome.outcome(), v1::OUTCOME_NOT_PERMITTED);
    EXPECT_EQ(outcome.refusal().reason(), v1::REFUSAL_REASON_BUNDLE_INCOMPLETE);
    EXPECT_EQ(outcome.refusal().facts().at("paper_id"), "2");
    EXPECT_FALSE(world.record.released(paper));
  }
  EXPECT_FALSE(world.holders.seen("holder-0").proceed.has_value());
}

TEST(DocumentReleaseTest, PaperRefusedBeforehandIsToldWithoutAskingAnybody) {
  ReleaseWorld world(2);
  world.fetch.papers[0].refused = MakeRefusal(v1::REFUSAL_REASON_NO_USE_APPROVAL);
  world.fetch.papers[0].refused_index = 42;
  world.Start();
  ExpectOver(world);
  ASSERT_THAT(world.OutcomesOf(0), SizeIs(1));
  EXPECT_EQ(world.OutcomesOf(0)[0].outcome(), v1::OUTCOME_NOT_PERMITTED);
  EXPECT_EQ(world.OutcomesOf(0)[0].ledger_index(), 42u);
  EXPECT_EQ(world.OutcomesOf(1)[0].outcome(), v1::OUTCOME_SENT);
  EXPECT_EQ(world.sink->steps().back().summary().not_permitted(), 1u);
}

TEST(DocumentReleaseTest, P2_ReleaseRefusedAtItsCommitIsNotPermittedAndNothingFlows) {
  ReleaseWorld world(1);
  world.record.Refuse(v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  world.Start();
  ExpectOver(world);
  EXPECT_THAT(StepsOf(*world.sink), ElementsAre("started", "OUTCOME_NOT_PERMITTED", "summary"));
  EXPECT_FALSE(world.holders.seen("holder-0").proceed.has_value());
  EXPECT_TRUE(world.holders.seen("holder-0").cancelled);
}

TEST(DocumentReleaseTest, P2_WithdrawalCutsAnOpenBodyWithoutAnotherChunk) {
  ReleaseWorld world(1);
  world.Behave(0, Behaviour::kHonest);
  world.script(0).chunk_delay = absl::Seconds(2);
  world.Start();
  world.Pass(absl::Seconds(3));
  ASSERT_EQ(world.sink->chunks_taken(1), 1u);
  world.record.Refuse(v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  world.events.Changed(world.fetch.consent);
  world.Settle();
  EXPECT_EQ(world.over, 1);
  EXPECT_THAT(StepsOf(*world.sink),
              ElementsAre("started", "header", "chunk", "OUTCOME_FAILED", "summary"));
  EXPECT_EQ(world.record.ends().at(0).reason, v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
  ExpectOver(world);
}

TEST(DocumentReleaseTest, P2_ChunkThatWaitsForItsTurnIsNotSentAfterTheCut) {
  ReleaseWorld world(2);
  world.sink->Stall();
  world.Start();
  world.Settle();
  ASSERT_THAT(StepsOf(*world.sink), ElementsAre("started"));
  world.record.Refuse(v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
  world.events.AllChanged();
  world.Settle();
  world.sink->Resume();
  ExpectOver(world);
  EXPECT_THAT(StepsOf(*world.sink),
              ElementsAre("started", "OUTCOME_FAILED", "OUTCOME_FAILED", "summary"));
  EXPECT_EQ(world.record.ends().at(1).reason, v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
}

TEST(DocumentReleaseTest, P2_WithdrawalBeforeTheAnswerIsNotPermitted) {
  ReleaseWorld world(1);
  world.Behave(0, Behaviour::kNeverAnswers);
  world.Start();
  world.Settle();
  world.record.Refuse(v1::REFUSAL_REASON_CONSENT_SUSPENDED);
  world.events.Changed(world.fetch.consent);
  world.Settle();
  EXPECT_EQ(world.record.ends().at(0).outcome, v1::OUTCOME_NOT_PERMITTED);
  EXPECT_EQ(world.record.ends().at(0).reason, v1::REFUSAL_REASON_CONSENT_SUSPENDED);
  ExpectOver(world);
}

TEST(DocumentReleaseTest, P8_GroundThatCannotBeReadEndsThePaper) {
  ReleaseWorld world(1);
  world.Behave(0, Behaviour::kNeverAnswers);
  world.Start();
  world.Settle();
  world.record.FailWith(InternalFault("no row"));
  world.events.Changed(world.fetch.consent);
  ExpectOver(world);
  EXPECT_THAT(*world.sink->finished(), HasErrorReason(v1::ERROR_REASON_INTERNAL));
}

TEST(DocumentReleaseTest, OneSlowHolderHoldsUpNoOther) {
  ReleaseWorld world(3);
  world.Behave(1, Behaviour::kNeverAnswers);
  world.Start();
  world.Settle();
  EXPECT_EQ(world.OutcomesOf(0)[0].outcome(), v1::OUTCOME_SENT);
  EXPECT_EQ(world.OutcomesOf(2)[0].outcome(), v1::OUTCOME_SENT);
  EXPECT_THAT(world.OutcomesOf(1), IsEmpty());
  world.Pass(limits::kHolderAnswer - absl::Milliseconds(1));
  EXPECT_THAT(world.OutcomesOf(1), IsEmpty());
  world.Pass(absl::Milliseconds(2));
  EXPECT_EQ(world.OutcomesOf(1)[0].refusal().reason(), v1::REFUSAL_REASON_HOLDER_TIMEOUT);
  ExpectOver(world);
}

TEST(DocumentReleaseTest, P10_SlowBodyIsBoundedByEachChunkNotByItsLength) {
  ReleaseWorld world(1);
  world.SetBodyBytes(0, 7 * limits::kChunkBytes);
  world.Behave(0, Behaviour::kHonest);
  world.script(0).chunk_delay = limits::kBodyIdle - absl::Seconds(1);
  world.Start();
  ExpectOver(world);
  EXPECT_EQ(world.OutcomesOf(0)[0].outcome(), v1::OUTCOME_SENT);
}

TEST(DocumentReleaseTest, P10_RequesterThatTakesNothingHoldsOneChunkAPaperAndIsGivenUp) {
  ReleaseWorld world(2);
  world.sink->set_check([&world](const v1::FetchDocumentsResponse& step) {
    if (step.has_header()) world.sink->Stall();
  });
  world.Start();
  world.Pass(limits::kRequesterPatience - absl::Seconds(1));
  EXPECT_LE(world.holders.seen("holder-0").chunks, 1u);
  EXPECT_LE(world.holders.seen("holder-1").chunks, 1u);
  EXPECT_EQ(world.over, 0);
  ExpectOver(world);
  EXPECT_EQ(world.record.ends().at(0).reason, v1::REFUSAL_REASON_REQUESTER_GONE);
  EXPECT_EQ(world.record.ends().at(1).reason, v1::REFUSAL_REASON_REQUESTER_GONE);
}

TEST(DocumentReleaseTest, P10_FetchEndsAtItsLifeHoweverItDrips) {
  ReleaseWorld world(1);
  world.fetch.papers[0].max_size_bytes = 200 * limits::kChunkBytes;
  world.SetBodyBytes(0, 100 * limits::kChunkBytes);
  world.Behave(0, Behaviour::kHonest);
  world.script(0).chunk_delay = limits::kBodyIdle - absl::Seconds(1);
  world.Start();
  world.Pass(limits::kFetchLife + absl::Seconds(1));
  EXPECT_EQ(world.over, 1);
  EXPECT_EQ(world.record.ends().at(0).reason, v1::REFUSAL_REASON_HOLDER_TIMEOUT);
  ExpectOver(world);
}

TEST(DocumentReleaseTest, RequesterThatGoesIsEnteredForEveryOpenPaper) {
  ReleaseWorld world(3);
  world.Behave(0, Behaviour::kNeverAnswers);
  world.Behave(1, Behaviour::kNeverSendsBody);
  world.Start();
  world.Settle();
  world.sink->Leave();
  ExpectOver(world);
  EXPECT_EQ(world.record.ends().at(0).reason, v1::REFUSAL_REASON_REQUESTER_GONE);
  EXPECT_EQ(world.record.ends().at(1).reason, v1::REFUSAL_REASON_REQUESTER_GONE);
  EXPECT_EQ(world.record.ends().at(2).outcome, v1::OUTCOME_SENT);
  EXPECT_TRUE(world.record.finished());
  EXPECT_TRUE(world.holders.seen("holder-0").cancelled);
  EXPECT_TRUE(world.holders.seen("holder-1").cancelled);
}

TEST(DocumentReleaseTest, RequesterThatWentBeforeTheStartIsNoticed) {
  ReleaseWorld world(1);
  world.Behave(0, Behaviour::kNeverAnswers);
  world.sink->Leave();
  world.Start();
  world.Settle();
  EXPECT_EQ(world.over, 1);
  EXPECT_EQ(world.record.ends().at(0).reason, v1::REFUSAL_REASON_REQUESTER_GONE);
  ExpectOver(world);
}

TEST(DocumentReleaseTest, BrokerThatStopsEntersWhatWasInterruptedAndTellsIt) {
  ReleaseWorld world(2);
  world.Behave(0, Behaviour::kNeverAnswers);
  world.Start();
  world.Settle();
  world.release.lock()->Interrupt();
  ExpectOver(world);
  EXPECT_EQ(world.OutcomesOf(0)[0].refusal().reason(), v1::REFUSAL_REASON_INTERRUPTED);
  EXPECT_EQ(world.OutcomesOf(1)[0].outcome(), v1::OUTCOME_SENT);
}

TEST(DocumentReleaseTest, P8_OutcomeThatCannotBeEnteredIsAFaultAndNeverTold) {
  ReleaseWorld world(2);
  world.record.FailWith(StorageFull(1));
  world.Start();
  ExpectOver(world);
  EXPECT_THAT(*world.sink->finished(), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  EXPECT_THAT(StepsOf(*world.sink), ElementsAre("started"));
}

TEST(DocumentReleaseTest, LargePaperDoesNotHoldUpASmallOne) {
  ReleaseWorld world(2);
  world.SetBodyBytes(0, 8 * limits::kChunkBytes);
  world.SetBodyBytes(1, 10);
  world.Start();
  ExpectOver(world);
  // The small one is over while the large one still flows.
  const std::vector<std::string> steps = StepsOf(*world.sink);
  const auto first_sent = std::find(steps.begin(), steps.end(), "OUTCOME_SENT");
  EXPECT_GE(std::count(first_sent, steps.end(), "chunk"), 3);
}

TEST(DocumentReleaseTest, TellsTheMetricsOncePerPaper) {
  ReleaseWorld world(2);
  world.Behave(1, Behaviour::kOtherPersonsBody);
  std::vector<std::string> done;
  size_t bytes = 0;
  std::vector<std::string> quarantined;
  world.parts.document_done = [&](const std::string& holder, v1::Outcome outcome, v1::RefusalReason,
                                  absl::Duration) {
    done.push_back(holder + " " + v1::Outcome_Name(outcome));
  };
  world.parts.document_bytes = [&](const std::string&, size_t count) { bytes += count; };
  world.parts.quarantined = [&](const std::string& holder, v1::RefusalReason) {
    quarantined.push_back(holder);
  };
  world.Start();
  ExpectOver(world);
  EXPECT_THAT(done,
              testing::UnorderedElementsAre("holder-0 OUTCOME_SENT", "holder-1 OUTCOME_FAILED"));
  EXPECT_EQ(bytes, world.BodyOf(0).size());
  EXPECT_THAT(quarantined, ElementsAre("holder-1"));
}

}  // namespace
}  // namespace naru
