#include "adapters/holder/holder_config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "adapters/holder/test_register.h"
#include "broker/base/status_macros.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/fake_ledger.h"

namespace naru {
namespace {

using ::testing::HasSubstr;

class HolderConfigTest : public testing::Test {
 protected:
  HolderConfigTest() : database_(testing::TempDir() + "/config.db") {
    MakeTestRegister(database_);
    config_ = TestHolderConfig(database_, "/nowhere", FakeLedger().VerifierKeys()[0]);
  }

  // Loads the configuration with the first `from` replaced, and opens its registers.
  absl::Status Load(const std::string& from = "", const std::string& to = "") {
    std::string text = config_;
    if (!from.empty()) {
      const size_t at = text.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      line_ = 1 + static_cast<int>(std::count(text.begin(), text.begin() + at, '\n'));
      text.replace(at, from.size(), to);
    }
    absl::StatusOr<HolderConfigFile> file = HolderConfigFile::Parse("holder.textproto", text);
    ABSL_RETURN_IF_ERROR(file.status());
    ABSL_RETURN_IF_ERROR(CheckHolderConfig(*file));
    return OpenRegisters(*file).status();
  }

  // The line where `from` stands is named, the field and what is wrong.
  void ExpectBadLine(const std::string& from, const std::string& to, const std::string& field,
                     const std::string& what) {
    const absl::Status status = Load(from, to);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr(absl::StrCat("holder.textproto:", line_, ": ", field))));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)));
  }

  std::string database_;
  std::string config_;
  int line_ = 0;
};

TEST_F(HolderConfigTest, TakesAGoodOne) { ABSL_EXPECT_OK(Load()); }

TEST_F(HolderConfigTest, NamesTheLineOfWhatIsWrongWithTheProgram) {
  ExpectBadLine("\"1210000\"\nagency", "\"x\"\nagency", "agency", "agency code");
  ExpectBadLine("urn:naru:1741999:broker", "broker", "broker_identity", "urn:naru");
  ExpectBadLine("listen_address: \"127.0.0.1:0\"", "listen_address: \"x\"", "listen_address",
                "host:port");
  ExpectBadLine("agency: ", "ops_address: \"0.0.0.0:1\"\nagency: ", "ops_address", "loopback");
  ExpectBadLine("ledger_verifier_keys: \"", "ledger_verifier_keys: \"x", "ledger_verifier_keys",
                "");
  EXPECT_THAT(Load("agency: ", "agencie: "),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("agencie")));
}

TEST_F(HolderConfigTest, NamesTheLineOfWhatIsWrongWithAKind) {
  const std::string at = "registers[0].documents[0]";
  ExpectBadLine("\"TAX_PAPER\"", "\"tax paper\"", at + ".kind", "kind code");
  ExpectBadLine("\"INCOME_PAPER\"", "\"TAX_PAPER\"", "registers[0].documents[1].kind", "twice");
  ExpectBadLine("WHERE business_no = :subject\"", "\"", at + ".query", "anybody");
  ExpectBadLine("business_no = :subject\"", "business_no = :subject AND :yr\"", at + ".query",
                ":yr is none of");
  ExpectBadLine("subject_column: \"business_no\"", "subject_column: \"a b\"", at,
                "name of a column");
  ExpectBadLine("field: \"capital\"", "field: \"trade_name\"", at + ".fields[1].field", "twice");
  ExpectBadLine("label: \"상호\"", "label: \"\"", at + ".fields[0].label", "missing");
  ExpectBadLine("label: \"상호\"", "each: true label: \"상호\"", at + ".fields[0].each",
                "for_each_parameter");
  ExpectBadLine("parameters: \"tax_years\"", "parameters: \"tax_years\" parameters: \"x\"",
                "registers[0].documents[1].parameters[1]", "no query uses it");
  ExpectBadLine("AND yr = :value\"", "AND yr = :tax_years\"", "registers[0].documents[1].query",
                ":value");
  ExpectBadLine("for_each_parameter: \"tax_years\"", "for_each_parameter: \"years\"",
                "registers[0].documents[1].for_each_parameter", "none of");
}

TEST_F(HolderConfigTest, NamesTheLineThatTheDatabaseObjectsTo) {
  const std::string at = "registers[0].documents[0]";
  ExpectBadLine("column: \"capital\"", "column: \"capitol\"", at + ".fields[1].column", "capitol");
  ExpectBadLine("FROM tax_paper WHERE", "FROM tax_papers WHERE", at + ".query", "tax_papers");
  ExpectBadLine("FROM tax_year WHERE", "FROM WHERE", at + ".lists[0].query", "syntax error");
  ExpectBadLine("column: \"yr\"", "column: \"year\"", at + ".lists[0].fields[0].column", "year");
  ExpectBadLine("order_by: \"yr\"", "order_by: \"year\"", at + ".lists[0].order_by[0]", "year");
  ExpectBadLine("subject_column: \"business_no\"", "subject_column: \"biz\"",
                at + ".subject_column", "biz");
  ExpectBadLine("config.db", "missing.db", "registers[0].connection", "cannot be opened");
  ExpectBadLine("sqlite3://", "oracle://", "registers[0].connection", "sqlite3://");
}

TEST_F(HolderConfigTest, NeverMakesOrChangesADatabase) {
  ABSL_EXPECT_OK(Load());
  EXPECT_FALSE(Load("SELECT * FROM tax_paper WHERE business_no = :subject",
                    "DELETE FROM business WHERE business_no = :subject")
                   .ok());
  EXPECT_FALSE(Load("config.db", "made.db").ok());
  EXPECT_NE(access((testing::TempDir() + "/made.db").c_str(), F_OK), 0);
}

}  // namespace
}  // namespace naru
