#include "consent/catalog/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "broker/base/errors.h"
#include "broker/base/ids.h"
#include "broker/base/status_macros.h"
#include "broker/base/status_matchers.h"
#include "consent/catalog/deploy_catalogue.h"
#include "consent/entry_writer.h"
#include "consent/journal_harness.h"
#include "consent/store/keys.h"
#include "consent/store/memory_store.h"

namespace naru {
namespace {

using testing::Not;

constexpr char kAgency[] = "B553077";
constexpr char kFund[] = "SMALL_BUSINESS_POLICY_FUND";
constexpr char kKind[] = "INCOME_AMOUNT";
constexpr char kApproval[] = "fund-2026";

Caller Approver(const std::string& service = "approver-1") {
  return {"1741999", service, {config::v1::ROLE_APPROVER}};
}

class PolicyTest : public testing::Test {
 protected:
  PolicyTest() {
    harness_.options().policy = [this] {
      return policy_ == nullptr ? storage::v1::PolicyRow() : policy_->row();
    };
    harness_.options().on_policy_changed = [this] { policy_->OnChanged(); };
    Restart();
  }

  void Restart() {
    harness_.Stop();
    policy_.reset();
    harness_.Restart();
    auto policy = Open();
    ASSERT_TRUE(policy.ok()) << policy.status();
    policy_ = *std::move(policy);
    ABSL_ASSERT_OK(policy_->Start(&harness_.journal()));
  }
  absl::StatusOr<std::unique_ptr<Policy>> Open() {
    return Policy::Open({&harness_.store(), std::string(32, 'k')}, first_version_);
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(void (Policy::*method)(const Caller&, const Request&,
                                                       Policy::Done<Response>),
                                const Request& request, const Caller& caller) {
    absl::Notification done;
    absl::StatusOr<Response> result = absl::UnknownError("not called");
    (policy_.get()->*method)(caller, request, [&](absl::StatusOr<Response> answer) {
      result = std::move(answer);
      // What is acknowledged holds in memory too.
      if (result.ok() && result->has_approval()) row_when_done_ = policy_->row();
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }
  v1::SuspendApprovalRequest SuspendRequest() {
    v1::SuspendApprovalRequest request;
    request.set_request_id(NewRequestId(harness_.clock().Now(), harness_.random()));
    request.set_approval_id(kApproval);
    request.set_official_id("official-kim");
    request.set_ground("전자정부법 41조");
    return request;
  }
  v1::LiftApprovalRequest LiftRequest(const std::string& official) {
    v1::LiftApprovalRequest request;
    request.set_request_id(NewRequestId(harness_.clock().Now(), harness_.random()));
    request.set_approval_id(kApproval);
    request.set_official_id(official);
    return request;
  }
  absl::StatusOr<v1::SuspendApprovalResponse> Suspend(const v1::SuspendApprovalRequest& request) {
    return Call(&Policy::SuspendApproval, request, Approver());
  }
  absl::StatusOr<v1::SuspendApprovalResponse> Suspend() { return Suspend(SuspendRequest()); }
  absl::StatusOr<v1::LiftApprovalResponse> Lift(const std::string& official,
                                                const std::string& service = "approver-1") {
    return Call(&Policy::LiftApproval, LiftRequest(official), Approver(service));
  }

  v1::RefusalReason CheckedUse() {
    const auto refusal = policy_->CheckUse(kAgency, kFund, kKind, v1::ACCESS_MODE_VIEW);
    return refusal.has_value() ? refusal->reason() : v1::REFUSAL_REASON_UNSPECIFIED;
  }
  v1::OuterEntry Entry(uint64_t index) {
    v1::OuterEntry outer;
    EXPECT_TRUE(outer.ParseFromString(harness_.ledger().Record(index).value().outer()));
    return outer;
  }
  v1::OuterEntry LastEntry() { return Entry(harness_.ledger().head().size - 1); }

  // A release as the rules judge it: by the rows under the lock.
  Change Release(const SubjectId& subject) {
    Change change;
    change.locks = {subject.bytes()};
    change.judge = [this, subject](const Reader& rows,
                                   const JudgeContext&) -> absl::StatusOr<Verdict> {
      ABSL_ASSIGN_OR_RETURN(const auto refusal, RefuseUse(rows, *policy_->catalogue(), kAgency,
                                                          kFund, kKind, v1::ACCESS_MODE_VIEW));
      if (refusal.has_value()) return absl::FailedPreconditionError("refused");
      Verdict verdict;
      EntryDraft& entry = verdict.entries.emplace_back();
      entry.subject = subject;
      entry.outer.set_kind(v1::ENTRY_KIND_DOCUMENT_RELEASED);
      return verdict;
    };
    return change;
  }

  DeployCatalogue deploy_;
  std::shared_ptr<const Catalogue> first_version_ = deploy_.Load();
  JournalHarness harness_;
  std::unique_ptr<Policy> policy_;
  storage::v1::PolicyRow row_when_done_;
};

TEST_F(PolicyTest, ANewStoreGetsTheFirstVersionAsGeneration1) {
  EXPECT_EQ(policy_->row().generation(), 1u);
  EXPECT_EQ(policy_->catalogue()->sha256(), first_version_->sha256());
  EXPECT_FALSE(policy_->first_version_differs());
  ASSERT_EQ(harness_.ledger().head().size, 1u);
  const v1::OuterEntry entry = LastEntry();
  EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_CATALOGUE_APPLIED);
  EXPECT_EQ(entry.reference(), "generation 1");
  EXPECT_EQ(entry.reference_sha256(), first_version_->sha256());
  EXPECT_EQ(entry.policy_generation(), 1u);
  const SubjectId subject = harness_.AddSubject();
  ABSL_EXPECT_OK(harness_.journal().CommitAndWait(Release(subject)));
}

TEST_F(PolicyTest, WhatIsInForceIsInTheStore) {
  ABSL_ASSERT_OK_AND_ASSIGN(first_version_, deploy_.LoadEdited([](auto* message) {
    message->mutable_affairs(0)->set_uses(3);
  }));
  Restart();
  EXPECT_TRUE(policy_->first_version_differs());
  EXPECT_EQ(policy_->catalogue()->FindAffair(kFund)->uses(), 10u);
  EXPECT_EQ(policy_->row().generation(), 1u);
  EXPECT_EQ(harness_.ledger().head().size, 1u) << "a restart enters nothing";
}

TEST_F(PolicyTest, UseNeedsAnApprovalThatIsNotSuspended) {
  EXPECT_EQ(CheckedUse(), v1::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_EQ(policy_->CheckUse("1210000", kFund, kKind, v1::ACCESS_MODE_VIEW)->reason(),
            v1::REFUSAL_REASON_NO_USE_APPROVAL);
  EXPECT_EQ(policy_->CheckUse(kAgency, kFund, "NOTHING", v1::ACCESS_MODE_VIEW)->reason(),
            v1::REFUSAL_REASON_NO_USE_APPROVAL);
  harness_.clock().SetNow(absl::FromUnixSeconds(1800000000));
  ABSL_ASSERT_OK(Suspend());
  ABSL_ASSERT_OK_AND_ASSIGN(const bool suspended, ApprovalSuspended(harness_.store(), kApproval));
  EXPECT_TRUE(suspended);
  for (const v1::AccessMode mode : {v1::ACCESS_MODE_VIEW, v1::ACCESS_MODE_UNSPECIFIED}) {
    const auto by_memory = policy_->CheckUse(kAgency, kFund, kKind, mode);
    ABSL_ASSERT_OK_AND_ASSIGN(const auto by_rows, RefuseUse(harness_.store(), *first_version_,
                                                            kAgency, kFund, kKind, mode));
    for (const auto& refusal : {by_memory, by_rows}) {
      ASSERT_TRUE(refusal.has_value());
      EXPECT_EQ(refusal->reason(), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
      EXPECT_EQ(refusal->facts().at("approval"), kApproval);
      EXPECT_EQ(refusal->facts().at("suspended_since"), "2027-01-15T08:00:00+00:00");
    }
  }
}

TEST_F(PolicyTest, WithoutAModeAnyApprovalThatIsNotSuspendedWillDo) {
  ABSL_ASSERT_OK_AND_ASSIGN(first_version_, deploy_.LoadEdited([](auto* message) {
    auto* other = message->add_approvals();
    *other = message->approvals(0);
    other->set_id("fund-transfer");
    other->clear_modes();
    other->add_modes(v1::ACCESS_MODE_TRANSFER);
    message->mutable_approvals(0)->clear_modes();
    message->mutable_approvals(0)->add_modes(v1::ACCESS_MODE_VIEW);
  }));
  harness_.Stop();
  MemoryStore empty;
  ABSL_ASSERT_OK_AND_ASSIGN(const auto policy,
                            Policy::Open({&empty, std::string(32, 'k')}, first_version_));
  storage::v1::ApprovalRow row;
  row.set_suspended(true);
  ABSL_ASSERT_OK(empty.Update({}, [&](const Reader&) -> absl::StatusOr<Writes> {
    return Writes{{{Table::kMeta, keys::Approval(kApproval), row.SerializeAsString()}}, {}};
  }));
  const auto refused = [&](v1::AccessMode mode) {
    return RefuseUse(empty, *first_version_, kAgency, kFund, kKind, mode).value().has_value();
  };
  EXPECT_TRUE(refused(v1::ACCESS_MODE_VIEW));
  EXPECT_FALSE(refused(v1::ACCESS_MODE_TRANSFER));
  EXPECT_FALSE(refused(v1::ACCESS_MODE_UNSPECIFIED));
}

TEST_F(PolicyTest, ASuspensionRaisesTheGenerationAndIsEntered) {
  const std::string before = policy_->row().sha256();
  ABSL_ASSERT_OK_AND_ASSIGN(const auto answer, Suspend());
  EXPECT_TRUE(answer.approval().suspended());
  EXPECT_EQ(answer.approval().approval_id(), kApproval);
  EXPECT_EQ(answer.approval().generation(), 2u);
  EXPECT_EQ(answer.approval().ledger_index(), 1u);
  EXPECT_EQ(row_when_done_.generation(), 2u) << "in memory before the acknowledgement";
  EXPECT_NE(row_when_done_.sha256(), before);
  const v1::OuterEntry entry = Entry(1);
  EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_APPROVAL_SUSPENDED);
  EXPECT_EQ(entry.reference(), kApproval);
  EXPECT_EQ(entry.caller(), "1741999:approver-1");
  EXPECT_EQ(entry.requester(), kAgency);
  EXPECT_EQ(entry.ground(), "전자정부법 41조");
  EXPECT_EQ(entry.policy_generation(), 2u);
  EXPECT_EQ(entry.time().seconds(), answer.approval().since().seconds());
}

TEST_F(PolicyTest, P2_NoReleaseStandsBehindASuspension) {
  const SubjectId subject = harness_.AddSubject();
  const SubjectId other = harness_.AddSubject();
  CommitResults releases(&harness_);
  absl::Notification suspended;
  harness_.Behind(subject, [&] {
    releases.Commit(Release(subject));
    policy_->SuspendApproval(Approver(), SuspendRequest(),
                             [&](absl::StatusOr<v1::SuspendApprovalResponse> answer) {
                               EXPECT_TRUE(answer.ok() && answer->has_approval());
                               suspended.Notify();
                             });
    for (int i = 0; i < 5; ++i) releases.Commit(Release(i % 2 == 0 ? subject : other));
  });
  const auto results = releases.Await();
  suspended.WaitForNotification();
  ABSL_EXPECT_OK(results[0]);
  for (size_t i = 1; i < results.size(); ++i) {
    EXPECT_THAT(results[i], StatusIs(absl::StatusCode::kFailedPrecondition)) << i;
  }
}

TEST_F(PolicyTest, P2_SuspensionsRaceReleases) {
  const int rounds = getenv("NARU_FULL") != nullptr ? 300 : 15;
  std::vector<SubjectId> subjects;
  for (int i = 0; i < 4; ++i) subjects.push_back(harness_.AddSubject());
  for (int round = 0; round < rounds; ++round) {
    std::atomic<bool> acknowledged{false};
    std::atomic<uint64_t> last_release{0};
    std::vector<std::thread> threads;
    for (const SubjectId& subject : subjects) {
      threads.emplace_back([&, subject] {
        while (true) {
          const bool after = acknowledged;
          const auto result = harness_.journal().CommitAndWait(Release(subject));
          EXPECT_FALSE(after && result.ok()) << "released after the acknowledgement";
          if (!result.ok()) break;
          uint64_t seen = last_release;
          while (seen < result->entries[0].index &&
                 !last_release.compare_exchange_weak(seen, result->entries[0].index)) {
          }
        }
      });
    }
    while (last_release == 0) std::this_thread::yield();
    ABSL_ASSERT_OK_AND_ASSIGN(const auto answer, Suspend());
    acknowledged = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_LT(last_release, answer.approval().ledger_index());
    ABSL_ASSERT_OK(Lift("official-lee"));
    ABSL_ASSERT_OK_AND_ASSIGN(const auto lifted, Lift("official-park"));
    ASSERT_TRUE(lifted.has_approval());
  }
}

TEST_F(PolicyTest, LiftingTakesTwoPersons) {
  ABSL_ASSERT_OK(Suspend());
  const std::string suspended = policy_->row().sha256();
  ABSL_ASSERT_OK_AND_ASSIGN(const auto first, Lift("official-lee"));
  EXPECT_EQ(first.refusal().reason(), v1::REFUSAL_REASON_SECOND_PERSON_NEEDED);
  EXPECT_EQ(LastEntry().kind(), v1::ENTRY_KIND_APPROVAL_LIFT_PROPOSED);
  EXPECT_EQ(policy_->row().generation(), 2u);

  // One person with two certificates is one person.
  for (const char* service : {"approver-1", "approver-2"}) {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto again, Lift("official-lee", service));
    EXPECT_EQ(again.refusal().reason(), v1::REFUSAL_REASON_SECOND_PERSON_NEEDED);
    EXPECT_EQ(LastEntry().kind(), v1::ENTRY_KIND_REFUSED);
  }
  EXPECT_EQ(CheckedUse(), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);

  ABSL_ASSERT_OK_AND_ASSIGN(const auto second, Lift("official-park"));
  ASSERT_TRUE(second.has_approval());
  EXPECT_FALSE(second.approval().suspended());
  EXPECT_FALSE(second.approval().has_since());
  EXPECT_EQ(second.approval().generation(), 3u);
  EXPECT_EQ(LastEntry().kind(), v1::ENTRY_KIND_APPROVAL_LIFTED);
  EXPECT_EQ(LastEntry().policy_generation(), 3u);
  EXPECT_NE(policy_->row().sha256(), suspended);
  EXPECT_EQ(CheckedUse(), v1::REFUSAL_REASON_UNSPECIFIED);

  // The next suspension takes two again.
  ABSL_ASSERT_OK(Suspend());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto anew, Lift("official-park"));
  EXPECT_EQ(anew.refusal().reason(), v1::REFUSAL_REASON_SECOND_PERSON_NEEDED);
}

TEST_F(PolicyTest, WhatDoesNotFitTheStateIsRefusedAndEntered) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto lift, Lift("official-lee"));
  EXPECT_EQ(lift.refusal().reason(), v1::REFUSAL_REASON_STATE_CONFLICT);
  EXPECT_EQ(LastEntry().kind(), v1::ENTRY_KIND_REFUSED);
  EXPECT_EQ(LastEntry().refusal_reason(), v1::REFUSAL_REASON_STATE_CONFLICT);
  ABSL_ASSERT_OK(Suspend());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto again, Suspend());
  EXPECT_EQ(again.refusal().reason(), v1::REFUSAL_REASON_STATE_CONFLICT);
  EXPECT_EQ(policy_->row().generation(), 2u);
}

TEST_F(PolicyTest, AnApprovalThatTheCatalogueDoesNotHaveIsNotFound) {
  v1::SuspendApprovalRequest request = SuspendRequest();
  request.set_approval_id("fund-1999");
  EXPECT_THAT(Suspend(request), HasErrorReason(v1::ERROR_REASON_NOT_FOUND));
  request.set_request_id("nonsense");
  EXPECT_THAT(Suspend(request), HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
}

TEST_F(PolicyTest, P7_ARepeatGetsTheSameAnswer) {
  const v1::SuspendApprovalRequest request = SuspendRequest();
  ABSL_ASSERT_OK_AND_ASSIGN(const auto first, Suspend(request));
  harness_.clock().Advance(absl::Minutes(1));
  const v1::LiftApprovalRequest lift = LiftRequest("official-park");
  ABSL_ASSERT_OK(Lift("official-lee"));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto lifted,
                            Call(&Policy::LiftApproval, lift, Approver("approver-2")));
  ASSERT_TRUE(lifted.has_approval());
  const uint64_t size = harness_.ledger().head().size;
  Restart();
  ABSL_ASSERT_OK_AND_ASSIGN(const auto again, Suspend(request));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto lifted_again,
                            Call(&Policy::LiftApproval, lift, Approver("approver-2")));
  EXPECT_EQ(lifted_again.SerializeAsString(), lifted.SerializeAsString());
  EXPECT_EQ(harness_.ledger().head().size, size);
  EXPECT_EQ(policy_->row().generation(), 3u);

  v1::SuspendApprovalRequest other = request;
  other.set_ground("another");
  EXPECT_THAT(Suspend(other), HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(PolicyTest, P4_SuspensionAndProposalSurviveARestart) {
  ABSL_ASSERT_OK(Suspend());
  ABSL_ASSERT_OK(Lift("official-lee"));
  const storage::v1::PolicyRow row = policy_->row();
  Restart();
  EXPECT_EQ(policy_->row().SerializeAsString(), row.SerializeAsString());
  EXPECT_EQ(CheckedUse(), v1::REFUSAL_REASON_APPROVAL_SUSPENDED);
  const SubjectId subject = harness_.AddSubject();
  EXPECT_THAT(harness_.journal().CommitAndWait(Release(subject)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto second, Lift("official-park"));
  EXPECT_TRUE(second.has_approval());
  ABSL_EXPECT_OK(harness_.journal().CommitAndWait(Release(subject)));
}

TEST_F(PolicyTest, WhatIsNotDurableIsNotInForce) {
  harness_.store().FailUpdate(harness_.next_update(), StorageFull(1));
  EXPECT_THAT(Suspend(), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  EXPECT_EQ(policy_->row().generation(), 1u);
  EXPECT_EQ(CheckedUse(), v1::REFUSAL_REASON_UNSPECIFIED);
}

TEST_F(PolicyTest, P6_TheOfficialsNameIsSealed) {
  ABSL_ASSERT_OK(Suspend());
  ABSL_ASSERT_OK(Lift("official-lee"));
  for (int table = 0; table < kTables; ++table) {
    ABSL_ASSERT_OK_AND_ASSIGN(
        const auto rows,
        harness_.store().Scan(static_cast<Table>(table), "", std::string(64, '\xff'), kScanRows));
    for (const Row& row : rows) {
      EXPECT_THAT(row.value, Not(testing::HasSubstr("official-"))) << table;
    }
  }
  ABSL_ASSERT_OK_AND_ASSIGN(
      const std::string bytes,
      OpenDetails(harness_.ledger().Record(1).value(), keys::Record(0, 1), policy_->details_key()));
  storage::v1::Details details;
  ASSERT_TRUE(details.ParseFromString(bytes));
  EXPECT_EQ(details.case_().official_id(), "official-kim");
}

TEST_F(PolicyTest, P4_APolicyThatDoesNotBelongTogetherIsNotServed) {
  ABSL_ASSERT_OK(Suspend());
  harness_.Stop();
  const auto rows = harness_.store().Clone();
  storage::v1::ApprovalRow lifted;
  const struct {
    std::string key;
    std::optional<std::string> value;
  } kDamage[] = {
      {keys::Approval(kApproval), std::nullopt},
      {keys::Approval(kApproval), lifted.SerializeAsString()},
      {keys::Approval(kApproval), "\xff"},
      {keys::Approval("another"), rows->Get(Table::kMeta, keys::Approval(kApproval)).value()},
      {keys::Catalogue(), std::nullopt},
      {keys::Catalogue(), "\xff"},
      {keys::Catalogue(), storage::v1::CatalogueRow().SerializeAsString()},
      {keys::Policy(), std::nullopt},
      {keys::Policy(), "\xff"},
  };
  for (const auto& damage : kDamage) {
    const auto store = rows->Clone();
    store->Tamper(Table::kMeta, damage.key, damage.value);
    EXPECT_THAT(Policy::Open({store.get(), std::string(32, 'k')}, first_version_),
                StatusIs(absl::StatusCode::kDataLoss))
        << damage.key;
  }
  ABSL_EXPECT_OK(Policy::Open({rows.get(), std::string(32, 'k')}, first_version_));
}

TEST_F(PolicyTest, AJournalThatDoesNotTellThePolicyIsNoticed) {
  JournalHarness silent;
  ABSL_ASSERT_OK_AND_ASSIGN(const auto policy,
                            Policy::Open({&silent.store(), std::string(32, 'k')}, first_version_));
  EXPECT_THAT(policy->Start(&silent.journal()), StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace naru
