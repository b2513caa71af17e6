// Goal: another configuration, key or certificate never costs a document. Method: a whole holder
// over gRPC that is asked all the time while its files are exchanged.

#include "adapters/holder/reload.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/holder/holder_harness.h"
#include "adapters/holder/json_document.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using holder::v1::DocumentAnswer;
using holder::v1::DocumentRequest;

constexpr int kThreads = 4;
constexpr int kReloads = 20;

class ReloadTest : public testing::Test {
 protected:
  ReloadTest() : stub_(harness_.Connect(kBrokerIdentity)) {}

  std::string ConfigWithKey(const std::string& key_id) const {
    return absl::StrReplaceAll(harness_.config(), {{"\"1210000-1\"", "\"" + key_id + "\""}});
  }

  // Key and configuration that name it, as an operator would lay them down: the key first.
  void LayDown(const std::string& key_id) {
    harness_.WriteKey(key_id);
    harness_.WriteConfig(ConfigWithKey(key_id));
  }

  // One whole document; the id of the key that signed it.
  std::string Fetch(holder::v1::HolderService::Stub& stub, const DocumentRequest& request) {
    BrokerCall call(stub, request);
    const DocumentAnswer answer = call.ReadAnswer();
    EXPECT_NE(answer.header(), "");
    call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size()));
    EXPECT_NE(call.ReadBody(), "");
    const grpc::Status status = call.Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer.signature().key_id();
  }

  HolderHarness harness_;
  std::unique_ptr<holder::v1::HolderService::Stub> stub_;
};

TEST_F(ReloadTest, NoDocumentIsLostWhileKeysChange) {
  std::vector<std::vector<DocumentRequest>> requests(kThreads);
  for (auto& own : requests) {
    for (int i = 0; i < 16; ++i) own.push_back(harness_.Ask("TAX_PAPER", i));
  }
  std::atomic<bool> done{false};
  std::atomic<int> fetched{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; !done; ++i) {
        Fetch(*stub_, requests[t][i % requests[t].size()]);
        ++fetched;
      }
    });
  }
  for (int i = 0; i < kReloads; ++i) {
    LayDown(absl::StrCat("1210000-", i + 2));
    ABSL_EXPECT_OK(harness_.reload().Now());
    const int before = fetched;
    while (fetched < before + kThreads) std::this_thread::yield();
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(harness_.Metric("naru_holder_bodies_total"), fetched);
  EXPECT_EQ(harness_.Metric("naru_holder_failures_total"), 0);
  EXPECT_EQ(harness_.Metric("naru_holder_abandoned_total"), 0);
  EXPECT_EQ(harness_.Metric("naru_holder_reloads_total"), kReloads);
  const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  EXPECT_EQ(answer.signature().key_id(), absl::StrCat("1210000-", kReloads + 1));
  EXPECT_EQ(harness_.Check(request, answer).refused, v1::REFUSAL_REASON_UNSPECIFIED);
}

TEST_F(ReloadTest, ADocumentUnderWayEndsAsItBegan) {
  const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  EXPECT_EQ(answer.signature().key_id(), "1210000-1");
  LayDown("1210000-2");
  ABSL_ASSERT_OK(harness_.reload().Now());
  EXPECT_EQ(Fetch(*stub_, harness_.Ask("TAX_PAPER", 3)), "1210000-2");
  const CheckedHeader checked = harness_.Check(request, answer);
  ASSERT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
  call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size()));
  BodyChecker checker(checked.header);
  call.ReadBody(&checker);
  EXPECT_TRUE(checker.complete());
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(ReloadTest, WhatIsNoGoodIsRefusedByItsLineAndChangesNothing) {
  const struct {
    std::string from;
    std::string to;
    std::string says;
  } kCases[] = {
      {"agency_name: \"국세청\"", "agency_name: \"국세청", "holder.textproto:"},
      {"column: \"capital\"", "column: \"no_such\"", "fields[1].column"},
      {"title: \"사업자등록증명\"", "", "documents[0].title"},
      {"agency: \"1210000\"", "agency: \"1741000\"", "agency: cannot change"},
      {"listen_address: \"127.0.0.1:0\"", "listen_address: \"127.0.0.1:1\"",
       "holder.textproto:1: listen_address: cannot change"},
      {"broker_identity: \"urn:naru:1741999:broker\"",
       "broker_identity: \"urn:naru:1741998:broker\"", "broker_identity: cannot change"},
      {"signing.pem", "no_such.pem", "no_such.pem"},
  };
  double refused = 0;
  for (const auto& [from, to, says] : kCases) {
    const std::string text = absl::StrReplaceAll(harness_.config(), {{from, to}});
    ASSERT_NE(text, harness_.config()) << from;
    harness_.WriteConfig(text);
    EXPECT_THAT(std::string(harness_.reload().Now().message()), testing::HasSubstr(says));
    EXPECT_EQ(Fetch(*stub_, harness_.Ask("TAX_PAPER", 3)), "1210000-1");
    EXPECT_EQ(harness_.Metric("naru_holder_reloads_total"), ++refused);
  }
  harness_.WriteConfig(harness_.config());
  ABSL_EXPECT_OK(harness_.reload().Now());
}

TEST_F(ReloadTest, AChangedFileIsNoticedAndTakenOnce) {
  harness_.reload().Watch();
  harness_.timer.Advance(limits::kHolderReload);
  EXPECT_EQ(harness_.Metric("naru_holder_reloads_total"), 0);
  // The configuration before its key: not until both are there.
  harness_.WriteConfig(
      absl::StrReplaceAll(ConfigWithKey("1210000-2"), {{"signing.pem", "later.pem"}}));
  for (int i = 0; i < 3; ++i) harness_.timer.Advance(limits::kHolderReload);
  EXPECT_EQ(harness_.Metric("naru_holder_reloads_total"), 1);
  EXPECT_EQ(Fetch(*stub_, harness_.Ask("TAX_PAPER", 3)), "1210000-1");
  LayDown("1210000-3");
  for (int i = 0; i < 3; ++i) harness_.timer.Advance(limits::kHolderReload);
  EXPECT_EQ(harness_.Metric("naru_holder_reloads_total"), 2);
  EXPECT_EQ(Fetch(*stub_, harness_.Ask("TAX_PAPER", 3)), "1210000-3");
  // The key alone.
  harness_.WriteKey("1210000-4");
  harness_.timer.Advance(limits::kHolderReload);
  EXPECT_EQ(harness_.Metric("naru_holder_reloads_total"), 3);
}

}  // namespace
}  // namespace naru
