#include "broker/proof/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/base64.h"

namespace naru {
namespace {

using testing::HasSubstr;
using Type = crypto::SigningKey::Type;

constexpr char kOrigin[] = "naru.example/ledger/0";

std::unique_ptr<CheckpointSigner> NewSigner(const std::string& origin = kOrigin) {
  return std::make_unique<CheckpointSigner>(origin, crypto::GenerateSigningKey(Type::kEd25519, "e"),
                                            crypto::GenerateSigningKey(Type::kEcdsaP256, "p"));
}

auto Refused(absl::string_view what) {
  return StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(std::string(what)));
}

class CheckpointTest : public testing::Test {
 protected:
  CheckpointVerifier Verifier() {
    return CheckpointVerifier::Create(signer_->VerifierKeys()).value();
  }
  // The lines of a note without their newlines; the last is empty.
  std::vector<std::string> Lines() { return absl::StrSplit(note_, '\n'); }

  std::unique_ptr<CheckpointSigner> signer_ = NewSigner();
  Checkpoint checkpoint_{kOrigin, 20852163, crypto::Sha256("root")};
  std::string note_ = signer_->Sign(checkpoint_);
};

TEST_F(CheckpointTest, VerifiesAsItWasSigned) {
  ABSL_ASSERT_OK_AND_ASSIGN(const Checkpoint verified, Verifier().Verify(note_));
  EXPECT_EQ(verified.origin, checkpoint_.origin);
  EXPECT_EQ(verified.size, checkpoint_.size);
  EXPECT_EQ(verified.root, checkpoint_.root);
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    ABSL_ASSERT_OK_AND_ASSIGN(
        const Checkpoint other,
        Verifier().Verify(signer_->Sign({kOrigin, size, crypto::Sha256("")})));
    EXPECT_EQ(other.size, size);
  }
}

TEST_F(CheckpointTest, HasTheFormOfTheSpecification) {
  const std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines[0], "naru.example/ledger/0");
  EXPECT_EQ(lines[1], "20852163");
  EXPECT_EQ(lines[2], absl::Base64Escape(crypto::Sha256("root")));
  EXPECT_EQ(lines[3], "");
  EXPECT_THAT(lines[4], testing::StartsWith("\xe2\x80\x94 naru.example/ledger/0 "));
  EXPECT_THAT(lines[5], testing::StartsWith("\xe2\x80\x94 naru.example/ledger/0 "));
  EXPECT_EQ(lines[6], "");
  // Ed25519: four bytes of key id, 64 of signature.
  EXPECT_EQ(DecodeBase64(lines[4].substr(lines[4].rfind(' ') + 1))->size(), 68u);
}

// Keys as other logs publish them: the key ids are computed as everybody else does.
TEST(VerifierKeyTest, TakesKeysOfPublicLogs) {
  for (const char* key :
       {"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "rekor.sigstore.dev+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXw"
        "BcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=",
        "pixel6_transparency_log+91c16e30+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN+"
        "4x0Jk1yTwvLFI9A4NDd"
        "GZcX0aiWVdWM5XJVy0M4VWD3AvyW5Q6Hs9A0mcDkpUoYgn+KKPNzFC0H3nN3q6JQ8="}) {
    EXPECT_THAT(CheckpointVerifier::Create({key}), IsOk()) << key;
  }
}

// That log's key has another name than its origin line, which is refused here, but only after its
// signature was taken.
TEST(VerifierKeyTest, TakesTheSignatureOfAPublicLog) {
  ABSL_ASSERT_OK_AND_ASSIGN(
      const CheckpointVerifier verifier,
      CheckpointVerifier::Create(
          {"pixel6_transparency_log+91c16e30+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN+4x0Jk1yTwvLFI9A"
           "4NDdGZcX0aiWVdWM5XJVy0M4VWD3AvyW5Q6Hs9A0mcDkpUoYgn+KKPNzFC0H3nN3q6JQ8="}));
  const std::string note =
      "DEFAULT\n10\nbsWRucJU5xJPHb5eBdOm6+DM+VelCZBuvtI3sHERJ9Y=\n\n\xe2\x80\x94 "
      "pixel6_transparency_log "
      "kcFuMDBFAiEAhqMAP8P6qf6QxtUJhzMhbN+MbZ9dwfUHzGQJmffJHtoCIGD0cNe47dHWBoPwYdgBCepB06/"
      "+g5O1FmYjXl06owL4\n";
  EXPECT_THAT(verifier.Verify(note), Refused("another origin"));
  EXPECT_THAT(verifier.Verify(absl::StrReplaceAll(note, {{"\n10\n", "\n11\n"}})),
              Refused("not valid"));
}

TEST_F(CheckpointTest, AnyChangedByteIsFoundOut) {
  const CheckpointVerifier verifier = Verifier();
  for (size_t i = 0; i < note_.size(); ++i) {
    std::string changed = note_;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(verifier.Verify(changed), StatusIs(absl::StatusCode::kFailedPrecondition)) << i;
  }
}

TEST_F(CheckpointTest, AnyTruncationIsFoundOut) {
  const CheckpointVerifier verifier = Verifier();
  for (size_t size = 0; size < note_.size(); ++size) {
    EXPECT_THAT(verifier.Verify(note_.substr(0, size)),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << size;
  }
}

TEST_F(CheckpointTest, EveryPinnedKeyMustHaveSigned) {
  const std::vector<std::string> lines = Lines();
  const std::string text =
      absl::StrCat(absl::StrJoin(lines.begin(), lines.begin() + 4, "\n"), "\n");
  const CheckpointVerifier verifier = Verifier();
  for (const std::string& only : {lines[4], lines[5]}) {
    EXPECT_THAT(verifier.Verify(absl::StrCat(text, only, "\n")), Refused("every pinned key"));
    EXPECT_THAT(verifier.Verify(absl::StrCat(text, only, "\n", only, "\n")),
                Refused("every pinned key"));
  }
  EXPECT_THAT(verifier.Verify(text), StatusIs(absl::StatusCode::kFailedPrecondition));
  // In any order.
  EXPECT_THAT(verifier.Verify(absl::StrCat(text, lines[5], "\n", lines[4], "\n")), IsOk());
  // One pinned key alone asks for its own signature alone.
  for (const std::string& key : signer_->VerifierKeys()) {
    ABSL_ASSERT_OK_AND_ASSIGN(const CheckpointVerifier one, CheckpointVerifier::Create({key}));
    EXPECT_THAT(one.Verify(note_), IsOk());
  }
}

TEST_F(CheckpointTest, SignaturesOfUnknownKeysArePassedOver) {
  const std::unique_ptr<CheckpointSigner> stranger = NewSigner();
  const std::string strange = stranger->Sign(checkpoint_);
  const std::string signatures = strange.substr(strange.find("\n\n") + 2);
  EXPECT_THAT(Verifier().Verify(note_ + signatures), IsOk());
  const std::string witness =
      absl::StrCat("\xe2\x80\x94 witness.example ", absl::Base64Escape("12345"), "\n");
  EXPECT_THAT(Verifier().Verify(note_ + witness), IsOk());
  EXPECT_THAT(Verifier().Verify(strange), Refused("every pinned key"));
}

TEST_F(CheckpointTest, AFalseSignatureOfAKnownKeyIsRefusedEvenBesideATrueOne) {
  const std::string other = signer_->Sign({kOrigin, 7, crypto::Sha256("other")});
  EXPECT_THAT(Verifier().Verify(note_ + other.substr(other.find("\n\n") + 2)),
              Refused("not valid"));
}

TEST_F(CheckpointTest, LooksAtSixteenSignaturesAndSixteenKiB) {
  const std::string witness =
      absl::StrCat("\xe2\x80\x94 witness.example ", absl::Base64Escape("12345"), "\n");
  std::string note = note_;
  for (int i = 0; i < 14; ++i) note += witness;
  EXPECT_THAT(Verifier().Verify(note), IsOk());
  EXPECT_THAT(Verifier().Verify(note + witness), Refused("16 signatures"));
  const std::string large = absl::StrCat("\xe2\x80\x94 witness.example ",
                                         absl::Base64Escape(std::string(12288, 'x')), "\n");
  EXPECT_THAT(Verifier().Verify(note_ + large), Refused("16 KiB"));
}

// What is signed and yet no checkpoint of this ledger.
TEST(CheckpointTextTest, OnlyTheExactFormCounts) {
  const auto key = crypto::GenerateSigningKey(Type::kEd25519, "e");
  const std::string id = crypto::Sha256({"log", "\n", "\x01", key->PublicKey()}).substr(0, 4);
  ABSL_ASSERT_OK_AND_ASSIGN(const CheckpointVerifier verifier,
                            CheckpointVerifier::Create({absl::StrCat(
                                "log+", absl::BytesToHexString(id), "+",
                                absl::Base64Escape(absl::StrCat("\x01", key->PublicKey())))}));
  const std::string root = absl::Base64Escape(std::string(32, 'r'));
  const auto verify = [&](const std::string& text) {
    return verifier
        .Verify(absl::StrCat(text, "\n\xe2\x80\x94 log ",
                             absl::Base64Escape(absl::StrCat(id, key->Sign(text))), "\n"))
        .status();
  };
  EXPECT_THAT(verify(absl::StrCat("log\n7\n", root, "\n")), IsOk());
  EXPECT_THAT(verify(absl::StrCat("gol\n7\n", root, "\n")), Refused("another origin"));
  EXPECT_THAT(verify(absl::StrCat("log\n07\n", root, "\n")), Refused("decimal"));
  EXPECT_THAT(verify(absl::StrCat("log\n+7\n", root, "\n")), Refused("decimal"));
  EXPECT_THAT(verify(absl::StrCat("log\n7 \n", root, "\n")), Refused("decimal"));
  EXPECT_THAT(verify(absl::StrCat("log\n-7\n", root, "\n")), Refused("decimal"));
  EXPECT_THAT(verify(absl::StrCat("log\n\n", root, "\n")), Refused("decimal"));
  EXPECT_THAT(verify(absl::StrCat("log\n18446744073709551616\n", root, "\n")), Refused("decimal"));
  EXPECT_THAT(verify(absl::StrCat("log\n7\n", root.substr(4), "\n")), Refused("32 bytes"));
  EXPECT_THAT(verify(absl::StrCat("log\n7\n", root, " \n")), Refused("32 bytes"));
  EXPECT_THAT(verify(absl::StrCat("log\n7\n", root, "\nextension\n")), Refused("three lines"));
  EXPECT_THAT(verify("log\n7\n"), Refused("three lines"));
  EXPECT_THAT(verify(absl::StrCat("log\r\n7\r\n", root, "\r\n")), Refused("control character"));
}

TEST_F(CheckpointTest, VerifierKeysAreCheckedAsTheyArePinned) {
  const std::vector<std::string> keys = signer_->VerifierKeys();
  const auto invalid = [](absl::string_view what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(std::string(what)));
  };
  const auto create = [](std::vector<std::string> lines) {
    return CheckpointVerifier::Create(lines).status();
  };
  EXPECT_THAT(create({}), invalid("no verifier key"));
  EXPECT_THAT(create({keys[0], ""}), invalid("verifier key 2: not name"));
  EXPECT_THAT(create({keys[0], "a+b"}), invalid("verifier key 2: not name"));
  EXPECT_THAT(create({keys[0], keys[0]}), invalid("verifier key 2: named twice"));
  EXPECT_THAT(create({keys[0], NewSigner("other.example")->VerifierKeys()[1]}),
              invalid("verifier key 2: another name"));
  EXPECT_THAT(create({keys[0] + "x"}), invalid("base64"));
  const std::vector<std::string> parts = absl::StrSplit(keys[0], absl::MaxSplits('+', 2));
  EXPECT_THAT(create({absl::StrCat(parts[0], "+00000000+", parts[2])}), invalid("id"));
  EXPECT_THAT(create({absl::StrCat("x", keys[0])}), invalid("id"));
  EXPECT_THAT(create({absl::StrCat("+", parts[1], "+", parts[2])}), invalid("key name"));
  EXPECT_THAT(create({absl::StrCat("a b+", parts[1], "+", parts[2])}), invalid("key name"));
  EXPECT_THAT(create({absl::StrCat("a+00000000+", absl::Base64Escape("\x04key"))}),
              invalid("Ed25519 or ECDSA"));
  const std::string short_key = "short";
  EXPECT_THAT(
      create({absl::StrCat(
          "a+", absl::BytesToHexString(crypto::Sha256({"a", "\n", "\x01", short_key}).substr(0, 4)),
          "+", absl::Base64Escape(absl::StrCat("\x01", short_key)))}),
      invalid("Ed25519"));
}

TEST(OriginTest, IsVisibleAsciiWithoutPlus) {
  EXPECT_TRUE(IsValidOrigin("naru.example/ledger/0"));
  EXPECT_TRUE(IsValidOrigin(std::string(128, 'a')));
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string("a+b"), std::string("a\nb"),
        std::string("\xeb\x82\x98"), std::string(129, 'a')}) {
    EXPECT_FALSE(IsValidOrigin(bad)) << bad;
  }
}

}  // namespace
}  // namespace naru
