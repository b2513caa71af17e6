#include "consent/store/head_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"

// HEAD is read after torn writes at every byte and after a flip of every bit: it gives the newest
// head or the one before, and never another.
namespace naru {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr size_t kSlot = 512;

HeadFile::Content ContentOf(uint64_t size) {
  return {{size, crypto::Sha256(absl::StrCat("root ", size))}, 10 * size};
}

class HeadFileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = absl::StrCat(testing::TempDir(), "/head-",
                              testing::UnitTest::GetInstance()->current_test_info()->name());
    ABSL_ASSERT_OK(MakeDirectories(directory_));
  }

  std::string path() const { return directory_ + "/HEAD"; }
  std::string Bytes() { return *ReadFile(path(), 2 * kSlot); }
  void SetBytes(const std::string& bytes) {
    ASSERT_TRUE(std::ofstream(path(), std::ios::trunc | std::ios::binary) << bytes);
  }

  // Size that the file confirms now; checks that the rest belongs to it.
  absl::StatusOr<uint64_t> SizeNow() {
    absl::StatusOr<std::unique_ptr<HeadFile>> file = HeadFile::Open(directory_);
    if (!file.ok()) return file.status();
    const HeadFile::Content& content = (*file)->content();
    if (content.ledger.size > 0) {
      EXPECT_EQ(content.ledger.root, ContentOf(content.ledger.size).ledger.root);
      EXPECT_EQ(content.update, ContentOf(content.ledger.size).update);
    }
    return content.ledger.size;
  }

  // The file after heads of sizes 1 to `count`.
  void Fill(uint64_t count) {
    absl::StatusOr<std::unique_ptr<HeadFile>> file = HeadFile::Create(directory_);
    ABSL_ASSERT_OK(file);
    for (uint64_t size = 1; size <= count; ++size) {
      ABSL_ASSERT_OK((*file)->Write(ContentOf(size)));
    }
  }

  std::string directory_;
};

TEST_F(HeadFileTest, MissingFileIsNullptr) {
  absl::StatusOr<std::unique_ptr<HeadFile>> file = HeadFile::Open(directory_);
  ABSL_ASSERT_OK(file);
  EXPECT_EQ(*file, nullptr);
  EXPECT_THAT(HeadFile::Open(directory_ + "/none"), IsOkAndHolds(::testing::IsNull()));
}

TEST_F(HeadFileTest, NewFileConfirmsAnEmptyStore) {
  Fill(0);
  absl::StatusOr<std::unique_ptr<HeadFile>> file = HeadFile::Open(directory_);
  ABSL_ASSERT_OK(file);
  EXPECT_EQ((*file)->content().ledger.size, 0u);
  EXPECT_EQ((*file)->content().ledger.root, crypto::Sha256(""));
  EXPECT_EQ((*file)->content().update, 0u);
}

TEST_F(HeadFileTest, NewestWriteIsReadBackAndGoesOn) {
  for (uint64_t count = 1; count <= 5; ++count) {
    Fill(count);
    EXPECT_THAT(SizeNow(), IsOkAndHolds(count));
    {
      absl::StatusOr<std::unique_ptr<HeadFile>> file = HeadFile::Open(directory_);
      ABSL_ASSERT_OK(file);
      ABSL_ASSERT_OK((*file)->Write(ContentOf(100)));
    }
    EXPECT_THAT(SizeNow(), IsOkAndHolds(100u));
    EXPECT_EQ(Bytes().size(), 2 * kSlot);
  }
}

TEST_F(HeadFileTest, BytesOnDiskAreFixed) {
  Fill(0);
  std::string expected = absl::StrCat(
      absl::HexStringToBytes("4e41525548454144"
                             "00000001"
                             "00000000"
                             "0000000000000001"
                             "0000000000000000"
                             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                             "0000000000000000"),
      std::string(408, '\0'));
  expected = absl::StrCat(std::string(kSlot, '\0'), expected, crypto::Sha256(expected));
  EXPECT_EQ(absl::BytesToHexString(Bytes()), absl::BytesToHexString(expected));
}

TEST_F(HeadFileTest, P4_TornWriteLeavesTheHeadBefore) {
  Fill(7);
  const std::string before = Bytes();
  Fill(8);
  const std::string after = Bytes();
  ASSERT_NE(before, after);
  int new_heads = 0;
  for (size_t cut = 0; cut <= 2 * kSlot; ++cut) {
    SetBytes(after.substr(0, cut) + before.substr(cut));
    const absl::StatusOr<uint64_t> size = SizeNow();
    ABSL_ASSERT_OK(size);
    ASSERT_TRUE(*size == 7 || *size == 8) << *size;
    if (*size == 8) ++new_heads;
  }
  EXPECT_GT(new_heads, 0);
  EXPECT_LE(new_heads, static_cast<int>(2 * kSlot)) << "some cut leaves the old head";
}

TEST_F(HeadFileTest, P4_EveryFlippedBitIsNoticed) {
  Fill(9);  // Sequence 10: the newest head lies in slot[0].
  const std::string whole = Bytes();
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] ^= static_cast<char>(1 << bit % 8);
    SetBytes(damaged);
    ASSERT_THAT(SizeNow(), IsOkAndHolds(bit / 8 < kSlot ? 8u : 9u)) << "bit " << bit;
  }
}

TEST_F(HeadFileTest, WritingAfterATornSlotReplacesTheTornSlot) {
  Fill(9);
  std::string damaged = Bytes();
  damaged[100] ^= 1;
  SetBytes(damaged);
  {
    absl::StatusOr<std::unique_ptr<HeadFile>> file = HeadFile::Open(directory_);
    ABSL_ASSERT_OK(file);
    ABSL_ASSERT_OK((*file)->Write(ContentOf(20)));
  }
  EXPECT_THAT(SizeNow(), IsOkAndHolds(20u));
  damaged = Bytes();
  damaged[100] ^= 1;
  SetBytes(damaged);
  EXPECT_THAT(SizeNow(), IsOkAndHolds(8u)) << "the other slot was left alone";
}

TEST_F(HeadFileTest, P4_BothSlotsDamagedIsDataLoss) {
  Fill(9);
  std::string damaged = Bytes();
  damaged[0] ^= 1;
  damaged[kSlot + 511] ^= 1;
  const std::string kBroken[] = {damaged, "", std::string(2 * kSlot, '\0'), Bytes().substr(1)};
  for (const std::string& bytes : kBroken) {
    SetBytes(bytes);
    EXPECT_THAT(HeadFile::Open(directory_),
                AllOf(StatusIs(absl::StatusCode::kDataLoss, HasSubstr("both slots")),
                      HasErrorReason(v1::ERROR_REASON_DATA_DAMAGED)));
  }
}

TEST_F(HeadFileTest, CutFileGivesWhatIsLeft) {
  Fill(9);
  SetBytes(Bytes().substr(0, kSlot));
  EXPECT_THAT(SizeNow(), IsOkAndHolds(9u));
}

TEST_F(HeadFileTest, LaterVersionIsNotTouched) {
  Fill(0);
  std::string slot = Bytes().substr(kSlot, kSlot - crypto::kHashBytes);
  slot[11] = 2;
  SetBytes(absl::StrCat(std::string(kSlot, '\0'), slot, crypto::Sha256(slot)));
  EXPECT_THAT(HeadFile::Open(directory_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("version 2")));
}

TEST_F(HeadFileTest, SlotInTheOtherPlaceDoesNotCount) {
  Fill(9);
  SetBytes(Bytes().substr(kSlot) + Bytes().substr(0, kSlot));
  EXPECT_THAT(HeadFile::Open(directory_), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace naru
