// P3: the right paper for the right person. Many fetches at once, of many persons, through a holder
// that mixes persons up in every way it can, and through a broker whose own streams are crossed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "tests/support/crossed_streams.h"
#include "tests/support/fetching.h"
#include "tests/support/test_broker.h"

namespace naru {
namespace {

using Fault = FakeHolder::Fault;

constexpr char kRequester[] = "B553077";
constexpr int kInFlight = 256;
constexpr uint32_t kUses = 1000;

int Fetches() { return std::getenv("NARU_FULL") != nullptr ? 100'000 : 10'000; }

// Mixes up one request in a hundred in each of three ways: a whole answer about somebody else, an
// answer to another call, and a body swapped with that of another call behind the headers' backs.
// Thread-safe.
class MixUps {
 public:
  Fault FaultFor(const holder::v1::DocumentRequest& request) {
    absl::MutexLock lock(&mu_);
    const int64_t number = requests_++ % 100;
    if (number != 17 && number != 50 && number != 83) return Fault::kNone;
    releases_.insert(request.release_id());
    if (number == 17) return Fault::kOtherPersonsAnswer;
    // Swapped with a body of the same person it would be right.
    if (number == 50 || request.subject().number() == last_swapped_) return Fault::kOtherNonce;
    last_swapped_ = request.subject().number();
    return Fault::kSwappedBody;
  }
  // The mixed-up ones.
  std::set<std::string> releases() const {
    absl::MutexLock lock(&mu_);
    return releases_;
  }

 private:
  mutable absl::Mutex mu_;
  int64_t requests_ ABSL_GUARDED_BY(mu_) = 0;
  std::string last_swapped_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> releases_ ABSL_GUARDED_BY(mu_);
};

TestSite::Options SmallBodies() {
  TestSite::Options options;
  options.body_bytes = 3'000;
  options.limits.set_max_fetches(2 * kInFlight);
  options.limits.set_max_fetches_per_requester(2 * kInFlight);
  options.limits.set_max_documents_per_holder(2 * kInFlight);
  return options;
}

// Keeps kInFlight fetches under way until all were made, each about one of kInFlight persons.
class Storm {
 public:
  Storm(TestBroker* broker, std::vector<v1::Consent> consents, int fetches)
      : broker_(broker), consents_(std::move(consents)), fetches_(fetches) {}

  void Run() {
    for (int i = 0; i < kInFlight; ++i) Next(i);
    over_.WaitForNotification();
  }

  int sent() const { return sent_; }
  // Papers that ended FAILED, SUBJECT_MISMATCH, by release.
  std::map<std::string, size_t> mismatches() {
    absl::MutexLock lock(&mu_);
    return mismatches_;
  }
  // Whatever was neither right nor refused as a mismatch.
  std::vector<std::string> wrong() {
    absl::MutexLock lock(&mu_);
    return wrong_;
  }

 private:
  // One fetch about the person; only then the next about the same.
  void Next(int person) {
    if (begun_.fetch_add(1) >= fetches_) {
      if (idle_.fetch_add(1) + 1 == kInFlight) over_.Notify();
      return;
    }
    TestClients& clients = broker_->clients();
    auto request = std::make_shared<v1::FetchDocumentsRequest>(
        clients.FetchRequest(consents_[person].consent_id(), PersonOf(person)));
    StartFetch(clients.As(kSystemParty), *request, [this, person, request](FetchResult result) {
      Judge(*request, result);
      Next(person);
    });
  }

  void Judge(const v1::FetchDocumentsRequest& request, const FetchResult& result) {
    const auto paper = result.papers.find(1);
    if (!result.status.ok() || !result.disorder.empty() || paper == result.papers.end()) {
      return Wrong(absl::StrCat("no whole answer: ", result.status.ToString(), result.disorder));
    }
    if (result.OutcomeOf(1) == v1::OUTCOME_SENT) {
      const absl::Status right = CheckSent(broker_->site(), kRequester, request, paper->second);
      if (!right.ok()) return Wrong(absl::StrCat("a wrong paper was sent: ", right.message()));
      ++sent_;
      return;
    }
    if (result.ReasonOf(1) != v1::REFUSAL_REASON_SUBJECT_MISMATCH) {
      return Wrong(absl::StrCat("ended ", v1::RefusalReason_Name(result.ReasonOf(1))));
    }
    if (paper->second.receipt.has_value() || !paper->second.body.empty()) {
      return Wrong("something of a mixed-up answer was passed on");
    }
    absl::MutexLock lock(&mu_);
    ++mismatches_[paper->second.announced.release_id()];
  }

  void Wrong(std::string what) {
    absl::MutexLock lock(&mu_);
    if (wrong_.size() < 20) wrong_.push_back(std::move(what));
  }

  TestBroker* const broker_;
  const std::vector<v1::Consent> consents_;
  const int fetches_;
  std::atomic<int> begun_{0};
  std::atomic<int> idle_{0};
  std::atomic<int> sent_{0};
  absl::Notification over_;
  absl::Mutex mu_;
  std::map<std::string, size_t> mismatches_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> wrong_ ABSL_GUARDED_BY(mu_);
};

std::vector<v1::Consent> ConsentsOf(TestClients& clients, int persons) {
  std::vector<v1::Consent> consents;
  for (int i = 0; i < persons; ++i) {
    auto consent = clients.Granted(PersonOf(i), {PaperOf(1, kAbstract)}, kUses);
    EXPECT_THAT(consent, IsOk());
    consents.push_back(consent.ok() ? *consent : v1::Consent());
  }
  return consents;
}

TEST(ReleaseP3Test, P3_NoMixedUpPaperIsAcceptedAmongManyAtOnce) {
  TestBroker broker("p3", SmallBodies());
  const std::vector<v1::Consent> consents = ConsentsOf(broker.clients(), kInFlight);
  MixUps mix_ups;
  broker.site().holder().Misbehave(
      [&](const holder::v1::DocumentRequest& request) { return mix_ups.FaultFor(request); });

  Storm storm(&broker, consents, Fetches());
  storm.Run();
  EXPECT_THAT(storm.wrong(), testing::IsEmpty());
  const std::set<std::string> injected = mix_ups.releases();
  EXPECT_EQ(injected.size(), static_cast<size_t>(Fetches() / 100 * 3));
  EXPECT_EQ(storm.sent() + injected.size(), static_cast<size_t>(Fetches()));
  std::set<std::string> refused;
  for (const auto& [release, times] : storm.mismatches()) refused.insert(release);
  EXPECT_TRUE(refused == injected);

  // Each is in the ledger as quarantined, and nothing else is.
  std::set<std::string> quarantined;
  for (int i = 0; i < kInFlight; ++i) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto history, broker.clients().HistoryOf(PersonOf(i)));
    for (const v1::HistoryEntry& entry : history) {
      if (entry.entry().kind() != v1::ENTRY_KIND_QUARANTINED) continue;
      EXPECT_EQ(entry.entry().refusal_reason(), v1::REFUSAL_REASON_SUBJECT_MISMATCH);
      EXPECT_EQ(entry.entry().header_sha256().size(), crypto::kHashBytes);
      quarantined.insert(entry.entry().release_id());
    }
  }
  EXPECT_TRUE(quarantined == injected);
}

// The limit: nobody but the holder knows what is on file. One that signs somebody else's body for
// the asked person is believed, and cannot deny it: its signature and the ledger's entry are over
// these very bytes.
TEST(ReleaseP3Test, P3_AHolderIsHeldToTheBodyItSigned) {
  TestBroker broker("signed");
  TestClients& clients = broker.clients();
  const std::vector<v1::Consent> consents = ConsentsOf(clients, 1);
  broker.site().holder().Misbehave(Fault::kOtherPersonsBody);
  const FetchResult result =
      Fetch(clients.As(kSystemParty), clients.FetchRequest(consents[0].consent_id(), PersonOf(0)));
  ASSERT_EQ(result.OutcomeOf(1), v1::OUTCOME_SENT);
  const FetchedSteps& steps = result.papers.at(1);
  EXPECT_NE(steps.body, broker.site().holder().BodyOf(kAbstract, PersonOf(0)));
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OuterEntry entry, EntryOf(broker.site(), *steps.receipt));
  EXPECT_EQ(entry.document_sha256(), crypto::Sha256(steps.body));
  EXPECT_EQ(entry.header_sha256(), crypto::Sha256(steps.header->header()));
}

TEST(ReleaseP3Test, P3_CrossedStreamsWithinTheBrokerAreCaught) {
  CrossedStreams* crossed = nullptr;
  Server::Options server;
  server.wrap_holders = [&crossed](HolderStreams* holders) {
    auto streams = std::make_unique<CrossedStreams>(holders);
    crossed = streams.get();
    return streams;
  };
  TestBroker broker("crossed", {}, server);
  TestClients& clients = broker.clients();
  const std::vector<v1::Consent> consents = ConsentsOf(clients, 2);
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    crossed->CrossNextTwo();
    std::vector<v1::FetchDocumentsRequest> requests;
    std::vector<FetchResult> results(2);
    absl::Notification over[2];
    for (int i = 0; i < 2; ++i) {
      requests.push_back(clients.FetchRequest(consents[i].consent_id(), PersonOf(i)));
      StartFetch(clients.As(kSystemParty), requests[i], [&results, &over, i](FetchResult result) {
        results[i] = std::move(result);
        over[i].Notify();
      });
    }
    for (int i = 0; i < 2; ++i) {
      over[i].WaitForNotification();
      EXPECT_EQ(results[i].OutcomeOf(1), v1::OUTCOME_FAILED);
      EXPECT_EQ(results[i].ReasonOf(1), v1::REFUSAL_REASON_SUBJECT_MISMATCH);
      ASSERT_EQ(results[i].papers.count(1), 1u);
      EXPECT_EQ(results[i].papers.at(1).body, "");
      EXPECT_FALSE(results[i].papers.at(1).receipt.has_value());
    }
  }
  EXPECT_EQ(crossed->crossed(), 2 * kRounds);
  // Uncrossed they are right again.
  const v1::FetchDocumentsRequest request =
      clients.FetchRequest(consents[0].consent_id(), PersonOf(0));
  const FetchResult result = Fetch(clients.As(kSystemParty), request);
  ASSERT_EQ(result.OutcomeOf(1), v1::OUTCOME_SENT);
  ABSL_EXPECT_OK(CheckSent(broker.site(), kRequester, request, result.papers.at(1)));
}

}  // namespace
}  // namespace naru
