#include "consent/store/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/status_matchers.h"
#include "consent/store/store_conformance.h"

// The memory engine passes the suite, and its faults do what they say: simulations rest on them.
namespace naru {
namespace {

using ::testing::Optional;

class MemoryPlace : public StorePlace {
 public:
  explicit MemoryPlace(MemoryStore::Options options)
      : kept_(std::make_unique<MemoryStore>(options)) {}

  absl::StatusOr<std::unique_ptr<Store>> Open() override {
    if (last_ != nullptr) kept_ = std::move(*last_);
    last_ = std::make_shared<std::unique_ptr<MemoryStore>>();
    return std::unique_ptr<Store>(std::make_unique<Opened>(kept_->Clone(), last_));
  }

 private:
  // Hands its rows back to the place when it is closed.
  class Opened : public Store {
   public:
    Opened(std::unique_ptr<MemoryStore> store, std::shared_ptr<std::unique_ptr<MemoryStore>> back)
        : store_(std::move(store)), back_(std::move(back)) {}
    ~Opened() override { *back_ = std::move(store_); }

    absl::StatusOr<std::optional<std::string>> Get(Table table,
                                                   absl::string_view key) const override {
      return store_->Get(table, key);
    }
    absl::StatusOr<std::vector<Row>> Scan(Table table, absl::string_view from, absl::string_view to,
                                          int limit) const override {
      return store_->Scan(table, from, to, limit);
    }
    absl::Status Update(std::vector<std::string> locks, const Judge& judge) override {
      return store_->Update(std::move(locks), judge);
    }
    std::optional<LedgerHead> HeadAtOpen() const override { return store_->HeadAtOpen(); }

   private:
    std::unique_ptr<MemoryStore> store_;
    std::shared_ptr<std::unique_ptr<MemoryStore>> back_;
  };

  std::unique_ptr<MemoryStore> kept_;
  std::shared_ptr<std::unique_ptr<MemoryStore>> last_;
};

StoreEngine Engine(std::string name, MemoryStore::Options options) {
  return {std::move(name), [options] { return std::make_unique<MemoryPlace>(options); },
          /*keeps_head=*/true};
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance,
                         testing::Values(Engine("Plain", {}), Engine("JudgeTwice", {true})),
                         StoreEngineName);

Judge Put(const std::string& key, const std::string& value) {
  return [=](const Reader&) -> absl::StatusOr<Writes> {
    Writes writes;
    writes.rows.push_back({Table::kRows, key, value});
    return writes;
  };
}

TEST(MemoryStoreTest, ToldUpdateFailsOnceAndWithoutEffect) {
  MemoryStore store;
  store.FailUpdate(2, StorageFull(1));
  ABSL_EXPECT_OK(store.Update({}, Put("a", "1")));
  EXPECT_THAT(store.Update({}, Put("a", "2")), HasErrorReason(v1::ERROR_REASON_STORAGE_FULL));
  EXPECT_THAT(store.Get(Table::kRows, "a"), IsOkAndHolds(Optional(std::string("1"))));
  ABSL_EXPECT_OK(store.Update({}, Put("a", "3")));
  EXPECT_THAT(store.Get(Table::kRows, "a"), IsOkAndHolds(Optional(std::string("3"))));
  EXPECT_EQ(store.updates(), 3u);
}

TEST(MemoryStoreTest, StalledUpdateIsNotSeenUntilResumed) {
  MemoryStore store;
  store.StallUpdate(1);
  std::thread writer([&] { ABSL_EXPECT_OK(store.Update({}, Put("a", "1"))); });
  store.AwaitStalled();
  EXPECT_THAT(store.Get(Table::kRows, "a"), IsOkAndHolds(std::nullopt)) << "reads go on";
  store.Resume();
  writer.join();
  EXPECT_THAT(store.Get(Table::kRows, "a"), IsOkAndHolds(Optional(std::string("1"))));
}

TEST(MemoryStoreTest, CloneIsWhatARestartFinds) {
  MemoryStore store;
  ABSL_ASSERT_OK(store.Update({}, [](const Reader&) -> absl::StatusOr<Writes> {
    Writes writes;
    writes.rows.push_back({Table::kRows, "a", "1"});
    writes.head = LedgerHead{7, "root"};
    return writes;
  }));
  EXPECT_EQ(store.HeadAtOpen(), std::nullopt);
  std::unique_ptr<MemoryStore> clone = store.Clone();
  ABSL_ASSERT_OK(store.Update({}, Put("a", "2")));
  EXPECT_THAT(clone->Get(Table::kRows, "a"), IsOkAndHolds(Optional(std::string("1"))));
  ASSERT_TRUE(clone->HeadAtOpen().has_value());
  EXPECT_EQ(clone->HeadAtOpen()->size, 7u);
  store.TamperHead(std::nullopt);
  EXPECT_EQ(store.Clone()->HeadAtOpen(), std::nullopt);
}

TEST(MemoryStoreTest, TamperingAndDamageAreSeenByReaders) {
  MemoryStore store;
  ABSL_ASSERT_OK(store.Update({}, Put("a", "1")));
  ABSL_ASSERT_OK(store.Update({}, Put("b", "1")));
  store.Tamper(Table::kRows, "a", "forged");
  EXPECT_THAT(store.Get(Table::kRows, "a"), IsOkAndHolds(Optional(std::string("forged"))));
  store.Tamper(Table::kRows, "a", std::nullopt);
  EXPECT_THAT(store.Get(Table::kRows, "a"), IsOkAndHolds(std::nullopt));
  store.Damage(Table::kRows, "b");
  EXPECT_THAT(store.Get(Table::kRows, "b"), HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED));
  EXPECT_THAT(store.Scan(Table::kRows, "a", "c", 5), HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED));
  EXPECT_THAT(store.Scan(Table::kRows, "a", "b", 5), IsOk());
}

}  // namespace
}  // namespace naru
