#include "deploy/people/cli.h"

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "deploy/people/write_people.h"
#include "gtest/gtest.h"

namespace naru::people {
namespace {

class CliTest : public testing::Test {
 protected:
  int Run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "naru-people");
    out_.str("");
    err_.str("");
    return RunPeople(static_cast<int>(arguments.size()), arguments.data(), out_, err_);
  }
  bool OutHas(const std::string& text) { return out_.str().find(text) != std::string::npos; }
  bool ErrHas(const std::string& text) { return err_.str().find(text) != std::string::npos; }

  const std::string folder_ =
      testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CliTest, HelpNamesEveryOption) {
  EXPECT_EQ(Run({"--help"}), 0);
  for (const char* option : {"--out", "--count", "--seed", "--as-of", "--replace"}) {
    EXPECT_TRUE(OutHas(option)) << option;
  }
  EXPECT_TRUE(OutHas("10000"));
  EXPECT_TRUE(OutHas("2026-11-01"));
}

TEST_F(CliTest, WritesFilesAndSaysHowFarItIs) {
  EXPECT_EQ(Run({"--out", folder_.c_str(), "--count", "200"}), 0) << err_.str();
  for (const std::string& file : OutputFiles()) {
    EXPECT_TRUE(std::filesystem::exists(folder_ + "/" + file)) << file;
  }
  EXPECT_TRUE(ErrHas("200 of 200 people")) << err_.str();
  EXPECT_TRUE(ErrHas("resolver.db is whole")) << err_.str();
  EXPECT_TRUE(OutHas(folder_));
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_NE(entry.path().extension(), ".partial");
  }
}

TEST_F(CliTest, DoesNotWriteOverFilesUnlessTold) {
  ASSERT_EQ(Run({"--out", folder_.c_str(), "--count", "20"}), 0);
  EXPECT_EQ(Run({"--out", folder_.c_str(), "--count", "20"}), 2);
  EXPECT_TRUE(ErrHas("mois.db is there already; --replace")) << err_.str();
  EXPECT_EQ(Run({"--out", folder_.c_str(), "--count", "20", "--replace"}), 0) << err_.str();
}

TEST_F(CliTest, BadArgumentsAreNamed) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_TRUE(ErrHas("--out")) << err_.str();
  EXPECT_EQ(Run({"--out", folder_.c_str(), "--count", "3"}), 2);
  EXPECT_TRUE(ErrHas("--count")) << err_.str();
  EXPECT_EQ(Run({"--out", folder_.c_str(), "--count", "many"}), 2);
  EXPECT_TRUE(ErrHas("many")) << err_.str();
  EXPECT_EQ(Run({"--out", folder_.c_str(), "--seed", "-1"}), 2);
  EXPECT_EQ(Run({"--out", folder_.c_str(), "--as-of", "tomorrow"}), 2);
  EXPECT_TRUE(ErrHas("'tomorrow' is not a day")) << err_.str();
  EXPECT_EQ(Run({"--out", folder_.c_str(), "--colour"}), 2);
  EXPECT_TRUE(ErrHas("--colour")) << err_.str();
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

}  // namespace
}  // namespace naru::people
