#include "consent/requests.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/random.h"
#include "broker/base/status_macros.h"
#include "broker/base/status_matchers.h"
#include "consent/store/keys.h"
#include "consent/store/memory_store.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

class RequestsTest : public testing::Test {
 protected:
  v1::CancelConsentRequest Cancel(const std::string& consent) {
    v1::CancelConsentRequest request;
    request.set_request_id(id_);
    request.set_consent_id(consent);
    return request;
  }
  RequestIdentity Identify(const google::protobuf::Message& request) {
    return IdentifyRequest(caller_, request).value();
  }
  void Remember(const RequestIdentity& request) {
    ABSL_ASSERT_OK(store_.Update({}, [&](const Reader&) -> absl::StatusOr<Writes> {
      Writes writes;
      writes.rows.push_back(RememberRequest(request, 7, kNow, std::string(16, 'c')));
      return writes;
    }));
  }

  FakeRandom random_;
  MemoryStore store_;
  Caller caller_{"3210000", "counter", {}};
  std::string id_ = NewRequestId(kNow, random_);
};

TEST_F(RequestsTest, P7_ANewCallIsNewAndItsRepeatFindsTheEntryItCaused) {
  const RequestIdentity request = Identify(Cancel("a"));
  ABSL_ASSERT_OK_AND_ASSIGN(const auto fresh, CheckRequest(store_, request, kNow));
  EXPECT_FALSE(fresh.has_value());
  Remember(request);
  ABSL_ASSERT_OK_AND_ASSIGN(const auto repeat, CheckRequest(store_, Identify(Cancel("a")), kNow));
  ASSERT_TRUE(repeat.has_value());
  EXPECT_EQ(repeat->ledger_index(), 7u);
  EXPECT_EQ(repeat->object_id(), std::string(16, 'c'));
}

TEST_F(RequestsTest, P7_OtherContentUnderTheSameIdIsRefused) {
  Remember(Identify(Cancel("a")));
  EXPECT_THAT(CheckRequest(store_, Identify(Cancel("b")), kNow),
              HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  // Also a call of another kind whose fields happen to be the same.
  v1::SuspendConsentRequest suspend;
  suspend.set_request_id(id_);
  suspend.set_consent_id("a");
  EXPECT_EQ(suspend.SerializeAsString(), Cancel("a").SerializeAsString());
  EXPECT_THAT(CheckRequest(store_, Identify(suspend), kNow),
              HasErrorReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(RequestsTest, P7_EachCallerHasItsOwnNameSpace) {
  Remember(Identify(Cancel("a")));
  caller_.service = "batch";
  ABSL_ASSERT_OK_AND_ASSIGN(const auto fresh, CheckRequest(store_, Identify(Cancel("b")), kNow));
  EXPECT_FALSE(fresh.has_value());
}

TEST_F(RequestsTest, P7_IdsOlderThanSevenDaysOrFromTheFutureAreRefusedEvenAsRepeats) {
  const RequestIdentity request = Identify(Cancel("a"));
  Remember(request);
  ABSL_EXPECT_OK(CheckRequest(store_, request, kNow + limits::kRequestIdAge));
  EXPECT_THAT(CheckRequest(store_, request, kNow + limits::kRequestIdAge + absl::Milliseconds(1)),
              HasErrorReason(v1::ERROR_REASON_REQUEST_ID_EXPIRED));
  ABSL_EXPECT_OK(CheckRequest(store_, request, kNow - limits::kClockSkew));
  EXPECT_THAT(CheckRequest(store_, request, kNow - limits::kClockSkew - absl::Milliseconds(1)),
              HasErrorReason(v1::ERROR_REASON_REQUEST_ID_EXPIRED));
}

TEST_F(RequestsTest, AnIdThatIsNoUuidIsMalformed) {
  id_ = "4711";
  EXPECT_THAT(IdentifyRequest(caller_, Cancel("a")),
              HasErrorReason(v1::ERROR_REASON_FIELD_MALFORMED));
}

TEST_F(RequestsTest, RowsOfOldRequestsStayBounded) {
  size_t most = 0;
  absl::Time now = kNow;
  constexpr int kCalls = 4000;
  constexpr int kInAWeek = 200;
  for (int i = 0; i < kCalls; ++i) {
    now += limits::kRequestIdAge / kInAWeek;
    id_ = NewRequestId(now, random_);
    RequestIdentity request = Identify(Cancel("a"));
    // One shard for all, as if there were a thousand times as many.
    request.hash[0] = request.hash[1] = 0;
    ABSL_ASSERT_OK(store_.Update({}, [&](const Reader& rows) -> absl::StatusOr<Writes> {
      Writes writes;
      writes.rows.push_back(RememberRequest(request, 7, now, std::string(16, 'c')));
      ABSL_RETURN_IF_ERROR(ForgetOldRequests(rows, request, now, &writes.rows));
      return writes;
    }));
    ABSL_ASSERT_OK_AND_ASSIGN(const auto kept, CheckRequest(store_, request, now));
    EXPECT_TRUE(kept.has_value());
    const auto [from, to] = keys::RequestsAfter(std::string(32, '\0'));
    most = std::max(most, store_.Scan(Table::kRows, from, to, kScanRows)->size());
  }
  EXPECT_GE(most, static_cast<size_t>(kInAWeek));
  EXPECT_LT(most, static_cast<size_t>(4 * kInAWeek));
}

TEST_F(RequestsTest, TheEntryDigestNamesIdAndContent) {
  const std::string digest = Identify(Cancel("a")).EntryDigest();
  EXPECT_EQ(digest.size(), 32u);
  EXPECT_EQ(digest, Identify(Cancel("a")).EntryDigest());
  EXPECT_NE(digest, Identify(Cancel("b")).EntryDigest());
  id_ = NewRequestId(kNow, random_);
  EXPECT_NE(digest, Identify(Cancel("a")).EntryDigest());
}

}  // namespace
}  // namespace naru
