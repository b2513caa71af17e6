// P3: the right paper for the right person. Many fetches at once, of many persons, by an agency's
// client library, through a holder that mixes persons up in every way it can, and through a broker
// whose own streams are crossed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "adapters/client/naru_client.h"
#include "broker/base/clock.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "broker/base/thread_pool.h"
#include "broker/base/thread_timer.h"
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

// Mixes up one request in a hundred in each of these ways: a whole answer about somebody else; the
// right header over somebody else's body, once with the digests of the right one and once with
// those of the wrong one signed; two bodies swapped after both headers were signed. Thread-safe.
class MixUps {
 public:
  Fault FaultFor(const holder::v1::DocumentRequest& request) {
    absl::MutexLock lock(&mu_);
    Fault fault = WayOf(requests_++ % 100);
    // Swapped with a body of the same person it would be right.
    if (fault == Fault::kSwappedBody &&
        std::exchange(last_swapped_, request.subject().number()) == request.subject().number()) {
      fault = Fault::kOtherPersonsBody;
    }
    if (fault != Fault::kNone) ByWhom(fault).insert(request.release_id());
    return fault;
  }
  // The mixed-up ones that the broker sees by itself.
  std::set<std::string> for_broker() const {
    absl::MutexLock lock(&mu_);
    return for_broker_;
  }
  // Those that only a reader of the body sees.
  std::set<std::string> for_library() const {
    absl::MutexLock lock(&mu_);
    return for_library_;
  }

 private:
  static Fault WayOf(int64_t number) {
    switch (number) {
      case 17:
        return Fault::kOtherPersonsAnswer;
      case 33:
        return Fault::kOtherPersonsBody;
      case 50:
        return Fault::kOtherPersonsBodySigned;
      case 83:
        return Fault::kSwappedBody;
      default:
        return Fault::kNone;
    }
  }
  std::set<std::string>& ByWhom(Fault fault) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return fault == Fault::kOtherPersonsBodySigned ? for_library_ : for_broker_;
  }

  mutable absl::Mutex mu_;
  int64_t requests_ ABSL_GUARDED_BY(mu_) = 0;
  std::string last_swapped_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> for_broker_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> for_library_ ABSL_GUARDED_BY(mu_);
};
constexpr int kWays = 4;

TestSite::Options SmallBodies() {
  TestSite::Options options;
  options.body_bytes = 3'000;
  options.limits.set_max_fetches(2 * kInFlight);
  options.limits.set_max_fetches_per_requester(2 * kInFlight);
  options.limits.set_max_documents_per_holder(2 * kInFlight);
  return options;
}

// An agency's client library, as its systems use it.
class Library {
 public:
  explicit Library(TestBroker& broker)
      : client_(client::NaruClient::Create(
                    broker.site().ClientConfigOf(kSystemParty, broker.server().grpc_address()),
                    {Clock::Real(), Random::System(), &timer_})
                    .value()) {}

  // One fetch of the paper 1, about the person.
  client::FetchedCase Fetch(const v1::Consent& consent, int person) const {
    client::FetchOptions options;
    options.consent_id = consent.consent_id();
    options.person = PersonOf(person);
    options.papers = {PaperOf(1, kAbstract)};
    absl::StatusOr<client::FetchedCase> fetched = client_->FetchCase(options);
    EXPECT_THAT(fetched, IsOk());
    return fetched.ok() ? *std::move(fetched) : client::FetchedCase();
  }

 private:
  ThreadPool waits_{"library", 1};
  ThreadTimer timer_{&waits_};
  const std::unique_ptr<client::NaruClient> client_;
};

// Keeps kInFlight fetches under way until all were made, each about one of kInFlight persons, each
// judged by what the library makes of it.
class Storm {
 public:
  Storm(TestBroker* broker, std::vector<v1::Consent> consents, int fetches)
      : broker_(broker), library_(*broker), consents_(std::move(consents)), fetches_(fetches) {}

  void Run() {
    std::vector<std::thread> agencies;
    for (int person = 0; person < kInFlight; ++person) {
      agencies.emplace_back([this, person] {
        // One fetch about the person; only then the next about the same.
        while (begun_.fetch_add(1) < fetches_) {
          Judge(person, library_.Fetch(consents_[person], person));
        }
      });
    }
    for (std::thread& agency : agencies) agency.join();
  }

  int delivered() const { return delivered_; }
  // Papers that the broker ended FAILED, SUBJECT_MISMATCH, by release.
  std::set<std::string> by_broker() {
    absl::MutexLock lock(&mu_);
    return by_broker_;
  }
  // Papers that only the library found to be about somebody else.
  std::set<std::string> by_library() {
    absl::MutexLock lock(&mu_);
    return by_library_;
  }
  // Whatever was neither right nor refused as a mismatch.
  std::vector<std::string> wrong() {
    absl::MutexLock lock(&mu_);
    return wrong_;
  }

 private:
  void Judge(int person, const client::FetchedCase& fetched) {
    if (!fetched.stream.ok() || fetched.documents.size() != 1) {
      return Wrong(absl::StrCat("no whole answer: ", fetched.stream.ToString()));
    }
    const client::FetchedDocument& document = fetched.documents[0];
    if (document.result == client::DocumentResult::kDelivered) {
      const auto body = document.file->ReadAll(1'000'000);
      if (!body.ok() || *body != broker_->site().holder().BodyOf(kAbstract, PersonOf(person))) {
        return Wrong("a wrong paper was handed over");
      }
      ++delivered_;
      return;
    }
    if (document.file != nullptr || document.receipt.has_value()) {
      return Wrong("something of a mixed-up answer was handed over");
    }
    absl::MutexLock lock(&mu_);
    if (document.result == client::DocumentResult::kFailed &&
        document.refusal.reason() == v1::REFUSAL_REASON_SUBJECT_MISMATCH) {
      by_broker_.insert(document.release_id);
    } else if (document.result == client::DocumentResult::kMismatch &&
               document.mismatch == v1::REFUSAL_REASON_SUBJECT_MISMATCH) {
      by_library_.insert(document.release_id);
    } else {
      wrong_.push_back(absl::StrCat(client::ResultName(document.result), ": ", document.what,
                                    v1::RefusalReason_Name(document.refusal.reason())));
    }
  }

  void Wrong(std::string what) {
    absl::MutexLock lock(&mu_);
    if (wrong_.size() < 20) wrong_.push_back(std::move(what));
  }

  TestBroker* const broker_;
  const Library library_;
  const std::vector<v1::Consent> consents_;
  const int fetches_;
  std::atomic<int> begun_{0};
  std::atomic<int> delivered_{0};
  absl::Mutex mu_;
  std::set<std::string> by_broker_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> by_library_ ABSL_GUARDED_BY(mu_);
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
  const size_t each = static_cast<size_t>(Fetches() / 100);
  EXPECT_EQ(mix_ups.for_library().size(), each);
  EXPECT_EQ(mix_ups.for_broker().size(), (kWays - 1) * each);
  EXPECT_EQ(storm.delivered() + kWays * each, static_cast<size_t>(Fetches()));
  EXPECT_TRUE(storm.by_broker() == mix_ups.for_broker());
  EXPECT_TRUE(storm.by_library() == mix_ups.for_library());

  // What the broker saw is in the ledger as quarantined, and nothing else is. What only the library
  // saw is there as released, under the digest that its holder signed, and as mismatched, as the
  // library acknowledged it.
  std::set<std::string> quarantined;
  std::set<std::string> mismatched;
  std::set<std::string> released;
  for (int i = 0; i < kInFlight; ++i) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto history, broker.clients().HistoryOf(PersonOf(i)));
    for (const v1::HistoryEntry& entry : history) {
      if (entry.entry().kind() == v1::ENTRY_KIND_DOCUMENT_RELEASED) {
        released.insert(entry.entry().release_id());
      }
      if (entry.entry().kind() == v1::ENTRY_KIND_DOCUMENT_MISMATCHED) {
        EXPECT_EQ(entry.entry().refusal_reason(), v1::REFUSAL_REASON_SUBJECT_MISMATCH);
        mismatched.insert(entry.entry().release_id());
      }
      if (entry.entry().kind() != v1::ENTRY_KIND_QUARANTINED) continue;
      EXPECT_EQ(entry.entry().refusal_reason(), v1::REFUSAL_REASON_SUBJECT_MISMATCH);
      EXPECT_EQ(entry.entry().header_sha256().size(), crypto::kHashBytes);
      quarantined.insert(entry.entry().release_id());
    }
  }
  EXPECT_TRUE(quarantined == mix_ups.for_broker());
  for (const std::string& release : mix_ups.for_library()) EXPECT_EQ(released.count(release), 1u);
  EXPECT_TRUE(mismatched == mix_ups.for_library());
}

// Nobody but the holder knows what is on file, and the broker reads no body: one that signs
// somebody else's body for the asked person is believed by it. The library reads what the body says
// of itself; and the holder cannot deny it, for its signature and the ledger's entry are over these
// very bytes.
TEST(ReleaseP3Test, P3_AnotherPersonsBodyIsNoticedThoughItsHolderSignedIt) {
  TestBroker broker("signed");
  TestClients& clients = broker.clients();
  const std::vector<v1::Consent> consents = ConsentsOf(clients, 1);
  broker.site().holder().Misbehave(Fault::kOtherPersonsBodySigned);
  const client::FetchedCase fetched = Library(broker).Fetch(consents[0], 0);
  ABSL_EXPECT_OK(fetched.stream);
  ASSERT_EQ(fetched.documents.size(), 1u);
  EXPECT_EQ(fetched.documents[0].result, client::DocumentResult::kMismatch);
  EXPECT_EQ(fetched.documents[0].mismatch, v1::REFUSAL_REASON_SUBJECT_MISMATCH);
  EXPECT_EQ(fetched.documents[0].outcome, v1::OUTCOME_SENT) << "as the broker believes";
  EXPECT_EQ(fetched.documents[0].file, nullptr);
  ABSL_EXPECT_OK(fetched.acknowledged);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto history, clients.HistoryOf(PersonOf(0)));
  const auto told = std::find_if(history.begin(), history.end(), [](const v1::HistoryEntry& entry) {
    return entry.entry().kind() == v1::ENTRY_KIND_DOCUMENT_MISMATCHED;
  });
  ASSERT_NE(told, history.end()) << "the person sees what was nearly used";
  EXPECT_EQ(told->entry().release_id(), fetched.documents[0].release_id);
  EXPECT_EQ(told->entry().refusal_reason(), v1::REFUSAL_REASON_SUBJECT_MISMATCH);

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
