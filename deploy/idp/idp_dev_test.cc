#include "deploy/idp/idp_dev.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/assertion.h"
#include "broker/proof/crypto.h"

namespace naru::idp {
namespace {

using testing::HasSubstr;

constexpr char kConsent[] = "0001000102030405060708090a0b0c0d";
constexpr char kIssuer[] = "https://idp.example";

class IdpDevTest : public testing::Test {
 protected:
  IdpDevTest()
      : key_(crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "idp-dev-1")) {
    Write("marked.pem", "# DEVELOPMENT\n" + key_->PrivatePem());
    Write("bare.pem", key_->PrivatePem());
    auto verifying = crypto::ParseVerifyingKey(key_->PublicPem(), "idp-dev-1");
    ABSL_EXPECT_OK(verifying);
    ABSL_EXPECT_OK(keys_.Add(ProviderKeyOwner(kIssuer), *std::move(verifying), absl::InfinitePast(),
                             absl::InfiniteFuture()));
  }

  static std::string Path(const std::string& name) { return testing::TempDir() + "/" + name; }
  static void Write(const std::string& name, const std::string& text) {
    ABSL_EXPECT_OK(AtomicWriteFile(Path(name), text));
  }

  int Run(std::vector<std::string> arguments, const std::string& key = "marked.pem") {
    arguments.insert(arguments.begin(), {"naru-idp-dev", "--key", Path(key), "--issuer", kIssuer,
                                         "--audience", "naru", "--ci-file", "-"});
    std::vector<const char*> argv;
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    std::istringstream in("the-ci\n");
    out_.str("");
    err_.str("");
    return RunIdpDev(static_cast<int>(argv.size()), argv.data(), in, out_, err_, clock_, random_);
  }

  absl::StatusOr<AssertionClaims> Verify() {
    const std::vector<std::string> lines = absl::StrSplit(out_.str(), '\n');
    return VerifyAssertion(lines[0], {{kIssuer, "naru"}}, keys_, clock_.Now());
  }

  SimulatedClock clock_;
  FakeRandom random_;
  const std::unique_ptr<crypto::SigningKey> key_;
  KeyRing keys_;
  std::ostringstream out_, err_;
};

TEST_F(IdpDevTest, SignsADecisionThatABrokerTakes) {
  const std::string text_sha256 = crypto::Sha256("text");
  ASSERT_EQ(Run({"--development", "--action", "DECIDE", "--consent-id", kConsent, "--text-sha256",
                 absl::BytesToHexString(text_sha256), "--decisions", "2=REFUSED,1=AGREED"}),
            0)
      << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("DEVELOPMENT"));
  ABSL_ASSERT_OK_AND_ASSIGN(const AssertionClaims claims, Verify());
  EXPECT_EQ(claims.ci, "the-ci");
  const std::vector<std::string> lines = absl::StrSplit(out_.str(), '\n');
  std::vector<v1::PaperDecision> decisions(2);
  decisions[0].set_paper_id(1);
  decisions[0].set_decision(v1::DECISION_AGREED);
  decisions[1].set_paper_id(2);
  decisions[1].set_decision(v1::DECISION_REFUSED);
  EXPECT_EQ(claims.nonce, DecisionNonce("DECIDE", kConsent, text_sha256, decisions,
                                        absl::HexStringToBytes(lines[1])));
}

TEST_F(IdpDevTest, SignsASessionWithoutANonce) {
  ASSERT_EQ(Run({"--development", "--session"}), 0) << err_.str();
  ABSL_ASSERT_OK_AND_ASSIGN(const AssertionClaims claims, Verify());
  EXPECT_EQ(claims.nonce, "");
}

TEST_F(IdpDevTest, RefusesOutsideDevelopment) {
  EXPECT_EQ(Run({"--session"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("refused"));
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(Run({"--development", "--session"}, "bare.pem"), 1);
  EXPECT_THAT(err_.str(), HasSubstr("not marked"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(IdpDevTest, RefusesWhatNoChangeIsMadeOf) {
  const std::string hex(64, 'a');
  EXPECT_EQ(Run({"--development"}), 1);
  EXPECT_EQ(
      Run({"--development", "--action", "DECIDE", "--consent-id", kConsent, "--text-sha256", hex}),
      1);
  EXPECT_EQ(Run({"--development", "--action", "SUSPEND", "--consent-id", kConsent, "--text-sha256",
                 hex, "--decisions", "1=AGREED"}),
            1);
  EXPECT_EQ(Run({"--development", "--action", "DECIDE", "--consent-id", kConsent, "--text-sha256",
                 hex, "--decisions", "1=AGREED,1=REFUSED"}),
            1);
  EXPECT_EQ(Run({"--development", "--session", "--action", "DECIDE"}), 1);
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace naru::idp
