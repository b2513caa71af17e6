#include "broker/base/command_line.h"

#include <gtest/gtest.h>

#include <sstream>

namespace naru {
namespace {

constexpr int kBad = 7;

struct Parsed {
  std::optional<int> status;
  std::string out, err;
};

Parsed Parse(CommandLine& line, std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "program");
  std::ostringstream out, err;
  Parsed parsed;
  parsed.status = line.Parse(static_cast<int>(arguments.size()), arguments.data(), kBad, out, err);
  parsed.out = out.str();
  parsed.err = err.str();
  return parsed;
}

TEST(CommandLineTest, SetsWhatWasGivenAndLeavesTheRest) {
  CommandLine line("program", "purpose");
  std::string text = "before", kept = "kept", placed;
  int32_t number = 0;
  uint64_t large = 0;
  std::vector<uint32_t> several;
  bool flag = false, other = false;
  line.program().Add("--text", &text, "");
  line.program().Add("--kept", &kept, "");
  line.program().Add("placed", &placed, "");
  line.program().Add("--number", &number, "");
  line.program().Add("--large", &large, "");
  line.program().Add("--several", &several, "");
  line.program().AddFlag("--flag", &flag, "");
  line.program().AddFlag("--other", &other, "");
  const Parsed parsed =
      Parse(line, {"here", "--text", "t", "--number=-5", "--large", "18446744073709551615",
                   "--several", "1", "--several", "2", "--flag"});
  EXPECT_FALSE(parsed.status.has_value()) << parsed.err;
  EXPECT_EQ(text, "t");
  EXPECT_EQ(kept, "kept");
  EXPECT_EQ(placed, "here");
  EXPECT_EQ(number, -5);
  EXPECT_EQ(large, UINT64_MAX);
  EXPECT_EQ(several, (std::vector<uint32_t>{1, 2}));
  EXPECT_TRUE(flag);
  EXPECT_FALSE(other);
}

TEST(CommandLineTest, ErrorsNameTheOptionAndEndWithTheStatusGiven) {
  const struct {
    std::vector<const char*> arguments;
    const char* named;
  } kCases[] = {
      {{}, "--needed"},
      {{"--needed", "x", "--choice", "C"}, "--choice"},
      {{"--needed", "x", "--from-one-to-three", "4"}, "--from-one-to-three"},
      {{"--needed", "x", "--count", "-1"}, "--count"},
      {{"--needed", "x", "--count", "many"}, "--count"},
      {{"--needed", "x", "--a", "--b"}, "--a"},
      {{"--needed", "x", "--unknown"}, "--unknown"},
  };
  for (const auto& test : kCases) {
    CommandLine line("program", "purpose");
    std::string needed, choice;
    int64_t range = 1;
    uint32_t count = 0;
    bool a = false, b = false;
    Command program = line.program();
    program.Add("--needed", &needed, "").Required();
    program.Add("--choice", &choice, "").OneOf({"A", "B"});
    program.Add("--from-one-to-three", &range, "").Between(1, 3);
    program.Add("--count", &count, "");
    const CommandOption flag = program.AddFlag("--a", &a, "");
    program.AddFlag("--b", &b, "").Excludes(flag);
    const Parsed parsed = Parse(line, test.arguments);
    EXPECT_EQ(parsed.status, kBad) << test.named;
    EXPECT_NE(parsed.err.find(test.named), std::string::npos) << parsed.err;
    EXPECT_EQ(parsed.out, "");
  }
}

TEST(CommandLineTest, HelpSaysPurposeAndDefaultAndEndsWithZero) {
  CommandLine line("program", "the purpose");
  std::string language = "ko";
  line.program().Add("--language", &language, "the language").ShowDefault();
  const Parsed parsed = Parse(line, {"--help"});
  EXPECT_EQ(parsed.status, 0);
  for (const char* said : {"the purpose", "--language", "the language", "ko"}) {
    EXPECT_NE(parsed.out.find(said), std::string::npos) << parsed.out;
  }
}

TEST(CommandLineTest, OneCommandIsNamedAndTakesTheOptionsAboveIt) {
  CommandLine line("program", "purpose");
  std::string shared, named;
  line.program().Add("--shared", &shared, "");
  line.program().NeedsCommand();
  Command outer = line.program().AddCommand("outer", "");
  outer.NeedsCommand();
  for (const std::string name : {"one", "two"}) {
    outer.AddCommand(name, "").OnNamed([&named, name] { named += name; });
  }
  EXPECT_EQ(Parse(line, {}).status, kBad);
  EXPECT_EQ(Parse(line, {"outer"}).status, kBad);
  EXPECT_EQ(named, "");
  const Parsed parsed = Parse(line, {"outer", "two", "--shared", "s"});
  EXPECT_FALSE(parsed.status.has_value()) << parsed.err;
  EXPECT_EQ(named, "two");
  EXPECT_EQ(shared, "s");
}

}  // namespace
}  // namespace naru
