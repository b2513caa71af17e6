// A case in one call, over real mutual TLS: what comes, what is tried again, what an error is.

#include <gmock/gmock.h>

#include <vector>

#include "adapters/client/client_fixture.h"
#include "broker/base/file.h"
#include "broker/base/ids.h"

namespace naru::client {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

using ClientTest = ClientFixture;

TEST_F(ClientTest, FetchesACaseInOneCall) {
  std::vector<std::pair<uint32_t, DocumentResult>> progress;
  FetchOptions options = Options();
  options.on_ended = [&](uint32_t id, DocumentResult result) { progress.push_back({id, result}); };
  const FetchedCase fetched = Fetch(options);
  ABSL_EXPECT_OK(fetched.stream);
  ASSERT_EQ(fetched.documents.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const FetchedDocument& document = fetched.documents[i];
    EXPECT_EQ(document.result, DocumentResult::kDelivered) << document.what;
    ASSERT_NE(document.file, nullptr);
    EXPECT_THAT(document.file->ReadAll(1'000'000), IsOkAndHolds(broker_.papers[i].body));
    EXPECT_EQ(document.entry.kind(), v1::ENTRY_KIND_DOCUMENT_RELEASED);
    EXPECT_EQ(document.header.media_type(), "application/json");
    EXPECT_TRUE(document.receipt.has_value());
  }
  EXPECT_EQ(fetched.summary.sent(), 2u);
  EXPECT_THAT(progress, ElementsAre(Pair(2, DocumentResult::kDelivered),
                                    Pair(1, DocumentResult::kDelivered)));
  // The nonce was made here, the request id names its time.
  ASSERT_EQ(broker_.requests().size(), 1u);
  EXPECT_EQ(broker_.requests()[0].nonce().size(), limits::kNonceBytes);
  ABSL_EXPECT_OK(RequestIdTime(broker_.requests()[0].request_id()));
  EXPECT_EQ(fetched.request_id, broker_.requests()[0].request_id());
}

TEST_F(ClientTest, AcknowledgesOnceWhatArrivedAndWhatMismatched) {
  v1::Paper other = broker_.papers[0].paper;
  other.set_kind("OTHER");
  broker_.papers[0].body = FakeBody(other, 2'000);
  FetchOptions options = Options();
  options.all_or_nothing = true;
  options.case_context.set_case_number("2026-0001");
  const FetchedCase fetched = Fetch(options);
  EXPECT_TRUE(broker_.requests()[0].all_or_nothing());
  ABSL_EXPECT_OK(fetched.acknowledged);
  ASSERT_EQ(broker_.acknowledged().size(), 1u);
  const v1::AcknowledgeDocumentsRequest& said = broker_.acknowledged()[0];
  ABSL_EXPECT_OK(RequestIdTime(said.request_id()));
  EXPECT_NE(said.request_id(), fetched.request_id);
  EXPECT_EQ(said.fetch_id(), fetched.fetch_id);
  EXPECT_EQ(said.case_().case_number(), "2026-0001");
  ASSERT_EQ(said.arrivals_size(), 2);
  EXPECT_EQ(said.arrivals(0).paper_id(), 1u);
  EXPECT_EQ(said.arrivals(0).arrival(), v1::ARRIVAL_MISMATCH);
  EXPECT_EQ(said.arrivals(0).reason(), v1::REFUSAL_REASON_SUBJECT_MISMATCH);
  EXPECT_EQ(said.arrivals(1).paper_id(), 2u);
  EXPECT_EQ(said.arrivals(1).arrival(), v1::ARRIVAL_ARRIVED);
  EXPECT_EQ(said.arrivals(1).reason(), v1::REFUSAL_REASON_UNSPECIFIED);
}

TEST_F(ClientTest, AnAcknowledgementThatFailsTakesNothingFromTheCase) {
  broker_.acknowledgement.mutable_refusal()->set_reason(v1::REFUSAL_REASON_STATE_CONFLICT);
  const FetchedCase fetched = Fetch();
  ABSL_EXPECT_OK(fetched.stream);
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kDelivered);
  EXPECT_EQ(fetched.acknowledged.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(fetched.acknowledged.message(), HasSubstr("STATE_CONFLICT"));
}

TEST_F(ClientTest, AcknowledgesNothingThatWasNotReleased) {
  broker_.papers[0].status = holder::v1::ANSWER_STATUS_NO_RECORD;
  broker_.papers[1].status = holder::v1::ANSWER_STATUS_DECLINED;
  ABSL_EXPECT_OK(Fetch().acknowledged);
  broker_.papers[1].header = [](holder::v1::DocumentHeader& header) {
    header.set_subject_binding(std::string(32, 'x'));
  };
  const FetchedCase fetched = Fetch();
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kMismatch);
  ABSL_EXPECT_OK(fetched.acknowledged);
  EXPECT_TRUE(broker_.acknowledged().empty());
}

TEST_F(ClientTest, AsksTheConsentForPapersItWasNotTold) {
  FetchOptions options = Options();
  options.papers.clear();
  const FetchedCase fetched = Fetch(options);
  ASSERT_EQ(fetched.documents.size(), 2u);
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kDelivered) << fetched.documents[0].what;
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kDelivered) << fetched.documents[1].what;
}

TEST_F(ClientTest, TakesTheHoldersSignedAnswersWithoutADocument) {
  broker_.papers[0].status = holder::v1::ANSWER_STATUS_NO_RECORD;
  broker_.papers[1].status = holder::v1::ANSWER_STATUS_DECLINED;
  const FetchedCase fetched = Fetch();
  ABSL_EXPECT_OK(fetched.stream);
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kNoRecord) << fetched.documents[0].what;
  EXPECT_EQ(fetched.documents[0].entry.kind(), v1::ENTRY_KIND_NO_RECORD_RELEASED);
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kDeclined) << fetched.documents[1].what;
  EXPECT_EQ(fetched.documents[1].header.decline_code(), holder::v1::DECLINE_CODE_NOT_ENTITLED);
  EXPECT_EQ(fetched.documents[0].file, nullptr);
}

TEST_F(ClientTest, TakesADeferralOnlyAsItsHolderSignedIt) {
  broker_.papers[0].status = holder::v1::ANSWER_STATUS_DEFERRED;
  const FetchedCase fetched = Fetch();
  ABSL_EXPECT_OK(fetched.stream);
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kDeferred) << fetched.documents[0].what;
  EXPECT_EQ(fetched.documents[0].outcome, v1::OUTCOME_DEFERRED);
  EXPECT_EQ(fetched.documents[0].header.deferral().owner(), "담당 부서");
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kDelivered);

  using Header = holder::v1::DocumentHeader;
  const std::vector<std::function<void(Header&)>> wrong = {
      [](Header& header) { header.set_nonce(std::string(32, 'n')); },
      [](Header& header) { header.set_context("another"); },
      [](Header& header) { header.set_subject_binding(std::string(32, 'x')); },
      [](Header& header) { header.clear_deferral(); },
      [](Header& header) { header.set_status(holder::v1::ANSWER_STATUS_NO_RECORD); },
  };
  for (const auto& change : wrong) {
    broker_.papers[0].header = change;
    EXPECT_EQ(Fetch().documents[0].result, DocumentResult::kMismatch);
  }
}

TEST_F(ClientTest, PassesOnWhatTheBrokerDidNotPermit) {
  broker_.steps = [](FakeBroker::Steps& steps) {
    // The broker may know of a refused paper no more than its number.
    v1::FetchStarted& started = *steps.front().mutable_started();
    started.mutable_papers(1)->mutable_paper()->clear_kind();
    started.mutable_papers(1)->clear_release_id();
    FakeBroker::Steps kept;
    for (const auto& step : steps) {
      const bool about_two = step.header().paper_id() == 2 || step.chunk().paper_id() == 2 ||
                             step.receipt().paper_id() == 2;
      if (!about_two) kept.push_back(step);
    }
    for (auto& step : kept) {
      if (step.outcome().paper_id() != 2) continue;
      step.mutable_outcome()->set_outcome(v1::OUTCOME_NOT_PERMITTED);
      step.mutable_outcome()->mutable_refusal()->set_reason(v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
    }
    kept.back().mutable_summary()->set_sent(1);
    kept.back().mutable_summary()->set_not_permitted(1);
    steps = kept;
  };
  const FetchedCase fetched = Fetch();
  ABSL_EXPECT_OK(fetched.stream);
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kDelivered);
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kNotPermitted);
  EXPECT_EQ(fetched.documents[1].refusal.reason(), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
}

TEST_F(ClientTest, PassesOnARefusalOfTheWhole) {
  broker_.steps = [](FakeBroker::Steps& steps) {
    steps.resize(1);
    steps[0].mutable_refusal()->set_reason(v1::REFUSAL_REASON_CONSENT_PENDING);
  };
  const FetchedCase fetched = Fetch();
  ABSL_EXPECT_OK(fetched.stream);
  ASSERT_TRUE(fetched.refusal.has_value());
  EXPECT_EQ(fetched.refusal->reason(), v1::REFUSAL_REASON_CONSENT_PENDING);
  EXPECT_TRUE(fetched.documents.empty());
}

TEST_F(ClientTest, P7_TriesAgainWithTheSameRequestWhileNothingCame) {
  broker_.unavailable = 2;
  const FetchedCase fetched = Fetch();
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kDelivered);
  ASSERT_EQ(broker_.requests().size(), 3u);
  EXPECT_EQ(timer_.waits, 2);
  for (const auto& request : broker_.requests()) {
    EXPECT_EQ(request.SerializeAsString(), broker_.requests()[0].SerializeAsString());
  }
}

TEST_F(ClientTest, GivesUpOnABrokerThatStaysAway) {
  broker_.unavailable = 100;
  EXPECT_THAT(client_->FetchCase(Options()), StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(broker_.requests().size(), static_cast<size_t>(Retry::kAttempts));
}

TEST_F(ClientTest, KeepsWhatWasWholeWhenTheStreamBreaks) {
  broker_.break_after = 9;  // Paper 2 is whole by then, paper 1 is not.
  const FetchedCase fetched = Fetch();
  EXPECT_THAT(fetched.stream, StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(broker_.requests().size(), 1u) << "a call that had begun was made again";
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kInterrupted);
  EXPECT_EQ(fetched.documents[0].file, nullptr);
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kDelivered);
}

TEST_F(ClientTest, GivesTheOutcomesOfARepeatWithoutBodies) {
  broker_.repeated = true;
  const FetchedCase fetched = Fetch();
  ABSL_EXPECT_OK(fetched.stream);
  EXPECT_TRUE(fetched.repeated);
  for (const FetchedDocument& document : fetched.documents) {
    EXPECT_EQ(document.result, DocumentResult::kRepeated) << document.what;
    EXPECT_EQ(document.outcome, v1::OUTCOME_SENT);
    EXPECT_TRUE(document.receipt.has_value());
    EXPECT_EQ(document.file, nullptr);
  }
}

TEST_F(ClientTest, HoldsNoMoreThanItMay) {
  FetchOptions options = Options();
  options.max_total_bytes = 1000;
  const FetchedCase fetched = Fetch(options);
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kTooLarge);
  EXPECT_EQ(fetched.documents[0].file, nullptr);
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kDelivered);
}

TEST_F(ClientTest, SaysWhenItsDiskFails) {
  config::v1::ClientConfig config = broker_.Config();
  config.set_temporary_directory("/nowhere/at/all");
  Connect(config);
  const FetchedCase fetched = Fetch();
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kInterrupted);
  EXPECT_THAT(fetched.documents[0].what, HasSubstr("/nowhere/at/all"));
}

TEST_F(ClientTest, CallsNobodyButTheBrokerItWasTold) {
  config::v1::ClientConfig config = broker_.Config();
  config.set_broker_identity("urn:naru:1741999:other");
  Connect(config);
  EXPECT_THAT(client_->FetchCase(Options()), StatusIs(StatusCode::kUnavailable));
  EXPECT_TRUE(broker_.requests().empty());
}

TEST_F(ClientTest, RefusesOptionsThatNoCallCanBeMadeOf) {
  FetchOptions options = Options();
  options.consent_id = "no id";
  EXPECT_THAT(client_->FetchCase(options), StatusIs(StatusCode::kInvalidArgument));
  options = Options();
  options.person.clear_number();
  EXPECT_THAT(client_->FetchCase(options), StatusIs(StatusCode::kInvalidArgument));
  options = Options();
  options.nonce = "short";
  EXPECT_THAT(client_->FetchCase(options), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_TRUE(broker_.requests().empty());
}

TEST_F(ClientTest, SaysWhatIsWrongWithItsConfiguration) {
  const NaruClient::Environment environment = {&clock_, Random::System(), &timer_};
  config::v1::ClientConfig config = broker_.Config();
  config.set_identity("B553077");
  EXPECT_THAT(NaruClient::Create(config, environment),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("identity")));
  config = broker_.Config();
  config.set_ledger_verifier_keys(0, "no key");
  EXPECT_THAT(NaruClient::Create(config, environment),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("ledger_verifier_keys")));
  config = broker_.Config();
  config.set_catalogue_file(directory_ + "/none");
  EXPECT_THAT(NaruClient::Create(config, environment),
              StatusIs(StatusCode::kNotFound, HasSubstr("catalogue_file")));
  config = broker_.Config();
  config.clear_ledger_verifier_keys();
  Connect(config);
  EXPECT_THAT(client_->FetchCase(Options()),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("ledger_verifier_keys")));
}

TEST_F(ClientTest, KeepsTheCheckpointAcrossItsOwnRestart) {
  config::v1::ClientConfig config = broker_.Config();
  config.set_checkpoint_file(directory_ + "/checkpoint");
  Connect(config);
  Fetch();
  Connect(config);
  Fetch();
  EXPECT_EQ(broker_.requests()[0].known_tree_size(), 0u);
  EXPECT_EQ(broker_.requests()[1].known_tree_size(), 2u);
}

}  // namespace
}  // namespace naru::client
