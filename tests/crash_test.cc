// P4: what was acknowledged survives kill -9, again and again, under load: the program itself, on
// RocksDB, over mutual TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/file.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/checkpoint.h"
#include "broker/proof/merkle.h"
#include "tests/support/broker_process.h"
#include "tests/support/fetching.h"
#include "tests/support/test_clients.h"
#include "tests/support/test_site.h"

namespace naru {
namespace {

constexpr int kWorkers = 6;

int Rounds() { return std::getenv("NARU_FULL") != nullptr ? 1'000 : 100; }

// What a worker was told, and must find again.
struct Acknowledged {
  v1::Subject person;
  v1::OpenConsentRequest open;
  v1::OpenedConsent opened;
  v1::ConsentState state = v1::CONSENT_STATE_PENDING;
  uint64_t decided_index = 0;  // 0 while nothing but the opening was acknowledged.
  std::vector<v1::DocumentReceipt> receipts;
  // A decision is under way: it may have been made or not.
  bool undecided = false;
};

// Everything acknowledged, by consent. Thread-safe.
class Memory {
 public:
  void Keep(const Acknowledged& one) {
    absl::MutexLock lock(&mu_);
    kept_[one.opened.consent().consent_id()] = one;
    ++acknowledgements_;
    // The kill waits for a number, not for a time.
    changed_.SignalAll();
  }
  void AwaitAcknowledgements(int64_t count) {
    absl::MutexLock lock(&mu_);
    while (acknowledgements_ < count) {
      ASSERT_FALSE(changed_.WaitWithTimeout(&mu_, kTestDeadline)) << "nothing is acknowledged";
    }
  }
  int64_t acknowledgements() {
    absl::MutexLock lock(&mu_);
    return acknowledgements_;
  }
  std::map<std::string, Acknowledged> kept() {
    absl::MutexLock lock(&mu_);
    return kept_;
  }

 private:
  absl::Mutex mu_;
  absl::CondVar changed_;
  int64_t acknowledgements_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, Acknowledged> kept_ ABSL_GUARDED_BY(mu_);
};

// Opens, decides, fetches and withdraws until the broker is gone.
void Load(TestClients& clients, const v1::Subject& person, Memory& memory,
          const std::atomic<bool>& killed) {
  while (!killed) {
    Acknowledged one;
    one.person = person;
    one.open = clients.OpenRequest(person, {PaperOf(1, kAbstract)});
    const auto opened = clients.Open(one.open);
    if (!opened.ok()) return;
    one.opened = *opened;
    one.undecided = true;
    memory.Keep(one);
    const auto decided = clients.As(kCitizenParty)
                             .Call(&v1::ConsentService::Stub::DecideConsent,
                                   clients.AgreeRequest(opened->consent(), person));
    if (!decided.ok()) return;
    one.state = decided->decided().consent().state();
    one.decided_index = decided->decided().ledger_index();
    one.undecided = false;
    memory.Keep(one);
    const FetchResult fetched = Fetch(clients.As(kSystemParty),
                                      clients.FetchRequest(opened->consent().consent_id(), person));
    if (!fetched.status.ok()) return;
    const auto paper = fetched.papers.find(1);
    if (paper != fetched.papers.end() && paper->second.receipt.has_value()) {
      one.receipts.push_back(*paper->second.receipt);
    }
    one.undecided = true;
    memory.Keep(one);
    const auto withdrawn = clients.Withdraw(decided->decided().consent(), person);
    if (!withdrawn.ok()) return;
    one.state = v1::CONSENT_STATE_WITHDRAWN;
    one.decided_index = withdrawn->ledger_index();
    one.undecided = false;
    memory.Keep(one);
  }
}

class CrashTest : public testing::Test {
 protected:
  CrashTest() : site_(Options()) {
    process_options_.config_file = site_.config_file();
    process_options_.stderr_file = site_.PathOf("broker.log");
  }

  static TestSite::Options Options() {
    TestSite::Options options;
    options.directory = TestDirectory("crash");
    options.body_bytes = 2'000;
    return options;
  }

  void Start() {
    ABSL_ASSERT_OK_AND_ASSIGN(broker_, BrokerProcess::Start(process_options_));
    clients_ = std::make_unique<TestClients>(&site_, broker_->grpc_address());
  }

  // Load until so many were acknowledged, then kill -9 in the middle of it.
  void RunAndKill(int round, int acknowledgements) {
    std::atomic<bool> killed{false};
    const int64_t before = memory_.acknowledgements();
    std::vector<std::thread> workers;
    for (int i = 0; i < kWorkers; ++i) {
      workers.emplace_back(
          [&, i] { Load(*clients_, PersonOf(round * kWorkers + i), memory_, killed); });
    }
    memory_.AwaitAcknowledgements(before + acknowledgements);
    killed = true;
    broker_->Kill();
    for (std::thread& worker : workers) worker.join();
  }

  // The newest tree, which extends the last one seen.
  void CheckLedger() {
    TestPeer& peer = clients_->As(kSystemParty);
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::GetCheckpointResponse note,
                              peer.Call(&v1::LedgerService::Stub::GetCheckpoint, {}));
    ABSL_ASSERT_OK_AND_ASSIGN(const Checkpoint tree, site_.verifier().Verify(note.checkpoint()));
    if (tree_.size > 0) {
      v1::GetConsistencyProofRequest request;
      request.set_first_size(tree_.size);
      request.set_second_size(tree.size);
      ABSL_ASSERT_OK_AND_ASSIGN(const v1::GetConsistencyProofResponse proof,
                                peer.Call(&v1::LedgerService::Stub::GetConsistencyProof, request));
      ABSL_ASSERT_OK(merkle::VerifyConsistency(tree_.size, tree_.root, tree.size, tree.root,
                                               {proof.path().begin(), proof.path().end()}));
    }
    tree_ = tree;
  }

  void CheckOne(const Acknowledged& one) {
    const std::string& id = one.opened.consent().consent_id();
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent, clients_->Get(id));
    if (one.undecided) {
      // The step under way was made or was not; the one before it stands.
      EXPECT_THAT(consent.state(), testing::AnyOf(one.state, one.state == v1::CONSENT_STATE_PENDING
                                                                 ? v1::CONSENT_STATE_GRANTED
                                                                 : v1::CONSENT_STATE_WITHDRAWN));
    } else {
      EXPECT_EQ(consent.state(), one.state);
    }
    EXPECT_LT(one.decided_index, tree_.size);
    for (const v1::DocumentReceipt& receipt : one.receipts) {
      v1::Receipt opened;
      ASSERT_TRUE(opened.ParseFromString(receipt.receipt()));
      v1::GetInclusionProofRequest request;
      request.set_index(opened.proof().index());
      request.set_tree_size(tree_.size);
      ABSL_ASSERT_OK_AND_ASSIGN(
          const v1::GetInclusionProofResponse proof,
          clients_->As(kSystemParty).Call(&v1::LedgerService::Stub::GetInclusionProof, request));
      // The same entry is in the tree of today.
      const v1::LedgerProof& then = opened.proof();
      const std::string leaf =
          merkle::LeafHash(merkle::LeafData(then.outer_salt(), then.inner_hash(), then.outer()));
      ABSL_EXPECT_OK(merkle::VerifyInclusion(
          leaf, then.index(), tree_.size, {proof.path().begin(), proof.path().end()}, tree_.root));
    }
  }

  // A repeat of what was acknowledged gets the same answer (P7).
  void CheckRepeat(const Acknowledged& one) {
    ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent again, clients_->Open(one.open));
    EXPECT_EQ(again.consent().consent_id(), one.opened.consent().consent_id());
    EXPECT_EQ(again.ledger_index(), one.opened.ledger_index());
  }

  void CheckHistory(const v1::Subject& person) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto history, clients_->HistoryOf(person));
    std::set<uint64_t> numbers;
    for (const v1::HistoryEntry& entry : history) {
      if (entry.person_number() != 0) numbers.insert(entry.person_number());
    }
    if (numbers.empty()) return;
    EXPECT_EQ(*numbers.rbegin(), numbers.size()) << "a gap in the person's numbers";
  }

  TestSite site_;
  BrokerProcess::Options process_options_;
  std::unique_ptr<BrokerProcess> broker_;
  std::unique_ptr<TestClients> clients_;
  Memory memory_;
  Checkpoint tree_;
};

TEST_F(CrashTest, P4_WhatWasAcknowledgedSurvivesKillNine) {
  std::set<std::string> checked;
  ASSERT_NO_FATAL_FAILURE(Start());
  for (int round = 0; round < Rounds(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RunAndKill(round, 5 + static_cast<int>(Random::System()->Below(40)));
    ASSERT_NO_FATAL_FAILURE(Start());
    ASSERT_NO_FATAL_FAILURE(CheckLedger());
    // What this round added; all of it once more at the end.
    bool repeated = false;
    for (const auto& [id, one] : memory_.kept()) {
      if (!checked.insert(id).second) continue;
      ASSERT_NO_FATAL_FAILURE(CheckOne(one));
      if (!std::exchange(repeated, true)) {
        ASSERT_NO_FATAL_FAILURE(CheckRepeat(one));
        ASSERT_NO_FATAL_FAILURE(CheckHistory(one.person));
      }
    }
    ASSERT_FALSE(HasFailure());
  }
  ASSERT_NO_FATAL_FAILURE(CheckLedger());
  for (const auto& [id, one] : memory_.kept()) ASSERT_NO_FATAL_FAILURE(CheckOne(one));
  EXPECT_GE(memory_.acknowledgements(), 5 * Rounds());
}

// --- HEAD is lost ---

// The ledger's size and root, as a line of the program says them; empty when it does not.
std::string LedgerOf(const std::string& output) {
  const size_t begin = output.find("ledger of ");
  if (begin == std::string::npos) return "";
  return output.substr(begin, output.find_first_of("(\n", begin) - begin);
}

TEST(LostHeadTest, P4_ALostHeadIsAdoptedOnPurposeAlone) {
  TestSite::Options site_options;
  site_options.directory = TestDirectory("lost_head");
  TestSite site(site_options);
  BrokerProcess::Options serve;
  serve.config_file = site.config_file();
  serve.stderr_file = site.PathOf("broker.log");
  BrokerProcess::Options adopt = serve;
  adopt.arguments = {"--adopt-without-head"};
  const auto last_error = [&] {
    const absl::StatusOr<std::string> all = ReadFile(serve.stderr_file, 1 << 20);
    return all.value_or("").substr(all.value_or("").rfind("naru-broker: "));
  };
  const std::string head = site.config().head_directory() + "/HEAD";

  EXPECT_THAT(BrokerProcess::Start(adopt), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(last_error(), testing::HasSubstr("there is no store"));
  EXPECT_FALSE(std::filesystem::exists(head));

  std::string ledger;
  {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto broker, BrokerProcess::Start(serve));
    TestClients clients(&site, broker->grpc_address());
    ABSL_ASSERT_OK(clients.Granted(PersonOf(0), {PaperOf(1, kAbstract)}));
  }
  {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto broker, BrokerProcess::Start(serve));
    ledger = LedgerOf(broker->output());
    ASSERT_NE(ledger, "");
  }
  EXPECT_THAT(BrokerProcess::Start(adopt), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(last_error(), testing::HasSubstr("nothing to adopt")) << "HEAD is there";

  ASSERT_TRUE(std::filesystem::remove(head));
  EXPECT_THAT(BrokerProcess::Start(serve), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(last_error(), testing::HasSubstr("--adopt-without-head"));
  EXPECT_FALSE(std::filesystem::exists(head)) << "serving adopts nothing";

  // It says what it adopts, and ends.
  const auto adopted = BrokerProcess::Start(adopt);
  EXPECT_THAT(adopted, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(LedgerOf(std::string(adopted.status().message())), ledger);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto broker, BrokerProcess::Start(serve));
  EXPECT_EQ(LedgerOf(broker->output()), ledger);
}

}  // namespace
}  // namespace naru
