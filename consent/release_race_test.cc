// P2 under threads: what was withdrawn or suspended is not released any more. With NARU_FULL
// longer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "broker/base/status_matchers.h"
#include "broker/base/thread_pool.h"
#include "consent/release_harness.h"

namespace naru {
namespace {

int Rounds(int count) { return std::getenv("NARU_FULL") != nullptr ? count * 10 : count; }

class ReleaseRaceTest : public testing::Test {
 protected:
  // Releases papers 1 to 3 of several fetches from two threads while `other` runs on a third.
  // Gives how many were released and refused.
  std::pair<int, int> Race(const std::vector<AdmittedFetch>& fetches, int delay,
                           const std::function<void()>& other) {
    std::atomic<int> released{0};
    std::atomic<int> refused{0};
    std::atomic<int> started{0};
    absl::BlockingCounter answers(static_cast<int>(fetches.size()) * 3);
    const auto release = [&](size_t from) {
      for (size_t i = from; i < fetches.size() * 3; i += 2) {
        ++started;
        harness_.book().Release(fetches[i / 3], i % 3, std::string(32, 'h'), std::string(32, 'd'),
                                i % 5 == 4,
                                [&](const absl::StatusOr<ReleaseBook::Commitment>& commitment) {
                                  EXPECT_THAT(commitment, IsOk());
                                  if (commitment.ok()) {
                                    ++(commitment->released.has_value() ? released : refused);
                                  }
                                  answers.DecrementCount();
                                });
      }
    };
    std::thread first(release, 0);
    std::thread second(release, 1);
    while (started < delay) std::this_thread::yield();
    other();
    first.join();
    second.join();
    answers.Wait();
    return {released, refused};
  }

  ThreadPool executor_{"callbacks", 2};
  ReleaseHarness harness_{{}, &executor_};
};

TEST_F(ReleaseRaceTest, P2_WithdrawRacesRelease) {
  int released = 0;
  int refused = 0;
  for (int round = 0; round < Rounds(400); ++round) {
    const ConsentId consent = harness_.AddConsent();
    std::vector<AdmittedFetch> fetches;
    for (int i = 0; i < 3; ++i) fetches.push_back(harness_.MustAdmit(harness_.Request(consent)));
    const auto counts = Race(fetches, round % 10, [&] {
      ABSL_EXPECT_OK(harness_.journal().CommitAndWait(harness_.Withdrawal(consent)));
    });
    released += counts.first;
    refused += counts.second;
  }
  // Both sides won often, or the test shows nothing.
  EXPECT_GT(released, 100);
  EXPECT_GT(refused, 100);

  std::map<std::string, uint64_t> withdrawn;
  for (const auto& entry : harness_.Entries(v1::ENTRY_KIND_CONSENT_WITHDRAWN)) {
    withdrawn[entry.outer.consent_id()] = entry.inner.person_number();
  }
  int entered = 0;
  uint64_t last_number = 0;
  for (const auto& entry : harness_.Entries()) {
    if (!entry.inner.subject_id().empty()) {
      EXPECT_EQ(entry.inner.person_number(), ++last_number) << "there is one person";
    }
    if (entry.outer.kind() != v1::ENTRY_KIND_DOCUMENT_RELEASED &&
        entry.outer.kind() != v1::ENTRY_KIND_NO_RECORD_RELEASED) {
      continue;
    }
    ++entered;
    EXPECT_LT(entry.inner.person_number(), withdrawn.at(entry.outer.consent_id()));
  }
  EXPECT_EQ(entered, released);
}

TEST_F(ReleaseRaceTest, P2_UsesAreCountedOnceAFetchWhateverTheOrder) {
  for (int round = 0; round < Rounds(50); ++round) {
    ReleaseHarness::Grant grant;
    grant.uses = 2;
    const ConsentId consent = harness_.AddConsent(grant);
    std::vector<AdmittedFetch> fetches;
    for (int i = 0; i < 3; ++i) fetches.push_back(harness_.MustAdmit(harness_.Request(consent)));
    const auto [released, refused] = Race(fetches, 0, [] {});
    // Two of three fetches have a use each, and all three papers.
    EXPECT_EQ(released, 6);
    EXPECT_EQ(refused, 3);
    EXPECT_EQ(harness_.ConsentRow(consent).uses_left(), 0u);
    EXPECT_EQ(harness_.CheckRow(consent).state(), v1::CONSENT_STATE_EXHAUSTED);
  }
}

TEST_F(ReleaseRaceTest, P2_SuspensionOfTheApprovalRacesRelease) {
  const Caller approver = {ReleaseHarness::kOtherAgency, "approver", {config::v1::ROLE_APPROVER}};
  const auto lift = [&](const std::string& official) {
    v1::LiftApprovalRequest request;
    request.set_request_id(NewRequestId(harness_.clock().Now(), *harness_.context().random));
    request.set_approval_id("fund-main");
    request.set_official_id(official);
    return AwaitCall<v1::LiftApprovalResponse>(
        [&](auto done) { harness_.policy().LiftApproval(approver, request, std::move(done)); });
  };
  int released = 0;
  int refused = 0;
  const ConsentId consent = harness_.AddConsent({ReleaseHarness::Person(), 1'000'000});
  for (int round = 0; round < Rounds(100); ++round) {
    std::vector<AdmittedFetch> fetches;
    for (int i = 0; i < 3; ++i) fetches.push_back(harness_.MustAdmit(harness_.Request(consent)));
    v1::SuspendApprovalRequest suspend;
    suspend.set_request_id(NewRequestId(harness_.clock().Now(), *harness_.context().random));
    suspend.set_approval_id("fund-main");
    suspend.set_official_id("approver-1");
    suspend.set_ground("전자정부법 41조");
    const auto counts = Race(fetches, round % 10, [&] {
      ABSL_ASSERT_OK_AND_ASSIGN(
          const auto response, AwaitCall<v1::SuspendApprovalResponse>([&](auto done) {
            harness_.policy().SuspendApproval(approver, suspend, std::move(done));
          }));
      EXPECT_TRUE(response.has_approval());
    });
    released += counts.first;
    refused += counts.second;
    ABSL_ASSERT_OK(lift("approver-1"));
    ABSL_ASSERT_OK_AND_ASSIGN(const auto lifted, lift("approver-2"));
    ASSERT_TRUE(lifted.has_approval());
  }
  EXPECT_GT(released, 50);
  EXPECT_GT(refused, 50);

  bool suspended = false;
  for (const auto& entry : harness_.Entries()) {
    if (entry.outer.kind() == v1::ENTRY_KIND_APPROVAL_SUSPENDED) suspended = true;
    if (entry.outer.kind() == v1::ENTRY_KIND_APPROVAL_LIFTED) suspended = false;
    if (entry.outer.reference() == "fund-main" &&
        (entry.outer.kind() == v1::ENTRY_KIND_DOCUMENT_RELEASED ||
         entry.outer.kind() == v1::ENTRY_KIND_NO_RECORD_RELEASED)) {
      EXPECT_FALSE(suspended) << entry.index;
    }
  }
}

}  // namespace
}  // namespace naru
