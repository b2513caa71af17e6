#include "broker/fair_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace naru {
namespace {

using testing::ElementsAre;

class PlainSink : public ResponseSink {
 public:
  void Listen(Events) override {}
  void Write(v1::FetchDocumentsResponse step) override {
    written.push_back(step.chunk().paper_id() * 10 + step.chunk().index());
  }
  void Finish(const absl::Status&) override {}
  void Cancel() override {}
  std::vector<uint32_t> written;
};

v1::FetchDocumentsResponse Chunk(uint32_t paper, uint32_t index) {
  v1::FetchDocumentsResponse step;
  step.mutable_chunk()->set_paper_id(paper);
  step.mutable_chunk()->set_index(index);
  return step;
}

class FairWriterTest : public testing::Test {
 protected:
  PlainSink sink_;
  FairWriter writer_{&sink_, 3};
};

TEST_F(FairWriterTest, LanesTakeTurnsAndKeepTheirOrder) {
  for (uint32_t i = 0; i < 3; ++i) writer_.Offer(0, Chunk(0, i), nullptr);
  for (uint32_t i = 0; i < 2; ++i) writer_.Offer(2, Chunk(2, i), nullptr);
  while (writer_.writing()) writer_.StepWritten();
  EXPECT_THAT(sink_.written, ElementsAre(0, 20, 1, 21, 2));
}

TEST_F(FairWriterTest, OneStepIsUnderWayAtATime) {
  writer_.Offer(0, Chunk(0, 0), nullptr);
  writer_.Offer(1, Chunk(1, 0), nullptr);
  EXPECT_THAT(sink_.written, ElementsAre(0));
  writer_.StepWritten();
  EXPECT_THAT(sink_.written, ElementsAre(0, 10));
}

TEST_F(FairWriterTest, DroppedStepsAreNeitherWrittenNorToldOf) {
  int told = 0;
  writer_.Offer(0, Chunk(0, 0), [&told] { told += 1; });
  writer_.Offer(0, Chunk(0, 1), [&told] { told += 100; });
  writer_.Offer(1, Chunk(1, 0), nullptr);
  writer_.Drop(0);
  while (writer_.writing()) writer_.StepWritten();
  EXPECT_THAT(sink_.written, ElementsAre(0, 10));
  EXPECT_EQ(told, 1);
}

TEST_F(FairWriterTest, WrittenMayOfferTheNext) {
  writer_.Offer(0, Chunk(0, 0), [this] { writer_.Offer(0, Chunk(0, 1), nullptr); });
  writer_.StepWritten();
  writer_.StepWritten();
  EXPECT_THAT(sink_.written, ElementsAre(0, 1));
  EXPECT_FALSE(writer_.writing());
}

TEST_F(FairWriterTest, DrainedComesAfterEverything) {
  std::vector<size_t> drained_after;
  writer_.Offer(0, Chunk(0, 0), nullptr);
  writer_.Offer(1, Chunk(1, 0), nullptr);
  writer_.WhenDrained([&] { drained_after.push_back(sink_.written.size()); });
  writer_.StepWritten();
  EXPECT_TRUE(drained_after.empty());
  writer_.StepWritten();
  EXPECT_THAT(drained_after, ElementsAre(2));
  writer_.WhenDrained([&] { drained_after.push_back(7); });
  EXPECT_THAT(drained_after, ElementsAre(2, 7));
}

TEST_F(FairWriterTest, NothingIsWrittenOnceClosed) {
  int told = 0;
  writer_.Offer(0, Chunk(0, 0), [&told] { ++told; });
  writer_.Offer(0, Chunk(0, 1), [&told] { ++told; });
  writer_.Close();
  writer_.StepWritten();
  writer_.Offer(0, Chunk(0, 2), nullptr);
  EXPECT_THAT(sink_.written, ElementsAre(0));
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace naru
