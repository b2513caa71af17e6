// What is published is read again by a reader of its own, written from the C2SP tlog-tiles text: it
// shares nothing with the publisher but SHA-256.

#include "consent/ledger/tile_publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "consent/ledger/ledger_filler.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::optional<std::string> Slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string HashLeaf(const std::string& data) { return crypto::Sha256({std::string(1, 0), data}); }

// Merkle tree hash straight from RFC 6962 section 2.1.
std::string TreeHash(const std::vector<std::string>& hashes, size_t begin, size_t end) {
  if (begin == end) return crypto::Sha256("");
  if (end - begin == 1) return hashes[begin];
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  return crypto::Sha256(
      {std::string(1, 1), TreeHash(hashes, begin, begin + k), TreeHash(hashes, begin + k, end)});
}
std::string TreeHash(const std::vector<std::string>& hashes) {
  return TreeHash(hashes, 0, hashes.size());
}

// Reads a published ledger by HTTP paths.
class TileReader {
 public:
  explicit TileReader(fs::path directory) : directory_(std::move(directory)) {
    std::istringstream note(Slurp(directory_ / "checkpoint").value());
    std::string root;
    note >> origin >> size >> root;
    EXPECT_TRUE(absl::Base64Unescape(root, &root_hash));
  }

  // The root from the entry bundles.
  std::string RootFromEntries() const {
    std::vector<std::string> leaves;
    for (uint64_t tile = 0; tile * 256 < size; ++tile) {
      const std::string bundle = Fetch("entries", tile, std::min<uint64_t>(256, size - tile * 256));
      size_t at = 0;
      while (at < bundle.size()) {
        const size_t length =
            static_cast<uint8_t>(bundle.at(at)) * 256u + static_cast<uint8_t>(bundle.at(at + 1));
        leaves.push_back(HashLeaf(bundle.substr(at + 2, length)));
        at += 2 + length;
      }
    }
    EXPECT_EQ(leaves.size(), size);
    return TreeHash(leaves);
  }

  // The root from the hash tiles, each of which must be what the level below gives.
  std::string RootFromTiles() const {
    std::vector<std::string> right_edge;
    std::vector<std::string> below;
    for (int level = 0; (size >> (8 * level)) > 0; ++level) {
      const uint64_t count = size >> (8 * level);
      std::vector<std::string> hashes;
      for (uint64_t tile = 0; tile * 256 < count; ++tile) {
        const uint64_t width = std::min<uint64_t>(256, count - tile * 256);
        const std::string data = Fetch(absl::StrCat(level), tile, width);
        EXPECT_EQ(data.size(), width * 32);
        for (size_t i = 0; i < width; ++i) hashes.push_back(data.substr(i * 32, 32));
      }
      for (size_t i = 0; level > 0 && i < hashes.size(); ++i) {
        EXPECT_EQ(hashes[i], TreeHash(below, i * 256, i * 256 + 256));
      }
      below = std::move(hashes);
      // Complete subtrees left over at this level, smallest last.
      const size_t rest = count % 256;
      std::vector<std::string> edge;
      size_t begin = below.size() - rest;
      for (size_t bit = 128; bit > 0; bit /= 2) {
        if ((rest & bit) == 0) continue;
        edge.push_back(TreeHash(below, begin, begin + bit));
        begin += bit;
      }
      right_edge.insert(right_edge.begin(), edge.begin(), edge.end());
    }
    if (right_edge.empty()) return TreeHash({});
    std::string root = right_edge.back();
    for (size_t i = right_edge.size() - 1; i > 0; --i) {
      root = crypto::Sha256({std::string(1, 1), right_edge[i - 1], root});
    }
    return root;
  }

  std::string origin;
  uint64_t size = 0;
  std::string root_hash;

 private:
  std::string Fetch(const std::string& level, uint64_t tile, uint64_t width) const {
    char name[64];
    if (tile >= 1000) {
      snprintf(name, sizeof(name), "x%03d/%03d", int(tile / 1000), int(tile % 1000));
    } else {
      snprintf(name, sizeof(name), "%03d", int(tile));
    }
    const fs::path full = directory_ / "tile" / level / name;
    std::optional<std::string> data =
        width == 256 ? Slurp(full) : Slurp(full.string() + ".p/" + std::to_string(width));
    // A partial tile may be gone once the full one is there.
    if (!data.has_value() && width < 256) {
      data = Slurp(full);
      if (data.has_value()) data->resize(data->size() / 256 * width);
    }
    EXPECT_TRUE(data.has_value()) << level << "/" << name << " of width " << width;
    return data.value_or("");
  }

  fs::path directory_;
};

class TilePublisherTest : public testing::Test {
 protected:
  TilePublisherTest() { fs::remove_all(directory_); }

  TilePublisher NewPublisher() {
    return TilePublisher(&filler_.ledger(), &filler_.store(), directory_.string());
  }
  void ExpectPublished() {
    const TileReader reader(directory_);
    EXPECT_EQ(reader.origin, LedgerFiller::kOrigin);
    EXPECT_EQ(reader.size, filler_.ledger().head().size);
    EXPECT_EQ(reader.root_hash, filler_.ledger().head().root);
    EXPECT_EQ(absl::BytesToHexString(reader.RootFromEntries()),
              absl::BytesToHexString(reader.root_hash));
    EXPECT_EQ(absl::BytesToHexString(reader.RootFromTiles()),
              absl::BytesToHexString(reader.root_hash));
  }
  void Write(const std::string& name, const std::string& content) {
    std::ofstream(directory_ / name, std::ios::binary) << content;
  }

  const fs::path directory_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
  LedgerFiller filler_;
};

TEST(TileNameTest, EncodesIndexesAsTheSpecificationSays) {
  EXPECT_EQ(TileName("0", 0, 256), "tile/0/000");
  EXPECT_EQ(TileName("0", 67, 1), "tile/0/067.p/1");
  EXPECT_EQ(TileName("2", 999, 256), "tile/2/999");
  EXPECT_EQ(TileName("entries", 1000, 255), "tile/entries/x001/000.p/255");
  EXPECT_EQ(TileName("1", 1234067, 256), "tile/1/x001/x234/067");
}

TEST_F(TilePublisherTest, PublishesAnEmptyLedger) {
  TilePublisher publisher = NewPublisher();
  ABSL_ASSERT_OK(publisher.Publish());
  ExpectPublished();
}

TEST_F(TilePublisherTest, AReaderFindsTheTreeAfterEveryPublication) {
  TilePublisher publisher = NewPublisher();
  for (const uint64_t count : {1, 1, 3, 250, 1, 1, 254, 1, 300, 700}) {
    filler_.Commit(count);
    ABSL_ASSERT_OK(publisher.Publish());
    ExpectPublished();
  }
}

TEST_F(TilePublisherTest, PublishesThreeLevelsAndMoreThanAThousandTiles) {
  for (int i = 0; i < 26; ++i) filler_.Commit(10'000);
  TilePublisher publisher = NewPublisher();
  ABSL_ASSERT_OK(publisher.Publish());
  ExpectPublished();
  EXPECT_TRUE(fs::exists(directory_ / "tile/0/x001/014"));
  EXPECT_TRUE(fs::exists(directory_ / "tile/2/000.p/3"));
}

TEST_F(TilePublisherTest, PartialTilesStayForTheirReadersUntilTheFullOneIsThere) {
  TilePublisher publisher = NewPublisher();
  filler_.Commit(5);
  ABSL_ASSERT_OK(publisher.Publish());
  filler_.Commit(5);
  ABSL_ASSERT_OK(publisher.Publish());
  EXPECT_TRUE(fs::exists(directory_ / "tile/0/000.p/5"));
  EXPECT_TRUE(fs::exists(directory_ / "tile/entries/000.p/10"));
  filler_.Commit(250);
  ABSL_ASSERT_OK(publisher.Publish());
  for (const char* level : {"0", "entries"}) {
    EXPECT_TRUE(fs::exists(directory_ / "tile" / level / "000"));
    EXPECT_FALSE(fs::exists(directory_ / "tile" / level / "000.p"));
    EXPECT_TRUE(fs::exists(directory_ / "tile" / level / "001.p/4"));
  }
}

TEST_F(TilePublisherTest, GoesOnAfterARestartAndAfterACrashBeforeTheCheckpoint) {
  filler_.Commit(300);
  TilePublisher first = NewPublisher();
  ABSL_ASSERT_OK(first.Publish());
  const std::string old = Slurp(directory_ / "checkpoint").value();
  const auto written = fs::last_write_time(directory_ / "tile/0/000");
  filler_.Commit(400);
  TilePublisher second = NewPublisher();
  ABSL_ASSERT_OK(second.Publish());
  ExpectPublished();
  EXPECT_EQ(fs::last_write_time(directory_ / "tile/0/000"), written) << "it was there already";
  // The tiles of 700 entries are there, the checkpoint is not.
  Write("checkpoint", old);
  filler_.Commit(100);
  TilePublisher third = NewPublisher();
  ABSL_ASSERT_OK(third.Publish());
  ExpectPublished();
}

TEST_F(TilePublisherTest, ALedgerThatLostPublishedEntriesDoesNotGoOn) {
  filler_.Commit(7);
  const auto old = filler_.store().Clone();
  filler_.Commit(3);
  TilePublisher publisher = NewPublisher();
  ABSL_ASSERT_OK(publisher.Publish());
  filler_.Reopen(*old);
  TilePublisher again = NewPublisher();
  EXPECT_THAT(again.Publish(),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr("covers 10 entries"), HasSubstr("ledger has 7"))));
}

TEST_F(TilePublisherTest, ACheckpointOfAnotherLedgerIsNotOverwritten) {
  filler_.Commit(7);
  for (const std::string& other :
       {std::string("rubbish"), std::string("naru.example/ledger/1\n3\nAAAA\n\n"),
        absl::StrCat(LedgerFiller::kOrigin, "\n3\n", absl::Base64Escape(std::string(32, 'r')),
                     "\n\n")}) {
    fs::create_directories(directory_);
    Write("checkpoint", other);
    TilePublisher publisher = NewPublisher();
    EXPECT_THAT(publisher.Publish(), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_EQ(Slurp(directory_ / "checkpoint"), other);
  }
}

TEST_F(TilePublisherTest, AnEntryWhoseTermEndedStaysInItsBundle) {
  filler_.Commit(3);
  TilePublisher publisher = NewPublisher();
  ABSL_ASSERT_OK(publisher.Publish());
  filler_.store().Tamper(Table::kLedger, keys::Record(0, 1), "");
  filler_.Commit(3);
  ABSL_ASSERT_OK(publisher.Publish());
  ExpectPublished();
  filler_.Commit(300);
  TilePublisher again = NewPublisher();
  ABSL_ASSERT_OK(again.Publish());
  ExpectPublished();
}

TEST_F(TilePublisherTest, DamagedEntriesAreNotPublished) {
  filler_.Commit(3);
  TilePublisher publisher = NewPublisher();
  ABSL_ASSERT_OK(publisher.Publish());
  const auto checkpoint = Slurp(directory_ / "checkpoint");
  filler_.Commit(3);
  const std::string key = keys::Record(0, 4);
  const std::string good = filler_.store().Get(Table::kLedger, key).value().value();
  filler_.store().Tamper(Table::kLedger, key, LedgerFiller::RecordOf(5).SerializeAsString());
  EXPECT_THAT(publisher.Publish(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("entry 4")));
  filler_.store().Tamper(Table::kLedger, key, std::nullopt);
  EXPECT_THAT(publisher.Publish(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("entry 4")));
  filler_.store().Tamper(Table::kLedger, key, "");
  EXPECT_THAT(publisher.Publish(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("entry 4")));
  EXPECT_EQ(Slurp(directory_ / "checkpoint"), checkpoint);
  filler_.store().Tamper(Table::kLedger, key, good);
  ABSL_ASSERT_OK(publisher.Publish());
  ExpectPublished();
}

TEST_F(TilePublisherTest, NamesTheFileThatCannotBeWrittenAndGoesOnWhenItCan) {
  filler_.Commit(3);
  fs::create_directories(directory_ / "tile");
  Write("tile/0", "in the way");
  TilePublisher publisher = NewPublisher();
  EXPECT_THAT(publisher.Publish(), StatusIs(absl::StatusCode::kInternal, HasSubstr("tile/0")));
  EXPECT_FALSE(fs::exists(directory_ / "checkpoint"));
  fs::remove(directory_ / "tile/0");
  ABSL_ASSERT_OK(publisher.Publish());
  ExpectPublished();
}

}  // namespace
}  // namespace naru
