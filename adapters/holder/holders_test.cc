// The configurations of the demo's holders, against the registers that naru-people invents.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "adapters/holder/holder_config.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "broker/base/status_matchers.h"
#include "broker/base/textproto.h"
#include "broker/proof/fake_ledger.h"
#include "deploy/people/write_people.h"
#include "naru/config/v1/catalogue.pb.h"

namespace naru {
namespace {

class HoldersTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    people::PopulationOptions population;
    population.count = 100;
    ABSL_ASSERT_OK(people::WritePeople(population, People(), true, [](const std::string&) {}));
    const auto lines = ReadFile(People() + "/demo_case.env", 1 << 20);
    ABSL_ASSERT_OK(lines);
    for (absl::string_view line : absl::StrSplit(*lines, '\n')) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(line, absl::MaxSplits('=', 1));
      demo_[parts.first] = absl::StrReplaceAll(parts.second, {{"'", ""}});
    }
  }

  static std::string People() { return testing::TempDir() + "/people"; }

  static absl::StatusOr<HolderConfigFile> Load(const std::string& path) {
    ABSL_ASSIGN_OR_RETURN(std::string text, ReadFile(path, 1 << 20));
    std::string keys;
    for (const std::string& key : FakeLedger().VerifierKeys()) {
      absl::StrAppend(&keys, "ledger_verifier_keys: \"", key, "\" ");
    }
    text = absl::StrReplaceAll(
        text,
        {{"@PEOPLE@", People()}, {"@PKI@", "/pki"}, {"@RUN@", "/run"}, {"@LEDGER_KEYS@", keys}});
    ABSL_ASSIGN_OR_RETURN(HolderConfigFile file, HolderConfigFile::Parse(path, text));
    ABSL_RETURN_IF_ERROR(CheckHolderConfig(file));
    return file;
  }

  // The demo case's number for a subject of this type.
  static std::string DemoNumber(v1::SubjectType type) {
    if (type == v1::SUBJECT_TYPE_BUSINESS) return demo_["NARU_DEMO_BUSINESS_1_NO"];
    if (type == v1::SUBJECT_TYPE_PROPERTY) return demo_["NARU_DEMO_PROPERTY_NO"];
    return demo_["NARU_DEMO_CI"];
  }

  static std::map<std::string, std::string> demo_;
};

std::map<std::string, std::string> HoldersTest::demo_;

TEST_F(HoldersTest, EveryKindHasTheDemoPersonsPaperAndNoRepresentativesNumber) {
  int kinds = 0;
  for (const auto& entry : std::filesystem::directory_iterator("deploy/holders")) {
    if (entry.path().extension() != ".textproto") continue;
    const auto file = Load(entry.path());
    ABSL_ASSERT_OK(file);
    auto registers = OpenRegisters(*file);
    ABSL_ASSERT_OK(registers);
    const config::v1::SqlRegister& source = file->message().registers(0);
    for (const config::v1::SqlDocument& document : source.documents()) {
      RecordQuery query;
      query.subject.set_type(document.subject_type());
      query.subject.set_number(DemoNumber(document.subject_type()));
      query.person.set_type(v1::SUBJECT_TYPE_PERSON);
      query.person.set_number(demo_["NARU_DEMO_CI"]);
      query.max_bytes = 1 << 20;
      query.approved_fields = {"rows"};
      for (const auto& field : document.fields()) {
        EXPECT_EQ(field.field(), field.column());
        EXPECT_NE(field.column(), "representative_rrn");
        query.approved_fields.insert(field.field());
      }
      for (const std::string& name : document.parameters()) {
        v1::Parameter& parameter = query.parameters.emplace_back();
        parameter.set_name(name);
        parameter.add_values("2024");
        parameter.add_values("2025");
      }
      const auto record = (*registers)[0]->Find(document.kind(), query);
      ABSL_ASSERT_OK(record);
      ASSERT_TRUE(record->has_value()) << document.kind();
      EXPECT_EQ((*record)->subject().number(), query.subject.number()) << document.kind();
      EXPECT_EQ((*record)->person().number(), query.person.number()) << document.kind();
      EXPECT_EQ((*record)->fields().size(), query.approved_fields.size()) << document.kind();
      ++kinds;
    }
  }
  EXPECT_EQ(kinds, 13);
}

// Holder and catalogue name the same things, or a request would be refused by the other side.
TEST_F(HoldersTest, KindsAreWhatTheCatalogueSays) {
  config::v1::Catalogue catalogue;
  ABSL_ASSERT_OK(LoadTextProto("deploy/catalogue.textproto", &catalogue));
  std::map<std::string, const config::v1::DocumentKind*> kinds;
  for (const config::v1::DocumentKind& kind : catalogue.kinds()) kinds[kind.code()] = &kind;
  for (const auto& entry : std::filesystem::directory_iterator("deploy/holders")) {
    if (entry.path().extension() != ".textproto") continue;
    const auto file = Load(entry.path());
    ABSL_ASSERT_OK(file);
    for (const auto& document : file->message().registers(0).documents()) {
      ASSERT_EQ(kinds.count(document.kind()), 1u) << document.kind();
      const config::v1::DocumentKind& kind = *kinds[document.kind()];
      kinds.erase(document.kind());
      EXPECT_EQ(kind.holder(), file->message().agency()) << kind.code();
      EXPECT_EQ(kind.subject_type(), document.subject_type()) << kind.code();
      std::vector<std::string> fields;
      for (const auto& field : document.fields()) fields.push_back(field.field());
      for (const auto& list : document.lists()) fields.push_back(list.field());
      EXPECT_EQ(std::vector<std::string>(kind.fields().begin(), kind.fields().end()), fields)
          << kind.code();
      std::vector<std::string> parameters;
      for (const auto& rule : kind.parameters()) parameters.push_back(rule.name());
      EXPECT_EQ(parameters, std::vector<std::string>(document.parameters().begin(),
                                                     document.parameters().end()))
          << kind.code();
    }
  }
  EXPECT_TRUE(kinds.empty());
}

}  // namespace
}  // namespace naru
