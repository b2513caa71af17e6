#include "consent/store/store_conformance.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/barrier.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"

// Goal: what store.h promises, seen from outside. Each test writes through Update alone and looks
// through Get and Scan; the concurrent ones state an invariant that a wrong interleaving breaks and
// count that nothing was lost.
namespace naru {
namespace {

constexpr char kNone[] = "(none)";

Writes::Write PutRow(Table table, std::string key, std::string value) {
  return {table, std::move(key), std::move(value)};
}

Writes::Write DeleteRow(Table table, std::string key) {
  return {table, std::move(key), std::nullopt};
}

int64_t NumberIn(const Reader& reader, const std::string& key) {
  absl::StatusOr<std::optional<std::string>> value = reader.Get(Table::kRows, key);
  EXPECT_THAT(value, IsOk());
  int64_t number = 0;
  if (value.ok() && value->has_value()) {
    EXPECT_TRUE(absl::SimpleAtoi(**value, &number));
  }
  return number;
}

Writes WithNumber(const std::string& key, int64_t number) {
  Writes writes;
  writes.rows.push_back(PutRow(Table::kRows, key, absl::StrCat(number)));
  return writes;
}

// Runs `work(i)` for each i below `count` on a thread of its own, all starting at once.
void InParallel(int count, const std::function<void(int)>& work) {
  auto* barrier = new absl::Barrier(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&work, barrier, i] {
      if (barrier->Block()) delete barrier;
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

std::string StoreEngineName(const testing::TestParamInfo<StoreEngine>& info) {
  return info.param.name;
}

void StoreConformance::SetUp() {
  place_ = GetParam().new_place();
  ABSL_ASSERT_OK_AND_ASSIGN(store_, place_->Open());
}

void StoreConformance::Reopen() {
  store_.reset();
  ABSL_ASSERT_OK_AND_ASSIGN(store_, place_->Open());
}

absl::Status StoreConformance::Put(Table table, const std::string& key,
                                   std::optional<std::string> value) {
  return store().Update({key}, [&](const Reader&) -> absl::StatusOr<Writes> {
    Writes writes;
    writes.rows.push_back({table, key, value});
    return writes;
  });
}

std::string StoreConformance::ValueOf(Table table, const std::string& key) {
  absl::StatusOr<std::optional<std::string>> value = store().Get(table, key);
  EXPECT_THAT(value, IsOk());
  return value.ok() ? value->value_or(kNone) : "(error)";
}

std::string StoreConformance::ScanText(Table table, absl::string_view from, absl::string_view to,
                                       int limit) {
  absl::StatusOr<std::vector<Row>> rows = store().Scan(table, from, to, limit);
  EXPECT_THAT(rows, IsOk());
  if (!rows.ok()) return "(error)";
  return absl::StrJoin(*rows, " ", [](std::string* out, const Row& row) {
    absl::StrAppend(out, row.key, "=", row.value);
  });
}

TEST_P(StoreConformance, NewStoreIsEmpty) {
  for (int table = 0; table < kTables; ++table) {
    EXPECT_EQ(ValueOf(static_cast<Table>(table), "a"), kNone);
    EXPECT_EQ(ScanText(static_cast<Table>(table), "", "\xff"), "");
  }
  EXPECT_EQ(store().HeadAtOpen(), std::nullopt);
}

TEST_P(StoreConformance, RowsAreReadBackReplacedAndDeleted) {
  ABSL_EXPECT_OK(Put(Table::kRows, "a", "1"));
  EXPECT_EQ(ValueOf(Table::kRows, "a"), "1");
  ABSL_EXPECT_OK(Put(Table::kRows, "a", "2"));
  EXPECT_EQ(ValueOf(Table::kRows, "a"), "2");
  ABSL_EXPECT_OK(Put(Table::kRows, "a", std::nullopt));
  EXPECT_EQ(ValueOf(Table::kRows, "a"), kNone);
  ABSL_EXPECT_OK(Put(Table::kRows, "a", std::nullopt)) << "a row that is not there";
}

TEST_P(StoreConformance, TablesAreApart) {
  for (int table = 0; table < kTables; ++table) {
    ABSL_EXPECT_OK(Put(static_cast<Table>(table), "key", absl::StrCat(table)));
  }
  for (int table = 0; table < kTables; ++table) {
    EXPECT_EQ(ValueOf(static_cast<Table>(table), "key"), absl::StrCat(table));
    EXPECT_EQ(ScanText(static_cast<Table>(table), "", "z"), absl::StrCat("key=", table));
  }
}

TEST_P(StoreConformance, EmptyValueIsARow) {
  ABSL_EXPECT_OK(Put(Table::kRows, "a", ""));
  EXPECT_EQ(ValueOf(Table::kRows, "a"), "");
  EXPECT_EQ(ScanText(Table::kRows, "a", "b"), "a=");
}

TEST_P(StoreConformance, ScanGoesByBytesWithinItsBounds) {
  for (const char* key : {"b", "a", "\x7f", "\x80", "\xff", "aa", "B", "c"}) {
    ABSL_ASSERT_OK(Put(Table::kRows, key, ""));
  }
  EXPECT_EQ(ScanText(Table::kRows, "", "\xff\xff"), "B= a= aa= b= c= \x7f= \x80= \xff=");
  EXPECT_EQ(ScanText(Table::kRows, "a", "c"), "a= aa= b=") << "the end is outside";
  EXPECT_EQ(ScanText(Table::kRows, "a\x01", "b"), "aa=");
  EXPECT_EQ(ScanText(Table::kRows, "d", "e"), "");
  EXPECT_EQ(ScanText(Table::kRows, "c", "a"), "") << "an end before the beginning";
  EXPECT_EQ(ScanText(Table::kRows, "a", "a"), "");
}

TEST_P(StoreConformance, ScanStopsAtItsLimit) {
  ABSL_ASSERT_OK(store().Update({}, [](const Reader&) -> absl::StatusOr<Writes> {
    Writes writes;
    for (int i = 0; i <= kScanRows; ++i) {
      writes.rows.push_back(PutRow(Table::kRows, absl::StrCat("k", 100000 + i), "v"));
    }
    return writes;
  }));
  EXPECT_EQ(ScanText(Table::kRows, "k", "l", 2), "k100000=v k100001=v");
  EXPECT_EQ(ScanText(Table::kRows, "k100001", "l", 1), "k100001=v");
  absl::StatusOr<std::vector<Row>> all = store().Scan(Table::kRows, "k", "l", kScanRows);
  ABSL_ASSERT_OK(all);
  EXPECT_EQ(all->size(), static_cast<size_t>(kScanRows));
  EXPECT_EQ(all->back().key, absl::StrCat("k", 100000 + kScanRows - 1));
}

TEST_P(StoreConformance, KeysAndValuesMayHoldAnyBytes) {
  std::string every;
  for (int c = 0; c < 256; ++c) every.push_back(static_cast<char>(c));
  ABSL_ASSERT_OK(Put(Table::kKeys, every, every));
  ABSL_ASSERT_OK(Put(Table::kKeys, std::string("a\0b", 3), "with NUL"));
  ABSL_ASSERT_OK(Put(Table::kKeys, "a", "without"));
  EXPECT_EQ(ValueOf(Table::kKeys, every), every);
  EXPECT_EQ(ValueOf(Table::kKeys, std::string("a\0b", 3)), "with NUL");
  EXPECT_EQ(ValueOf(Table::kKeys, "a"), "without");
  EXPECT_EQ(ScanText(Table::kKeys, std::string("a\0", 2), "b"), std::string("a\0b=with NUL", 12));
}

TEST_P(StoreConformance, BigValuesComeBackWhole) {
  FakeRandom random(3);
  const std::string big = random.Bytes(4 << 20);
  ABSL_ASSERT_OK(Put(Table::kMeta, "catalogue", big));
  EXPECT_TRUE(ValueOf(Table::kMeta, "catalogue") == big);
  Reopen();
  EXPECT_TRUE(ValueOf(Table::kMeta, "catalogue") == big);
}

TEST_P(StoreConformance, OneUpdateWritesAllTables) {
  ABSL_ASSERT_OK(Put(Table::kRows, "old", "1"));
  ABSL_ASSERT_OK(store().Update({"a", "b", "a"}, [](const Reader&) -> absl::StatusOr<Writes> {
    Writes writes;
    writes.rows = {PutRow(Table::kRows, "a", "1"), PutRow(Table::kChecks, "b", "2"),
                   PutRow(Table::kLedger, "c", "3"), DeleteRow(Table::kRows, "old")};
    return writes;
  }));
  EXPECT_EQ(ScanText(Table::kRows, "", "z"), "a=1");
  EXPECT_EQ(ScanText(Table::kChecks, "", "z"), "b=2");
  EXPECT_EQ(ScanText(Table::kLedger, "", "z"), "c=3");
}

TEST_P(StoreConformance, OfTwoWritesToOneRowTheLaterCounts) {
  ABSL_ASSERT_OK(store().Update({}, [](const Reader&) -> absl::StatusOr<Writes> {
    Writes writes;
    writes.rows = {PutRow(Table::kRows, "a", "1"), PutRow(Table::kRows, "a", "2"),
                   PutRow(Table::kRows, "b", "1"), DeleteRow(Table::kRows, "b"),
                   DeleteRow(Table::kRows, "c"),   PutRow(Table::kRows, "c", "3")};
    return writes;
  }));
  EXPECT_EQ(ScanText(Table::kRows, "", "z"), "a=2 c=3");
}

TEST_P(StoreConformance, JudgeWithoutWritesChangesNothing) {
  ABSL_ASSERT_OK(Put(Table::kRows, "a", "1"));
  ABSL_EXPECT_OK(
      store().Update({"a"}, [](const Reader&) -> absl::StatusOr<Writes> { return Writes(); }));
  EXPECT_EQ(ScanText(Table::kRows, "", "z"), "a=1");
}

TEST_P(StoreConformance, JudgesErrorIsReturnedAsItIsAndHasNoEffect) {
  ABSL_ASSERT_OK(Put(Table::kRows, "a", "1"));
  const absl::Status error = FieldMalformed("papers[2].kind", "a kind of the affair");
  const absl::Status status =
      store().Update({"a"}, [&](const Reader& state) -> absl::StatusOr<Writes> {
        EXPECT_EQ(NumberIn(state, "a"), 1);
        return error;
      });
  EXPECT_EQ(status, error) << "with its payload";
  EXPECT_EQ(ScanText(Table::kRows, "", "z"), "a=1");
  Reopen();
  EXPECT_EQ(ScanText(Table::kRows, "", "z"), "a=1");
}

TEST_P(StoreConformance, JudgeScansAndReadsWhatEarlierUpdatesLeft) {
  for (int i = 0; i < 50; ++i) {
    ABSL_ASSERT_OK(store().Update({"s"}, [&](const Reader& state) -> absl::StatusOr<Writes> {
      absl::StatusOr<std::vector<Row>> rows = state.Scan(Table::kRows, "n", "o", kScanRows);
      EXPECT_THAT(rows, IsOk());
      EXPECT_EQ(rows->size(), static_cast<size_t>(i));
      return WithNumber(absl::StrCat("n", 1000 + i), i);
    }));
  }
}

TEST_P(StoreConformance, ReopenKeepsEverything) {
  const std::string root(32, 'r');
  for (int i = 0; i < 100; ++i) {
    ABSL_ASSERT_OK(store().Update({}, [&](const Reader&) -> absl::StatusOr<Writes> {
      Writes writes = WithNumber(absl::StrCat("n", i), i);
      if (i > 0) writes.rows.push_back(DeleteRow(Table::kRows, absl::StrCat("n", i - 1)));
      writes.rows.push_back(PutRow(Table::kLedger, absl::StrCat("l", 1000 + i), "x"));
      writes.head = LedgerHead{static_cast<uint64_t>(i + 1), root};
      return writes;
    }));
    if (i == 33) Reopen();
  }
  Reopen();
  EXPECT_EQ(ScanText(Table::kRows, "", "z"), "n99=99");
  absl::StatusOr<std::vector<Row>> ledger = store().Scan(Table::kLedger, "l", "m", kScanRows);
  ABSL_ASSERT_OK(ledger);
  EXPECT_EQ(ledger->size(), 100u);
  if (GetParam().keeps_head) {
    ASSERT_TRUE(store().HeadAtOpen().has_value());
    EXPECT_EQ(store().HeadAtOpen()->size, 100u);
    EXPECT_EQ(store().HeadAtOpen()->root, root);
  }
}

// --- Several callers at once ---

TEST_P(StoreConformance, NoIncrementIsLost) {
  constexpr int kThreads = 4;
  constexpr int kEach = 300;
  InParallel(kThreads, [&](int) {
    for (int i = 0; i < kEach; ++i) {
      ABSL_EXPECT_OK(store().Update({"n"}, [](const Reader& state) -> absl::StatusOr<Writes> {
        return WithNumber("n", NumberIn(state, "n") + 1);
      }));
    }
  });
  EXPECT_EQ(NumberIn(store(), "n"), kThreads * kEach);
}

// Two doctors are on call; each may leave if the other stays. Each update reads both rows and
// writes one: an engine that lets both judge at once from the old state ends with nobody on call.
TEST_P(StoreConformance, WriteSkewNeverHappens) {
  constexpr int kRounds = 1500;
  std::atomic<int> left{0};
  absl::Barrier* barrier = nullptr;
  for (int round = 0; round < kRounds; ++round) {
    ABSL_ASSERT_OK(store().Update({"x", "y"}, [](const Reader&) -> absl::StatusOr<Writes> {
      Writes writes;
      writes.rows = {PutRow(Table::kRows, "x", "1"), PutRow(Table::kRows, "y", "1")};
      return writes;
    }));
    barrier = new absl::Barrier(2);
    const auto leave = [&](const std::string& own, const std::string& other) {
      if (barrier->Block()) delete barrier;
      const absl::Status status =
          store().Update({own, other}, [&](const Reader& state) -> absl::StatusOr<Writes> {
            if (NumberIn(state, other) == 0) return absl::FailedPreconditionError("stay");
            return WithNumber(own, 0);
          });
      if (status.ok()) ++left;
    };
    std::thread first(leave, "x", "y");
    leave("y", "x");
    first.join();
    ASSERT_EQ(NumberIn(store(), "x") + NumberIn(store(), "y"), 1) << "round " << round;
  }
  EXPECT_EQ(left, kRounds);
}

// Threads move money between accounts that they lock in every order; a deadlock would hang the
// test, a lost update would change the sum.
TEST_P(StoreConformance, OverlappingLocksInAnyOrderFinish) {
  constexpr int kAccounts = 5;
  constexpr int kThreads = 6;
  const auto account = [](uint64_t i) { return absl::StrCat("account", i % kAccounts); };
  for (int i = 0; i < kAccounts; ++i) ABSL_ASSERT_OK(Put(Table::kRows, account(i), "1000"));
  InParallel(kThreads, [&](int thread) {
    FakeRandom random(thread + 1);
    for (int i = 0; i < 150; ++i) {
      const uint64_t from = random.Below(kAccounts);
      const uint64_t to = from + 1 + random.Below(kAccounts - 1);
      ABSL_EXPECT_OK(store().Update(
          {account(from), account(to), account(from)},
          [&](const Reader& state) -> absl::StatusOr<Writes> {
            Writes writes = WithNumber(account(from), NumberIn(state, account(from)) - 1);
            writes.rows.push_back(
                PutRow(Table::kRows, account(to), absl::StrCat(NumberIn(state, account(to)) + 1)));
            return writes;
          }));
    }
  });
  int64_t sum = 0;
  for (int i = 0; i < kAccounts; ++i) sum += NumberIn(store(), account(i));
  EXPECT_EQ(sum, 1000 * kAccounts);
}

TEST_P(StoreConformance, FailingJudgesDoNotPoisonTheirNeighbours) {
  constexpr int kEach = 200;
  std::atomic<int> refused{0};
  InParallel(4, [&](int thread) {
    const bool bad = thread % 2 == 0;
    const std::string key = absl::StrCat("k", thread);
    for (int i = 0; i < kEach; ++i) {
      const absl::Status status =
          store().Update({"shared", key}, [&](const Reader& state) -> absl::StatusOr<Writes> {
            Writes writes = WithNumber(key, NumberIn(state, key) + 1);
            if (bad) return absl::AbortedError("bad");
            return writes;
          });
      if (bad) {
        EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, "bad"));
        ++refused;
      } else {
        ABSL_EXPECT_OK(status);
      }
    }
  });
  EXPECT_EQ(refused, 2 * kEach);
  EXPECT_EQ(ScanText(Table::kRows, "", "z"), absl::StrCat("k1=", kEach, " k3=", kEach));
}

TEST_P(StoreConformance, ReadersSeeWholeUpdatesOnly) {
  constexpr int kRowsOfUpdate = 20;
  std::atomic<bool> stop{false};
  std::atomic<int64_t> looks{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      int64_t last = 0;
      while (!stop) {
        absl::StatusOr<std::vector<Row>> rows = store().Scan(Table::kRows, "w", "x", kScanRows);
        ABSL_ASSERT_OK(rows);
        ++looks;
        if (rows->empty()) continue;
        ASSERT_EQ(rows->size(), static_cast<size_t>(kRowsOfUpdate));
        for (const Row& row : *rows) ASSERT_EQ(row.value, rows->front().value);
        int64_t now = 0;
        ASSERT_TRUE(absl::SimpleAtoi(rows->front().value, &now));
        ASSERT_GE(now, last) << "a reader went back";
        last = now;
      }
    });
  }
  for (int i = 1; i <= 400 || looks < 100; ++i) {
    ABSL_ASSERT_OK(store().Update({"w"}, [&](const Reader&) -> absl::StatusOr<Writes> {
      Writes writes;
      for (int row = 0; row < kRowsOfUpdate; ++row) {
        writes.rows.push_back(PutRow(Table::kRows, absl::StrCat("w", row), absl::StrCat(i)));
      }
      return writes;
    }));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformance);

}  // namespace naru
