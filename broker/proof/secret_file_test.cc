#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"

namespace naru::crypto {
namespace {

using testing::HasSubstr;

class SecretFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content, mode_t mode) {
    const std::string path = testing::TempDir() + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
};

TEST_F(SecretFileTest, IsReadableByItsOwnerAlone) {
  for (const mode_t mode : {0600, 0400, 0700}) {
    EXPECT_THAT(ReadSecretFile(Write("secret", "s3", mode)), IsOkAndHolds("s3"));
  }
  for (const mode_t mode : {0604, 0640, 0660, 0644, 0620, 0601, 0610}) {
    EXPECT_THAT(ReadSecretFile(Write("open", "s3", mode)),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         testing::AllOf(HasSubstr("/open"), HasSubstr("0600"))))
        << mode;
  }
}

TEST_F(SecretFileTest, IsARegularFile) {
  EXPECT_THAT(ReadSecretFile(testing::TempDir()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("regular file")));
  const std::string pipe = testing::TempDir() + "/pipe";
  unlink(pipe.c_str());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(ReadSecretFile(pipe),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("regular file")));
  EXPECT_THAT(ReadSecretFile(testing::TempDir() + "/none"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/none")));
}

TEST_F(SecretFileTest, HasAtMost64KiB) {
  EXPECT_THAT(ReadSecretFile(Write("full", std::string(65536, 's'), 0600)),
              IsOkAndHolds(std::string(65536, 's')));
  EXPECT_THAT(ReadSecretFile(Write("over", std::string(65537, 's'), 0600)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("64 KiB")));
}

TEST_F(SecretFileTest, HexSecretIs64HexadecimalCharacters) {
  const std::string hex = absl::BytesToHexString(Sha256("secret"));
  EXPECT_THAT(ReadHexSecret(Write("hex", hex, 0600)), IsOkAndHolds(Sha256("secret")));
  EXPECT_THAT(ReadHexSecret(Write("hex", hex + "\n", 0600)), IsOkAndHolds(Sha256("secret")));
  for (const std::string& bad : {hex.substr(1), hex + "0", "g" + hex.substr(1), std::string()}) {
    const absl::StatusOr<std::string> read = ReadHexSecret(Write("bad", bad, 0600));
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/bad")));
    // The error may land in a log: nothing of the secret.
    EXPECT_FALSE(absl::StrContains(read.status().message(), hex.substr(1, 16)));
  }
  EXPECT_THAT(ReadHexSecret(Write("hex", hex, 0644)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace naru::crypto
