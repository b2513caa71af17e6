// P6: at rest there is no identifier of a person in clear and no body of a document; none in what
// the program writes to its log. Tells a whole story to the program itself, and then reads every
// byte that it left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_matchers.h"
#include "tests/support/broker_process.h"
#include "tests/support/fetching.h"
#include "tests/support/test_clients.h"
#include "tests/support/test_site.h"

namespace naru {
namespace {

constexpr char kOfficial[] = "official-kim-9471";
constexpr char kTerminal[] = "terminal-window-7";
constexpr char kCaseNumber[] = "2026-case-0099123";
constexpr char kLookingOfficial[] = "official-lee-5518";
constexpr char kLookUpCase[] = "2026-lookup-884711";

// What must not rest anywhere, by what it is.
using Secrets = std::map<std::string, std::string>;

// Every file below the directory, by path.
std::map<std::string, std::string> FilesBelow(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().string()] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

// As it is, and as text that a log or a row might make of it.
std::vector<std::string> FormsOf(const std::string& secret) {
  return {
      secret, absl::BytesToHexString(secret), absl::Base64Escape(secret),
      absl::StrCat(secret.substr(0, secret.size() / 2), "\\n", secret.substr(secret.size() / 2))};
}

class PrivacyTest : public testing::Test {
 protected:
  PrivacyTest() : site_(Options()) {
    process_.config_file = site_.config_file();
    process_.stderr_file = site_.PathOf("broker.log");
  }

  static TestSite::Options Options() {
    TestSite::Options options;
    options.directory = TestDirectory("privacy");
    options.body_bytes = 5'000;
    return options;
  }

  static void SetCase(v1::CaseContext& context) {
    context.set_official_id(kOfficial);
    context.set_terminal_id(kTerminal);
    context.set_case_number(kCaseNumber);
  }

  void TellTheStory(TestClients& clients);
  void TellWhatGoesWrong(TestClients& clients, const v1::Consent& consent);
  // The names of secrets found, with the file.
  std::vector<std::string> Found(const std::map<std::string, std::string>& files) const;
  std::map<std::string, std::string> AllFiles(const BrokerProcess& broker) const {
    auto files = FilesBelow(site_.config().data_directory());
    files.merge(FilesBelow(site_.config().head_directory()));
    std::ifstream log(process_.stderr_file, std::ios::binary);
    files["stderr"] = std::string(std::istreambuf_iterator<char>(log), {});
    files["stdout"] = broker.output();
    return files;
  }

  TestSite site_;
  BrokerProcess::Options process_;
  const v1::Subject person_ = PersonOf(1);
  const v1::Subject business_ = BusinessOf(31);
  std::string consent_id_;
  Secrets secrets_;
};

void PrivacyTest::TellTheStory(TestClients& clients) {
  v1::OpenConsentRequest open =
      clients.OpenRequest(person_, {PaperOf(1, kAbstract), PaperOf(2, kBusiness, business_)});
  SetCase(*open.mutable_case_());
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::OpenedConsent opened, clients.Open(open, kCounterParty));
  consent_id_ = opened.consent().consent_id();
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Message message,
                            clients.AwaitMessage(person_, v1::MESSAGE_KIND_CODE));
  const std::string code = TestClients::CodeIn(message);
  ASSERT_EQ(code.size(), 6u);
  secrets_ = {{"CI", person_.number()},
              {"business number", business_.number()},
              {"official", kOfficial},
              {"terminal", kTerminal},
              {"case number", kCaseNumber},
              {"official of the look-up", kLookingOfficial},
              {"case of the look-up", kLookUpCase},
              {"contact", FakeResolver::ContactOf(person_)},
              {"code", code},
              {"link", opened.link_token()},
              {"message", message.text()},
              {"CI of another", PersonOf(2).number()}};
  // Bodies: any stretch of them.
  const std::string one = site_.holder().BodyOf(kAbstract, person_);
  const std::string other = site_.holder().BodyOf(kBusiness, business_);
  secrets_["body of the abstract"] = one.substr(one.size() / 2, 48);
  secrets_["body of the business"] = other.substr(other.size() / 2, 48);

  v1::AcknowledgeMessagesRequest acknowledge;
  acknowledge.add_cursors(message.cursor());
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::DecideConsentResponse decided,
                            clients.DecideByCode(opened, code));
  ASSERT_TRUE(decided.has_decided());
  ABSL_ASSERT_OK(
      clients.As(kNotifierParty).Call(&v1::MessageService::Stub::AcknowledgeMessages, acknowledge));
  v1::FetchDocumentsRequest fetch = clients.FetchRequest(consent_id_, person_);
  SetCase(*fetch.mutable_case_());
  const FetchResult fetched = Fetch(clients.As(kCounterParty), fetch);
  ASSERT_EQ(fetched.OutcomeOf(1), v1::OUTCOME_SENT);
  ASSERT_EQ(fetched.OutcomeOf(2), v1::OUTCOME_SENT);
  ASSERT_TRUE(absl::StrContains(fetched.papers.at(1).body, secrets_["body of the abstract"]));
  ASSERT_NO_FATAL_FAILURE(TellWhatGoesWrong(clients, decided.decided().consent()));

  v1::RecordLookUpRequest look_up;
  look_up.set_request_id(clients.RequestId());
  *look_up.mutable_person() = person_;
  look_up.set_asker("B553077:counter");
  look_up.mutable_case_()->set_official_id(kLookingOfficial);
  look_up.mutable_case_()->set_terminal_id(kTerminal);
  look_up.mutable_case_()->set_case_number(kLookUpCase);
  ABSL_ASSERT_OK(clients.As(kResolverParty).Call(&v1::HistoryService::Stub::RecordLookUp, look_up));
  v1::ListCaseHistoryRequest list;
  SetCase(*list.mutable_case_());
  ABSL_ASSERT_OK(clients.As(kCounterParty).Call(&v1::HistoryService::Stub::ListCaseHistory, list));
  ABSL_ASSERT_OK(clients.HistoryOf(person_));
  ABSL_ASSERT_OK(clients.Withdraw(decided.decided().consent(), person_));
}

// Mix-ups, wrong persons, malformed requests: what is most likely to be logged.
void PrivacyTest::TellWhatGoesWrong(TestClients& clients, const v1::Consent& consent) {
  TestPeer& system = clients.As(kSystemParty);
  for (const FakeHolder::Fault fault :
       {FakeHolder::Fault::kOtherPersonsAnswer, FakeHolder::Fault::kSwappedBody,
        FakeHolder::Fault::kBadSignature, FakeHolder::Fault::kDiesInTheMiddle}) {
    site_.holder().Misbehave(fault);
    ABSL_EXPECT_OK(Fetch(system, clients.FetchRequest(consent.consent_id(), person_)).status);
  }
  site_.holder().Misbehave(FakeHolder::Fault::kNone);
  ABSL_EXPECT_OK(Fetch(system, clients.FetchRequest(consent.consent_id(), PersonOf(2))).status);
  v1::OpenConsentRequest wrong = clients.OpenRequest(person_, {PaperOf(1, kAbstract)});
  wrong.mutable_papers(0)->mutable_subject()->set_number(business_.number());
  wrong.mutable_papers(0)->mutable_subject()->set_type(v1::SUBJECT_TYPE_CORPORATION);
  const auto refused = clients.Open(wrong);
  EXPECT_FALSE(refused.ok());
  for (const auto& [what, secret] : secrets_) {
    EXPECT_FALSE(absl::StrContains(refused.status().message(), secret)) << what;
  }
}

std::vector<std::string> PrivacyTest::Found(const std::map<std::string, std::string>& files) const {
  std::vector<std::string> found;
  for (const auto& [path, content] : files) {
    for (const auto& [what, secret] : secrets_) {
      for (const std::string& form : FormsOf(secret)) {
        if (absl::StrContains(content, form)) {
          found.push_back(absl::StrCat(what, " in ", path));
          break;
        }
      }
    }
  }
  return found;
}

bool AnyHas(const std::map<std::string, std::string>& files, const std::string& text) {
  for (const auto& [path, content] : files) {
    if (absl::StrContains(content, text)) return true;
  }
  return false;
}

TEST_F(PrivacyTest, P6_NothingOfAPersonRestsInClear) {
  {
    ABSL_ASSERT_OK_AND_ASSIGN(const auto broker, BrokerProcess::Start(process_));
    TestClients clients(&site_, broker->grpc_address());
    ASSERT_NO_FATAL_FAILURE(TellTheStory(clients));
    // In the middle of everything: the log of the store holds each row as it was written.
    broker->Kill();
    const auto files = AllFiles(*broker);
    // The control: what may lie there is found.
    EXPECT_TRUE(AnyHas(files, kAffair));
    EXPECT_TRUE(AnyHas(files, consent_id_));
    EXPECT_FALSE(files.at("stderr").empty());
    EXPECT_THAT(Found(files), testing::IsEmpty());
  }
  // Started again and ended in order: rows in the store's files, tiles published.
  ABSL_ASSERT_OK_AND_ASSIGN(const auto broker, BrokerProcess::Start(process_));
  TestClients clients(&site_, broker->grpc_address());
  ABSL_ASSERT_OK(clients.HistoryOf(person_));
  broker->Signal(SIGTERM);
  ABSL_ASSERT_OK_AND_ASSIGN(const int code, broker->Await(absl::Seconds(30)));
  EXPECT_EQ(code, 0);
  EXPECT_THAT(Found(AllFiles(*broker)), testing::IsEmpty());
}

}  // namespace
}  // namespace naru
