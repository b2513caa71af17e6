#include "consent/consent_events.h"

#include <gtest/gtest.h>

#include "broker/base/fake_executor.h"
#include "broker/base/random.h"

namespace naru {
namespace {

class ConsentEventsTest : public testing::Test {
 protected:
  FakeRandom random_;
  ManualExecutor executor_;
  ConsentEvents events_{&executor_};
  const ConsentId one_ = ConsentId::Generate(1, random_);
  const ConsentId two_ = ConsentId::Generate(2, random_);
  int told_one_ = 0;
  int told_two_ = 0;
};

TEST_F(ConsentEventsTest, TellsThoseWhoFollowTheConsentAndNobodyElse) {
  const auto token = events_.Subscribe(one_, [this] { ++told_one_; });
  events_.Subscribe(one_, [this] { ++told_one_; });
  events_.Subscribe(two_, [this] { ++told_two_; });
  events_.Changed(one_);
  EXPECT_EQ(told_one_, 0) << "told on the caller's thread";
  executor_.RunAll();
  EXPECT_EQ(told_one_, 2);
  EXPECT_EQ(told_two_, 0);
  events_.Unsubscribe(token);
  events_.Unsubscribe(token);
  events_.Changed(one_);
  executor_.RunAll();
  EXPECT_EQ(told_one_, 3);
}

TEST_F(ConsentEventsTest, APolicyChangeTellsEverybody) {
  events_.Subscribe(one_, [this] { ++told_one_; });
  events_.Subscribe(two_, [this] { ++told_two_; });
  events_.AllChanged();
  executor_.RunAll();
  EXPECT_EQ(told_one_, 1);
  EXPECT_EQ(told_two_, 1);
}

TEST_F(ConsentEventsTest, ASubscriberMayUnsubscribeWhileItIsTold) {
  ConsentEvents::Token token = 0;
  token = events_.Subscribe(one_, [&] {
    ++told_one_;
    events_.Unsubscribe(token);
  });
  events_.Changed(one_);
  executor_.RunAll();
  events_.Changed(one_);
  executor_.RunAll();
  EXPECT_EQ(told_one_, 1);
}

}  // namespace
}  // namespace naru
