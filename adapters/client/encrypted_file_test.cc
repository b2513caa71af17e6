// A document on its way lies on the disk only encrypted, and comes back as it was or not at all.

#include "adapters/client/encrypted_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru::client {
namespace {

using absl::StatusCode;

constexpr uint64_t kMax = 4 * 1024 * 1024;
constexpr char kName[] = "Kim Naru, 12 Ferry Road";

std::string Raw(int fd) {
  struct stat found;
  EXPECT_EQ(fstat(fd, &found), 0);
  std::string raw(static_cast<size_t>(found.st_size), '\0');
  EXPECT_EQ(pread(fd, raw.data(), raw.size(), 0), found.st_size);
  return raw;
}

class EncryptedFileTest : public testing::Test {
 protected:
  std::unique_ptr<EncryptedFile> New(uint64_t max_bytes = kMax) {
    auto file = EncryptedFile::Create(testing::TempDir(), max_bytes, &random_);
    ABSL_EXPECT_OK(file);
    return *std::move(file);
  }
  FakeRandom random_;
};

TEST_F(EncryptedFileTest, GivesBackWhatWentInInOrder) {
  auto file = New();
  const std::string first(limits::kChunkBytes, 'a');
  const std::string second = "the end";
  ABSL_ASSERT_OK(file->Append(first));
  ABSL_ASSERT_OK(file->Append(second));
  EXPECT_EQ(file->size(), first.size() + second.size());
  EXPECT_THAT(file->ReadAll(kMax), IsOkAndHolds(first + second));
  EXPECT_THAT(file->ReadAll(kMax), IsOkAndHolds(first + second)) << "and once more";
  EXPECT_THAT(file->ReadAll(10), StatusIs(StatusCode::kOutOfRange));
}

TEST_F(EncryptedFileTest, P6_NoPlainByteIsFoundOnTheDisk) {
  auto file = New();
  const std::string chunk = absl::StrCat(std::string(1000, 'x'), kName, std::string(1000, 'x'));
  ABSL_ASSERT_OK(file->Append(chunk));
  ABSL_ASSERT_OK(file->Append(chunk));
  const std::string raw = Raw(file->descriptor());
  EXPECT_GT(raw.size(), 2 * chunk.size());
  EXPECT_FALSE(absl::StrContains(raw, kName));
  EXPECT_FALSE(absl::StrContains(raw, "xxxxxxxx"));
  // The same bytes twice do not look alike.
  EXPECT_NE(raw.substr(0, chunk.size()), raw.substr(raw.size() / 2, chunk.size()));
}

TEST_F(EncryptedFileTest, HasNoNameInTheDirectory) {
  const std::string directory = testing::TempDir() + "/nameless";
  std::filesystem::create_directory(directory);
  auto file = EncryptedFile::Create(directory, kMax, &random_);
  ABSL_ASSERT_OK(file);
  ABSL_ASSERT_OK((*file)->Append(kName));
  EXPECT_TRUE(std::filesystem::is_empty(directory));
}

TEST_F(EncryptedFileTest, NoticesAnotherByteASwapAndACut) {
  const std::string chunk(100, 'c');
  for (int damage = 0; damage < 3; ++damage) {
    SCOPED_TRACE(damage);
    auto file = New();
    ABSL_ASSERT_OK(file->Append(chunk));
    ABSL_ASSERT_OK(file->Append(chunk));
    std::string raw = Raw(file->descriptor());
    if (damage == 0) raw[120] ^= 1;
    if (damage == 1) raw = raw.substr(raw.size() / 2) + raw.substr(0, raw.size() / 2);
    if (damage == 2) raw.resize(raw.size() - 1);
    ASSERT_EQ(ftruncate(file->descriptor(), static_cast<off_t>(raw.size())), 0);
    ASSERT_EQ(pwrite(file->descriptor(), raw.data(), raw.size(), 0),
              static_cast<ssize_t>(raw.size()));
    EXPECT_THAT(file->ReadAll(kMax), StatusIs(StatusCode::kDataLoss));
  }
}

TEST_F(EncryptedFileTest, IsBounded) {
  auto file = New(10);
  EXPECT_THAT(file->Append(""), StatusIs(StatusCode::kOutOfRange));
  EXPECT_THAT(file->Append("12345678901"), StatusIs(StatusCode::kOutOfRange));
  ABSL_ASSERT_OK(file->Append("123456"));
  EXPECT_THAT(file->Append("78901"), StatusIs(StatusCode::kOutOfRange));
  ABSL_ASSERT_OK(file->Append("7890"));
  EXPECT_THAT(New()->Append(std::string(limits::kChunkBytesMax + 1, 'x')),
              StatusIs(StatusCode::kOutOfRange));
}

TEST_F(EncryptedFileTest, PassesOnWhatTheSinkSays) {
  auto file = New();
  ABSL_ASSERT_OK(file->Append("a"));
  ABSL_ASSERT_OK(file->Append("b"));
  int calls = 0;
  EXPECT_THAT(file->Read([&calls](absl::string_view) {
    ++calls;
    return absl::CancelledError("enough");
  }),
              StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(calls, 1);
}

TEST_F(EncryptedFileTest, SaysWhichDirectoryIsNotThere) {
  EXPECT_THAT(EncryptedFile::Create("/nowhere/at/all", kMax, &random_),
              StatusIs(StatusCode::kNotFound, testing::HasSubstr("/nowhere/at/all")));
}

}  // namespace
}  // namespace naru::client
