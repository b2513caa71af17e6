#include "adapters/holder/sql_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace naru {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SqlTextTest, NamesAreLettersDigitsAndUnderscores) {
  EXPECT_TRUE(IsSqlName("trade_name"));
  EXPECT_TRUE(IsSqlName("_x9"));
  EXPECT_TRUE(IsSqlName(std::string(63, 'a')));
  for (const char* bad : {"", "9x", "a b", "a-b", "a\"b", "a;b", "이름", "a.b", "a'"}) {
    EXPECT_FALSE(IsSqlName(bad)) << bad;
  }
  EXPECT_FALSE(IsSqlName(std::string(64, 'a')));
}

TEST(SqlTextTest, FindsNamedParameters) {
  EXPECT_THAT(NamedParameters("SELECT 1 WHERE a = :subject AND b IN (:x_1,:subject)"),
              ElementsAre("subject", "x_1"));
  EXPECT_THAT(NamedParameters(":a"), ElementsAre("a"));
}

TEST(SqlTextTest, WhatOnlyLooksLikeAParameterIsNone) {
  EXPECT_THAT(NamedParameters("SELECT ':a', \":b\", `:c`, x::text, 'it''s :d' -- :e\n /* :f */"),
              IsEmpty());
  EXPECT_THAT(NamedParameters("a : b :9 :"), IsEmpty());
  EXPECT_THAT(NamedParameters("'open :a"), IsEmpty());
  EXPECT_THAT(NamedParameters("-- note\n:a"), ElementsAre("a"));
}

TEST(SqlTextTest, SelectsTheColumnsAloneAndInOrder) {
  EXPECT_EQ(SelectColumns("SELECT * FROM t -- note", {"b", "a"}, {}),
            "SELECT q.b, q.a FROM (SELECT * FROM t -- note\n) q");
  EXPECT_EQ(SelectColumns("SELECT * FROM t", {"a"}, {"x", "y"}),
            "SELECT q.a FROM (SELECT * FROM t\n) q ORDER BY q.x, q.y");
}

}  // namespace
}  // namespace naru
