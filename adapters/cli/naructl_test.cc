// naructl as a person runs it: arguments, files, exit statuses, and what an independent program
// makes of the receipts it writes.

#include "adapters/cli/naructl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/client/fake_broker.h"
#include "broker/base/clock.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"
#include "google/protobuf/text_format.h"

namespace naru::cli {
namespace {

using client::BusinessPaper;
using client::IncomePaper;
using testing::HasSubstr;
using testing::Not;

constexpr size_t kMax = 1 << 20;

class NaructlTest : public testing::Test {
 protected:
  NaructlTest() : directory_(NewDirectory()), broker_(directory_, Clock::Real()) {
    broker_.papers = {IncomePaper(1, 200'000), BusinessPaper(2, 300)};
    std::string text;
    google::protobuf::TextFormat::PrintToString(broker_.Config(), &text);
    Write("client.textproto", text);
    Write("ci", broker_.person.number() + "\n");
  }

  static std::string NewDirectory() {
    static int made = 0;
    return absl::StrCat(testing::TempDir(), "/naructl_", ++made);
  }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) {
    ABSL_EXPECT_OK(AtomicWriteFile(Path(name), text));
  }

  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "naructl");
    arguments.insert(arguments.end(), {"--config", Path("client.textproto")});
    std::vector<const char*> argv;
    argv.reserve(arguments.size());
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    out_.str("");
    err_.str("");
    std::istringstream in;
    return RunNaructl(static_cast<int>(argv.size()), argv.data(), in, out_, err_);
  }
  int Fetch(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"fetch",   "--consent-id", client::kConsent,
                                          "--out",   Path("papers"), "--person-file",
                                          Path("ci")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
  // What verify.py says of the folder of papers; its exit status.
  int Verify() {
    Write("keys/1210000-1.pem", broker_.holder_key().PublicPem());
    Write("keys/receipt-1.pem", broker_.receipt_key().PublicPem());
    std::string keys;
    for (const std::string& key : broker_.ledger().VerifierKeys())
      absl::StrAppend(&keys, key, "\n");
    Write("verifier_keys", keys);
    const std::string command = absl::StrCat(
        "python3 deploy/verify/verify.py --verifier-keys ", Path("verifier_keys"), " --papers ",
        Path("papers"), " --keys ", Path("keys"), " >", Path("verified"), " 2>&1");
    const int status = std::system(command.c_str());
    return WEXITSTATUS(status);
  }
  std::string Read(const std::string& name) const {
    const auto text = ReadFile(Path(name), kMax);
    ABSL_EXPECT_OK(text);
    return text.ok() ? *text : "";
  }

  const std::string directory_;
  client::FakeBroker broker_;
  std::ostringstream out_, err_;
};

TEST_F(NaructlTest, FetchWritesPapersWithReceiptsThatAnIndependentProgramVerifies) {
  ABSL_ASSERT_OK(MakeDirectories(Path("keys")));
  ASSERT_EQ(Fetch(), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("DELIVERED"));
  EXPECT_EQ(Read("papers/1_INCOME_AMOUNT.json"), broker_.papers[0].body);
  struct stat found;
  ASSERT_EQ(stat(Path("papers/1_INCOME_AMOUNT.json").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_EQ(Verify(), 0) << Read("verified");

  std::string body = Read("papers/1_INCOME_AMOUNT.json");
  body[70'000] ^= 1;
  Write("papers/1_INCOME_AMOUNT.json", body);
  EXPECT_EQ(Verify(), 1) << Read("verified");
}

TEST_F(NaructlTest, FetchOfNoRecordWritesTheHoldersSignedAnswer) {
  ABSL_ASSERT_OK(MakeDirectories(Path("keys")));
  broker_.papers[0].status = holder::v1::ANSWER_STATUS_NO_RECORD;
  ASSERT_EQ(Fetch(), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("해당 없음"));
  EXPECT_FALSE(std::filesystem::exists(Path("papers/1_INCOME_AMOUNT.json")));
  EXPECT_EQ(Verify(), 0) << Read("verified");
}

TEST_F(NaructlTest, FetchOfADeferralWritesTheHoldersSignedAnswer) {
  ABSL_ASSERT_OK(MakeDirectories(Path("keys")));
  broker_.papers[0].status = holder::v1::ANSWER_STATUS_DEFERRED;
  EXPECT_EQ(Fetch({"--all-or-nothing"}), 2) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("지연 (DEFERRED)"));
  EXPECT_TRUE(broker_.requests().back().all_or_nothing());
  EXPECT_FALSE(std::filesystem::exists(Path("papers/1_INCOME_AMOUNT.json")));
  EXPECT_EQ(Verify(), 0) << Read("verified");
}

TEST_F(NaructlTest, AnAcknowledgementThatFailsIsToldAndThePapersAreThere) {
  broker_.acknowledgement.mutable_refusal()->set_reason(v1::REFUSAL_REASON_STATE_CONFLICT);
  EXPECT_EQ(Fetch(), 0);
  EXPECT_THAT(err_.str(), HasSubstr("not acknowledged"));
  EXPECT_TRUE(std::filesystem::exists(Path("papers/1_INCOME_AMOUNT.json")));
}

TEST_F(NaructlTest, P3_FetchWritesNothingOfAMismatchAndEndsWithAnError) {
  broker_.papers[0].asked = [](ExpectedHeader& asked) { asked.person.set_number("other"); };
  EXPECT_EQ(Fetch(), 1);
  EXPECT_THAT(out_.str(), HasSubstr("MISMATCH"));
  EXPECT_FALSE(std::filesystem::exists(Path("papers/1_INCOME_AMOUNT.json")));
  EXPECT_FALSE(std::filesystem::exists(Path("papers/1_INCOME_AMOUNT.receipt.json")));
  EXPECT_TRUE(std::filesystem::exists(Path("papers/2_BUSINESS_REGISTRATION.json")));
}

TEST_F(NaructlTest, ARefusalSaysReasonFactsAndMenderAndEndsWithTwo) {
  broker_.steps = [](client::FakeBroker::Steps& steps) {
    steps.resize(1);
    v1::Refusal& refusal = *steps[0].mutable_refusal();
    refusal.set_reason(v1::REFUSAL_REASON_CONSENT_WITHDRAWN);
    (*refusal.mutable_facts())["state"] = "WITHDRAWN";
    refusal.set_mender(v1::MENDER_CITIZEN);
  };
  EXPECT_EQ(Fetch(), 2);
  EXPECT_THAT(out_.str(), HasSubstr("동의를 철회했습니다 (CONSENT_WITHDRAWN)"));
  EXPECT_THAT(out_.str(), HasSubstr("state=WITHDRAWN"));
  EXPECT_THAT(out_.str(), HasSubstr("민원인"));
  EXPECT_EQ(Fetch({"--language", "en"}), 2);
  EXPECT_THAT(out_.str(), HasSubstr("the consent was withdrawn"));
  EXPECT_EQ(Fetch({"--json"}), 2);
  EXPECT_THAT(out_.str(), HasSubstr("\"REFUSAL_REASON_CONSENT_WITHDRAWN\""));
}

TEST_F(NaructlTest, ShowsAConsentForPeopleAndAsJson) {
  ASSERT_EQ(Run({"consent", "get", "--consent-id", client::kConsent}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("동의 (GRANTED)"));
  EXPECT_THAT(out_.str(), HasSubstr("INCOME_AMOUNT"));
  // A business number stays out of sight.
  EXPECT_THAT(out_.str(), Not(HasSubstr("1208147521")));
  ASSERT_EQ(Run({"consent", "get", "--consent-id", client::kConsent, "--json"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\"state\": \"CONSENT_STATE_GRANTED\""));
}

TEST_F(NaructlTest, AnErrorGoesToTheErrorStreamAndEndsWithOne) {
  EXPECT_EQ(Run({"consent", "cancel", "--consent-id", client::kConsent}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("UNIMPLEMENTED"));
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(Run({"consent", "decide", "--consent-id", client::kConsent, "--decisions", "1=MAYBE",
                 "--text-sha256", std::string(64, 'a')}),
            1);
  EXPECT_THAT(err_.str(), HasSubstr("decisions"));
  EXPECT_EQ(Run({"no-such-command"}), 1);
}

TEST_F(NaructlTest, EveryCommandExplainsItself) {
  const std::vector<std::vector<std::string>> commands = {
      {},
      {"person", "lookup"},
      {"consent", "open"},
      {"consent", "get"},
      {"consent", "check"},
      {"consent", "watch"},
      {"consent", "cancel"},
      {"consent", "show"},
      {"consent", "send-code"},
      {"consent", "decide"},
      {"consent", "withdraw"},
      {"consent", "suspend"},
      {"consent", "resume"},
      {"fetch"},
      {"history", "person"},
      {"history", "case"},
      {"approval", "suspend"},
      {"approval", "lift"},
      {"ledger", "checkpoint"},
      {"ledger", "inclusion"},
      {"ledger", "consistency"},
      {"catalogue", "show"},
      {"catalogue", "kinds"},
      {"catalogue", "affair"},
  };
  for (std::vector<std::string> command : commands) {
    command.push_back("--help");
    EXPECT_EQ(Run(command), 0);
    EXPECT_THAT(out_.str(), HasSubstr("Usage:"));
  }
}

}  // namespace
}  // namespace naru::cli
