#include "adapters/holder/sql_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace naru {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

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

TEST(SqlTextTest, NoParameterStandsTwice) {
  const SqlStatementText text = SeparateParameters("a = :x AND b = :y OR c = :x AND ':x' <> d::x");
  EXPECT_EQ(text.text, "a = :p1_x AND b = :p2_y OR c = :p3_x AND ':x' <> d::x");
  EXPECT_THAT(text.parameters,
              ElementsAre(Pair("p1_x", "x"), Pair("p2_y", "y"), Pair("p3_x", "x")));
  EXPECT_EQ(SeparateParameters("SELECT 1").text, "SELECT 1");
}

TEST(SqlTextTest, SelectsTheColumnsAloneAndInOrder) {
  EXPECT_EQ(SelectColumns("SELECT * FROM t -- note", {"b", "a"}, {}),
            "SELECT q.b, q.a FROM (SELECT * FROM t -- note\n) q");
  EXPECT_EQ(SelectColumns("SELECT * FROM t", {"a"}, {"x", "y"}),
            "SELECT q.a FROM (SELECT * FROM t\n) q ORDER BY q.x, q.y");
  EXPECT_EQ(SelectColumns("SELECT * FROM t", {"a"}, {"x"}, "VARCHAR(9)"),
            "SELECT CAST(q.a AS VARCHAR(9)) FROM (SELECT * FROM t\n) q ORDER BY q.x");
}

}  // namespace
}  // namespace naru
