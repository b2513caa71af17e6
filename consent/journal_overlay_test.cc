#include "consent/journal_overlay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/base/status_matchers.h"
#include "consent/store/memory_store.h"

namespace naru {
namespace {

constexpr Table kTable = Table::kRows;

// "a=1 b=2"
std::string Render(const std::vector<Row>& rows) {
  return absl::StrJoin(rows, " ", [](std::string* out, const Row& row) {
    absl::StrAppend(out, row.key, "=", row.value);
  });
}

// Rows below: the letters; here: what the case says.
struct ScanCase {
  std::string below;
  std::vector<std::pair<std::string, std::optional<std::string>>> here;
  std::string from;
  std::string to;
  int limit;
  std::string expected;
};

TEST(JournalOverlayTest, ScansBothAsOne) {
  const std::optional<std::string> kDeleted;
  const std::vector<ScanCase> cases = {
      {"", {}, "a", "z", 10, ""},
      {"bd", {}, "a", "z", 10, "b=0 d=0"},
      {"", {{"b", "1"}}, "a", "z", 10, "b=1"},
      {"bd", {{"c", "1"}}, "a", "z", 10, "b=0 c=1 d=0"},
      {"bd", {{"a", "1"}, {"e", "1"}}, "a", "z", 10, "a=1 b=0 d=0 e=1"},
      {"bd", {{"b", "1"}}, "a", "z", 10, "b=1 d=0"},
      {"bd", {{"b", kDeleted}}, "a", "z", 10, "d=0"},
      {"bd", {{"c", kDeleted}}, "a", "z", 10, "b=0 d=0"},
      // Bounds: from is in, to is not.
      {"bd", {{"a", "1"}, {"c", "1"}, {"e", "1"}}, "b", "d", 10, "b=0 c=1"},
      {"bd", {{"d", "1"}}, "d", "d", 10, ""},
      {"bd", {{"c", "1"}}, "d", "b", 10, ""},
      // Limits.
      {"bd", {{"a", "1"}}, "a", "z", 1, "a=1"},
      {"bd", {{"c", "1"}}, "a", "z", 2, "b=0 c=1"},
      {"bd", {{"e", "1"}}, "a", "z", 2, "b=0 d=0"},
      {"bd", {{"e", "1"}}, "a", "z", 3, "b=0 d=0 e=1"},
      // Deleted rows do not use the limit up.
      {"bcdefg", {{"b", kDeleted}, {"c", kDeleted}, {"d", kDeleted}}, "a", "z", 2, "e=0 f=0"},
      {"bcdefg", {{"b", kDeleted}, {"d", kDeleted}, {"f", kDeleted}}, "a", "z", 2, "c=0 e=0"},
      {"bcd", {{"b", kDeleted}, {"c", kDeleted}, {"d", kDeleted}}, "a", "z", 1, ""},
      {"bcd", {{"b", kDeleted}, {"c", kDeleted}, {"d", kDeleted}, {"y", "1"}}, "a", "z", 1, "y=1"},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    MemoryStore store;
    for (const char key : cases[i].below) store.Tamper(kTable, std::string(1, key), "0");
    JournalOverlay overlay(&store);
    for (const auto& [key, value] : cases[i].here) overlay.Put({kTable, key, value});
    const auto rows = overlay.Scan(kTable, cases[i].from, cases[i].to, cases[i].limit);
    ABSL_ASSERT_OK(rows);
    EXPECT_EQ(Render(*rows), cases[i].expected) << "case " << i;
  }
}

// Random writes on a stack of two overlays, compared with one ordered map.
TEST(JournalOverlayTest, BehavesLikeOneMap) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
    const auto key = [&] { return absl::StrCat("k", below(30)); };
    MemoryStore store;
    std::map<std::string, std::string> model;
    for (uint32_t i = 0; i < below(30); ++i) {
      const std::string k = key();
      store.Tamper(kTable, k, "0");
      model[k] = "0";
    }
    JournalOverlay group(&store);
    std::optional<JournalOverlay> change(&group);
    std::map<std::string, std::string> before_change = model;
    for (int step = 0; step < 60; ++step) {
      const std::string k = key();
      switch (below(6)) {
        case 0:
        case 1:
          change->Put({kTable, k, absl::StrCat(step)});
          model[k] = absl::StrCat(step);
          break;
        case 2:
          change->Put({kTable, k, std::nullopt});
          model.erase(k);
          break;
        case 3: {
          const auto value = change->Get(kTable, k);
          ABSL_ASSERT_OK(value);
          const auto expected = model.find(k);
          ASSERT_EQ(*value,
                    expected == model.end() ? std::nullopt : std::make_optional(expected->second));
          break;
        }
        case 4: {
          const std::string from = key(), to = key();
          const int limit = 1 + below(8);
          std::vector<Row> expected;
          for (auto row = model.lower_bound(from);
               row != model.end() && row->first < to && expected.size() < size_t(limit); ++row) {
            expected.push_back({row->first, row->second});
          }
          const auto rows = change->Scan(kTable, from, to, limit);
          ABSL_ASSERT_OK(rows);
          ASSERT_EQ(Render(*rows), Render(expected)) << from << " to " << to << ", " << limit;
          break;
        }
        case 5:  // The change stands, or leaves nothing behind.
          if (below(2) == 0) {
            change->MoveTo(group);
            before_change = model;
          } else {
            model = before_change;
          }
          change.emplace(&group);
          break;
      }
    }
    // What is written in the end is what was read.
    change->MoveTo(group);
    for (Writes::Write& write : group.Take()) store.Tamper(write.table, write.key, write.value);
    std::vector<Row> expected;
    for (const auto& [k, v] : model) expected.push_back({k, v});
    EXPECT_EQ(Render(store.Scan(kTable, "a", "z", 100).value()), Render(expected));
  }
}

TEST(JournalOverlayTest, KeepsTablesApart) {
  MemoryStore store;
  JournalOverlay overlay(&store);
  overlay.Put({Table::kMeta, "key", "value"});
  EXPECT_THAT(overlay.Get(Table::kRows, "key"), IsOkAndHolds(std::nullopt));
  EXPECT_TRUE(overlay.Wrote(Table::kMeta, "key"));
  EXPECT_FALSE(overlay.Wrote(Table::kRows, "key"));
  EXPECT_FALSE(overlay.OnlyDeletes());
  overlay.Put({Table::kMeta, "key", std::nullopt});
  EXPECT_TRUE(overlay.OnlyDeletes());
}

TEST(JournalOverlayTest, PassesOnWhatTheRowsBelowFailWith) {
  MemoryStore store;
  store.Tamper(kTable, "a", "0");
  store.Damage(kTable, "a");
  JournalOverlay overlay(&store);
  EXPECT_THAT(overlay.Get(kTable, "a"), StatusIs(absl::StatusCode::kDataLoss));
  overlay.Put({kTable, "b", "1"});
  EXPECT_THAT(overlay.Scan(kTable, "a", "z", 5), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace naru
