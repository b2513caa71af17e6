#include "broker/repeated_answer.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/receipt.h"
#include "broker/release_world.h"

namespace naru {
namespace {

class RepeatedAnswerTest : public testing::Test {
 protected:
  RepeatedAnswerTest() : world_(1) {
    v1::FetchStarted& started = *repeated_.steps.emplace_back().mutable_started();
    started.set_repeated_request(true);
    v1::DocumentReceipt& receipt = *repeated_.steps.emplace_back().mutable_receipt();
    receipt.set_paper_id(1);
    receipt.set_receipt("a receipt");
    repeated_.steps.emplace_back().mutable_outcome()->set_paper_id(1);
    repeated_.steps.emplace_back().mutable_summary()->set_sent(1);
  }

  void Start() {
    RepeatedAnswer::Start(world_.parts, repeated_, world_.sink, [this] { ++over_; });
  }

  ReleaseWorld world_;
  RepeatedFetch repeated_;
  int over_ = 0;
};

TEST_F(RepeatedAnswerTest, P7_StepsComeAgainInOrderWithReceiptsNewlySigned) {
  Start();
  world_.Settle();
  EXPECT_EQ(over_, 1);
  ABSL_EXPECT_OK(*world_.sink->finished());
  ASSERT_EQ(world_.sink->steps().size(), 4u);
  EXPECT_TRUE(world_.sink->steps()[0].started().repeated_request());
  EXPECT_EQ(world_.sink->steps()[3].summary().sent(), 1u);
  EXPECT_EQ(world_.timer.pending(), 0u);

  const v1::DocumentReceipt& receipt = world_.sink->steps()[1].receipt();
  EXPECT_EQ(receipt.receipt(), "a receipt");
  KeyRing keys;
  ABSL_ASSERT_OK(keys.Add(kReceiptKeyOwner,
                          *crypto::VerifyingKeyFromRaw(crypto::SigningKey::Type::kEcdsaP256,
                                                       world_.parts.receipt_key->PublicKey(),
                                                       world_.parts.receipt_key->key_id()),
                          absl::InfinitePast(), absl::InfiniteFuture()));
  ABSL_EXPECT_OK(
      VerifyReceiptSignature(receipt.receipt(), receipt.signature(), keys, world_.clock.Now()));
}

TEST_F(RepeatedAnswerTest, RequesterThatGoesEndsIt) {
  world_.sink->Stall();
  Start();
  world_.Settle();
  world_.sink->Leave();
  world_.Settle();
  EXPECT_EQ(over_, 1);
  EXPECT_THAT(*world_.sink->finished(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(world_.timer.pending(), 0u);
}

TEST_F(RepeatedAnswerTest, P10_RequesterThatTakesNothingIsGivenUp) {
  world_.sink->Stall();
  Start();
  world_.Pass(limits::kRequesterPatience - absl::Seconds(1));
  EXPECT_EQ(over_, 0);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(over_, 1);
}

TEST_F(RepeatedAnswerTest, AnswerWithoutStepsIsOverAtOnce) {
  repeated_.steps.clear();
  Start();
  world_.Settle();
  EXPECT_EQ(over_, 1);
}

}  // namespace
}  // namespace naru
