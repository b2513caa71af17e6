#include "consent/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "consent/release_harness.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OutboxTest : public testing::Test {
 protected:
  // Sends a paper, so that the citizen is told; gives the message's cursor.
  uint64_t Tell(char person = 'A') {
    v1::FetchDocumentsRequest request =
        harness_.Request(harness_.AddConsent({ReleaseHarness::Person(person)}));
    *request.mutable_person() = ReleaseHarness::Person(person);
    const AdmittedFetch fetch = harness_.MustAdmit(request);
    harness_.Send(fetch, 0);
    EXPECT_THAT(harness_.Finish(fetch), IsOk());
    return harness_.Entries(v1::ENTRY_KIND_FETCH_ENDED).back().index;
  }
  std::vector<uint64_t> Cursors(uint64_t after, int limit = 16) {
    const auto messages = outbox_.Next(after, limit);
    EXPECT_THAT(messages, IsOk());
    std::vector<uint64_t> cursors;
    if (messages.ok()) {
      for (const v1::Message& message : *messages) cursors.push_back(message.cursor());
    }
    return cursors;
  }
  uint32_t Acknowledge(const std::vector<uint64_t>& cursors) {
    v1::AcknowledgeMessagesRequest request;
    for (const uint64_t cursor : cursors) request.add_cursors(cursor);
    const auto response = AwaitCall<v1::AcknowledgeMessagesResponse>(
        [&](auto done) { outbox_.Acknowledge(kNotifier, request, std::move(done)); });
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->deleted() : 999;
  }
  bool Rests(uint64_t cursor) {
    const auto row = harness_.store().Get(Table::kLedger, keys::Outbox(0, cursor));
    EXPECT_THAT(row, IsOk());
    return row.ok() && row->has_value();
  }

  const Caller kNotifier = {"9990002", "notify", {config::v1::ROLE_NOTIFIER}};
  ReleaseHarness harness_{{/*judge_twice=*/true}};
  Outbox outbox_{&harness_.context()};
};

TEST_F(OutboxTest, AMessageSaysWhatWasSeenAndWhereItGoes) {
  const uint64_t cursor = Tell();
  ABSL_ASSERT_OK_AND_ASSIGN(const auto messages, outbox_.Next(0, 16));
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].cursor(), cursor);
  EXPECT_EQ(messages[0].kind(), v1::MESSAGE_KIND_NOTICE);
  EXPECT_EQ(messages[0].contact_ref(), "contact-1");
  EXPECT_THAT(messages[0].text(), HasSubstr("서초구청"));
  EXPECT_THAT(messages[0].text(), HasSubstr("1종"));
  EXPECT_EQ(messages[0].expire_time().seconds(),
            absl::ToUnixSeconds(harness_.clock().Now() + limits::kNoticeLife));
}

TEST_F(OutboxTest, MessagesComeInOrderAfterTheCursorAndAtMostTheLimit) {
  const std::vector<uint64_t> all = {Tell('A'), Tell('B'), Tell('C')};
  EXPECT_EQ(Cursors(0), all);
  EXPECT_EQ(Cursors(all[0]), (std::vector<uint64_t>{all[1], all[2]}));
  EXPECT_EQ(Cursors(all[0] - 1, 2), (std::vector<uint64_t>{all[0], all[1]}));
  EXPECT_THAT(Cursors(all[2]), IsEmpty());
  EXPECT_THAT(Cursors(0, 0), IsEmpty());
}

TEST_F(OutboxTest, P4_AMessageComesAgainUntilItIsAcknowledgedAlsoAfterARestart) {
  const std::vector<uint64_t> all = {Tell('A'), Tell('B')};
  EXPECT_EQ(Cursors(0), all);
  harness_.Restart();
  EXPECT_EQ(Cursors(0), all);
  EXPECT_EQ(Acknowledge({all[0]}), 1u);
  EXPECT_EQ(Cursors(0), std::vector<uint64_t>{all[1]});
  harness_.Restart();
  EXPECT_EQ(Cursors(0), std::vector<uint64_t>{all[1]});
}

TEST_F(OutboxTest, AHandOverIsEnteredOnceAMessageAboutItsPerson) {
  const std::vector<uint64_t> all = {Tell('A'), Tell('B')};
  EXPECT_EQ(Acknowledge({all[1], all[0], all[0], 1, 999}), 2u);
  EXPECT_EQ(Acknowledge(all), 0u);
  EXPECT_FALSE(Rests(all[0]));
  const auto entries = harness_.Entries(v1::ENTRY_KIND_MESSAGE_HANDED_OVER);
  ASSERT_THAT(entries, SizeIs(2));
  const auto caused = harness_.Entries();
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(entries[i].inner.subject_id(), caused[all[i]].inner.subject_id());
    EXPECT_EQ(entries[i].outer.caller(), "9990002:notify");
    EXPECT_EQ(entries[i].outer.reference(), "entry " + std::to_string(all[i]));
  }
}

TEST_F(OutboxTest, ExpiredMessagesArePassedOverAndDeleted) {
  const uint64_t old = Tell('A');
  harness_.clock().Advance(limits::kNoticeLife);
  const uint64_t fresh = Tell('B');
  EXPECT_EQ(Cursors(0), std::vector<uint64_t>{fresh});
  ABSL_ASSERT_OK(harness_.journal().FlushChecks());  // What waited before it is done.
  EXPECT_FALSE(Rests(old));
  EXPECT_TRUE(Rests(fresh));
  EXPECT_EQ(Acknowledge({old}), 0u);
}

TEST_F(OutboxTest, ManyExpiredMessagesDoNotHideTheNext) {
  for (int i = 0; i < 70; ++i) Tell();
  harness_.clock().Advance(limits::kNoticeLife);
  const uint64_t fresh = Tell('B');
  EXPECT_EQ(Cursors(0, 1), std::vector<uint64_t>{fresh});
}

TEST_F(OutboxTest, ADamagedMessageHoldsUpNobody) {
  const uint64_t damaged = Tell('A');
  const uint64_t whole = Tell('B');
  harness_.store().Tamper(Table::kLedger, keys::Outbox(0, damaged), std::string("\x08"));
  EXPECT_EQ(Cursors(0), std::vector<uint64_t>{whole});
  EXPECT_TRUE(Rests(damaged)) << "for the operator to find";
}

TEST_F(OutboxTest, AMessageOfSomebodyErasedIsPassedOver) {
  const uint64_t cursor = Tell();
  const auto entry = harness_.Entries()[cursor];
  harness_.store().Tamper(Table::kKeys,
                          keys::DataKey(SubjectId::FromBytes(entry.inner.subject_id()).value()),
                          std::nullopt);
  EXPECT_THAT(Cursors(0), IsEmpty());
}

}  // namespace
}  // namespace naru
