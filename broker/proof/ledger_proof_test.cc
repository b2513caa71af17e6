#include "broker/proof/ledger_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/fake_ledger.h"

namespace naru {
namespace {

using testing::HasSubstr;

auto Refused(absl::string_view what) {
  return StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(std::string(what)));
}

v1::OuterEntry Entry(absl::string_view release_id) {
  v1::OuterEntry entry;
  entry.set_kind(v1::ENTRY_KIND_DOCUMENT_RELEASED);
  entry.set_release_id(std::string(release_id));
  return entry;
}

class LedgerProofTest : public testing::Test {
 protected:
  LedgerProofTest() { Grow(ledger_, 40, "release"); }

  static void Grow(FakeLedger& ledger, int count, absl::string_view name) {
    for (int i = 0; i < count; ++i) ledger.Append(Entry(absl::StrCat(name, " ", ledger.size())));
  }

  FakeLedger ledger_;
};

TEST_F(LedgerProofTest, GivesTheEntryThatWasCommittedTo) {
  for (const uint64_t size : {1, 7, 32, 40}) {
    for (uint64_t index = 0; index < size; ++index) {
      ABSL_ASSERT_OK_AND_ASSIGN(const v1::OuterEntry entry,
                                VerifyLedgerProof(ledger_.Prove(index, size), ledger_.Verifier()));
      EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_DOCUMENT_RELEASED);
      EXPECT_EQ(entry.release_id(), absl::StrCat("release ", index));
    }
  }
}

TEST_F(LedgerProofTest, AnyChangedPartIsFoundOut) {
  const v1::LedgerProof other = ledger_.Prove(22, 40);
  struct Case {
    const char* name;
    std::function<void(v1::LedgerProof&)> change;
  };
  const Case cases[] = {
      {"origin", [](auto& p) { p.set_origin("naru.example/ledger/1"); }},
      {"no origin", [](auto& p) { p.clear_origin(); }},
      {"index", [](auto& p) { p.set_index(22); }},
      {"index outside", [](auto& p) { p.set_index(40); }},
      {"outer", [&](auto& p) { p.set_outer(other.outer()); }},
      {"no outer", [](auto& p) { p.clear_outer(); }},
      {"outer salt", [&](auto& p) { p.set_outer_salt(other.outer_salt()); }},
      {"short salt", [](auto& p) { p.mutable_outer_salt()->pop_back(); }},
      {"salt moved into the hash",
       [](auto& p) {
         p.set_inner_hash(p.outer_salt().substr(15) + p.inner_hash());
         p.mutable_outer_salt()->pop_back();
       }},
      {"inner hash", [&](auto& p) { p.set_inner_hash(other.inner_hash()); }},
      {"hash moved into the entry",
       [](auto& p) {
         p.set_outer(p.inner_hash().substr(31) + p.outer());
         p.mutable_inner_hash()->pop_back();
       }},
      {"path", [](auto& p) { (*p.mutable_inclusion_path(0))[0] ^= 1; }},
      {"path cut", [](auto& p) { p.mutable_inclusion_path()->RemoveLast(); }},
      {"path of another", [&](auto& p) { *p.mutable_inclusion_path() = other.inclusion_path(); }},
      {"tree size", [](auto& p) { p.set_tree_size(39); }},
      {"checkpoint of another size",
       [&](auto& p) { p.set_checkpoint(ledger_.SignedCheckpoint(39)); }},
      {"checkpoint of another ledger",
       [](auto& p) {
         FakeLedger stranger;
         Grow(stranger, 40, "release");
         p.set_checkpoint(stranger.SignedCheckpoint(40));
       }},
      {"no checkpoint", [](auto& p) { p.clear_checkpoint(); }},
  };
  const CheckpointVerifier verifier = ledger_.Verifier();
  for (const Case& c : cases) {
    v1::LedgerProof proof = ledger_.Prove(21, 40);
    ASSERT_THAT(VerifyLedgerProof(proof, verifier), IsOk());
    c.change(proof);
    EXPECT_THAT(VerifyLedgerProof(proof, verifier), StatusIs(absl::StatusCode::kFailedPrecondition))
        << c.name;
  }
}

// The leaf commits to salt, hash and entry one behind the other: only their fixed lengths keep them
// apart.
TEST_F(LedgerProofTest, TheSameBytesCutElsewhereAreRefused) {
  v1::LedgerProof proof = ledger_.Prove(21, 40);
  const std::string all = absl::StrCat(proof.outer_salt(), proof.inner_hash(), proof.outer());
  const auto cut = [&](size_t salt, size_t hash) {
    proof.set_outer_salt(all.substr(0, salt));
    proof.set_inner_hash(all.substr(salt, hash));
    proof.set_outer(all.substr(salt + hash));
    return VerifyLedgerProof(proof, ledger_.Verifier()).status();
  };
  EXPECT_THAT(cut(16, 32), IsOk());
  EXPECT_THAT(cut(17, 32), Refused("salt"));
  EXPECT_THAT(cut(15, 32), Refused("salt"));
  EXPECT_THAT(cut(16, 33), Refused("inner hash"));
  EXPECT_THAT(cut(16, 31), Refused("inner hash"));
}

class CheckpointKeeperTest : public LedgerProofTest {
 protected:
  CheckpointKeeperTest()
      : path_(absl::StrCat(testing::TempDir(), "/",
                           testing::UnitTest::GetInstance()->current_test_info()->name())) {
    unlink(path_.c_str());
  }

  std::unique_ptr<CheckpointKeeper> Open() {
    return CheckpointKeeper::Open(path_, ledger_.Verifier()).value();
  }
  // One whole call of a caller that is alone.
  absl::Status See(CheckpointKeeper& keeper, uint64_t tree_size) {
    const CheckpointKeeper::Known known = keeper.known();
    return keeper.Verify(ledger_.Prove(0, tree_size, known.size), known).status();
  }

  const std::string path_;
};

TEST_F(CheckpointKeeperTest, BeginsWithNothingAndRemembersWhatItSaw) {
  const auto keeper = Open();
  EXPECT_EQ(keeper->known().size, 0u);
  EXPECT_THAT(See(*keeper, 10), IsOk());
  EXPECT_EQ(keeper->known().size, 10u);
  EXPECT_THAT(See(*keeper, 10), IsOk());
  EXPECT_THAT(See(*keeper, 33), IsOk());
  EXPECT_EQ(keeper->known().size, 33u);
}

TEST_F(CheckpointKeeperTest, ARestartForgetsNothing) {
  EXPECT_THAT(See(*Open(), 20), IsOk());
  const auto keeper = Open();
  EXPECT_EQ(keeper->known().size, 20u);
  ledger_.ForgetEntriesFrom(10);
  Grow(ledger_, 30, "rewritten");
  EXPECT_FALSE(See(*keeper, 40).ok());
}

TEST_F(CheckpointKeeperTest, WithoutAPathItKeepsInMemory) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto keeper, CheckpointKeeper::Open("", ledger_.Verifier()));
  EXPECT_THAT(See(*keeper, 20), IsOk());
  EXPECT_EQ(keeper->known().size, 20u);
}

TEST_F(CheckpointKeeperTest, P5_AForkedTreeIsRefused) {
  const auto keeper = Open();
  ASSERT_THAT(See(*keeper, 20), IsOk());
  const CheckpointKeeper::Known known = keeper->known();
  ledger_.ForgetEntriesFrom(15);
  Grow(ledger_, 25, "rewritten");
  for (const uint64_t size : {20, 21, 32, 40}) {
    EXPECT_THAT(keeper->Verify(ledger_.Prove(0, size, known.size), known), Refused("consistency"))
        << size;
  }
  EXPECT_EQ(keeper->known().size, 20u);
  EXPECT_EQ(keeper->known().root, known.root);
}

TEST_F(CheckpointKeeperTest, P5_ATreeThatShrankIsRefused) {
  const auto keeper = Open();
  ASSERT_THAT(See(*keeper, 20), IsOk());
  const CheckpointKeeper::Known known = keeper->known();
  v1::LedgerProof proof = ledger_.Prove(0, 19);
  proof.set_known_size(20);
  EXPECT_THAT(keeper->Verify(proof, known), Refused("smaller"));
}

TEST_F(CheckpointKeeperTest, AProofFromAnotherSizeThanAskedIsRefused) {
  const auto keeper = Open();
  ASSERT_THAT(See(*keeper, 20), IsOk());
  const CheckpointKeeper::Known known = keeper->known();
  EXPECT_THAT(keeper->Verify(ledger_.Prove(0, 30, 0), known), Refused("another size than asked"));
  EXPECT_THAT(keeper->Verify(ledger_.Prove(0, 30, 10), known), Refused("another size than asked"));
  v1::LedgerProof without_path = ledger_.Prove(0, 30, 20);
  without_path.clear_consistency_path();
  EXPECT_THAT(keeper->Verify(without_path, known), Refused("consistency"));
}

TEST_F(CheckpointKeeperTest, TwoTreesOfOneSizeAreRefusedAlsoForCallsAtOnce) {
  const auto keeper = Open();
  ASSERT_THAT(See(*keeper, 10), IsOk());
  const CheckpointKeeper::Known known = keeper->known();
  ASSERT_THAT(keeper->Verify(ledger_.Prove(0, 20, 10), known), IsOk());
  ledger_.ForgetEntriesFrom(15);
  Grow(ledger_, 25, "rewritten");
  EXPECT_THAT(keeper->Verify(ledger_.Prove(0, 20, 10), known), Refused("another tree"));
}

TEST_F(CheckpointKeeperTest, AnswersMayComeInAnyOrder) {
  const auto keeper = Open();
  ASSERT_THAT(See(*keeper, 5), IsOk());
  const CheckpointKeeper::Known known = keeper->known();
  for (const uint64_t size : {30, 12, 35, 5, 34}) {
    EXPECT_THAT(keeper->Verify(ledger_.Prove(0, size, 5), known), IsOk()) << size;
  }
  EXPECT_EQ(keeper->known().size, 35u);
  EXPECT_EQ(Open()->known().size, 35u);
}

TEST_F(CheckpointKeeperTest, CallsAtOnceKeepTheLargestInMemoryAndInTheFile) {
  const auto keeper = Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 0; i < 20; ++i) {
        const CheckpointKeeper::Known known = keeper->known();
        const uint64_t size =
            std::max<uint64_t>(known.size, i * 2 + static_cast<uint64_t>(t) % 2 + 1);
        EXPECT_THAT(keeper->Verify(ledger_.Prove(0, size, known.size), known), IsOk());
        // What was answered is in the file already.
        EXPECT_GE(Open()->known().size, size);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(keeper->known().size, 40u);
  EXPECT_EQ(Open()->known().size, 40u);
}

TEST_F(CheckpointKeeperTest, ADamagedFileIsDataLoss) {
  ASSERT_THAT(See(*Open(), 20), IsOk());
  ABSL_ASSERT_OK_AND_ASSIGN(std::string note, ReadFile(path_, 1 << 20));
  const auto data_loss = StatusIs(absl::StatusCode::kDataLoss);
  for (const std::string& damaged : {std::string(), note.substr(1), note.substr(0, note.size() - 1),
                                     "1" + note, std::string(20000, 'x')}) {
    ASSERT_THAT(AtomicWriteFile(path_, damaged), IsOk());
    EXPECT_THAT(CheckpointKeeper::Open(path_, ledger_.Verifier()), data_loss);
  }
  ASSERT_THAT(AtomicWriteFile(path_, FakeLedger().SignedCheckpoint(0)), IsOk());
  EXPECT_THAT(CheckpointKeeper::Open(path_, ledger_.Verifier()), data_loss) << "other keys";
}

TEST_F(CheckpointKeeperTest, WithoutTheFileTheProofIsNotReliedOn) {
  const std::string directory = absl::StrCat(path_, ".d");
  const std::string path = absl::StrCat(directory, "/checkpoint");
  unlink(path.c_str());
  rmdir(directory.c_str());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto keeper, CheckpointKeeper::Open(path, ledger_.Verifier()));
  EXPECT_THAT(See(*keeper, 20), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_EQ(mkdir(directory.c_str(), 0700), 0);
  // The checkpoint is known, and still not written: the same answer must not pass now without being
  // written.
  EXPECT_THAT(See(*keeper, 20), IsOk());
  ABSL_ASSERT_OK_AND_ASSIGN(const auto reopened, CheckpointKeeper::Open(path, ledger_.Verifier()));
  EXPECT_EQ(reopened->known().size, 20u);
}

}  // namespace
}  // namespace naru
