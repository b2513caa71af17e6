#include "adapters/holder/holder_config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "adapters/holder/test_folder.h"
#include "adapters/holder/test_register.h"
#include "broker/base/grpc/test_certificates.h"
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

// A folder and an HTTP service beside the database, and kinds by numbers of the agency's own.
class OtherRegistersTest : public HolderConfigTest {
 protected:
  OtherRegistersTest()
      : folder_(testing::TempDir() + "/config-folder"), ca_(testing::TempDir() + "/config-ca") {
    folder_.Write("1.pdf", "%PDF");
    *manifest_.add_files() = folder_.Entry("1.pdf", 1);
    manifest_.mutable_files(0)->set_kind("SCANNED_PAPER");
    folder_.Replace(manifest_);
    const config::v1::TlsFiles tls = ca_.Issue("urn:naru:1210000:holder");
    absl::StrAppend(&config_, absl::StrReplaceAll(kOthers, {{"$FOLDER", folder_.directory()},
                                                            {"$MANIFEST", folder_.manifest_file()},
                                                            {"$CERT", tls.certificate_file()},
                                                            {"$KEY", tls.key_file()},
                                                            {"$CA", tls.ca_file()}}));
    // For the resolver's channel, as for the server.
    config_ = absl::StrReplaceAll(config_, {{"/nowhere/cert.pem", tls.certificate_file()},
                                            {"/nowhere/key.pem", tls.key_file()},
                                            {"/nowhere/ca.pem", tls.ca_file()}});
  }

  static constexpr char kOthers[] = R"(
folders {
  name: "스캔"
  directory: "$FOLDER"
  manifest_file: "$MANIFEST"
  documents {
    kind: "SCANNED_PAPER"
    subject_type: SUBJECT_TYPE_BUSINESS
    fields: "scan"
  }
}
http_registers {
  name: "서비스"
  url: "https://nts.test:8443"
  tls { certificate_file: "$CERT" key_file: "$KEY" ca_file: "$CA" }
  documents {
    kind: "PENSION_PAPER"
    path: "/v1/pension"
    subject_path: "number"
    person_path: "number"
    title: "연금"
    subject_type: SUBJECT_TYPE_PERSON
    parameters: "until"
    number_kind: "NUMBER_KIND_PENSION"
    fields { path: "a.months" field: "months" label: "개월" }
    lists {
      field: "places"
      path: "a.places"
      label: "사업장"
      fields { path: "name" field: "place" label: "이름" }
    }
  }
}
resolver { address: "resolver.test:7000" identity: "urn:naru:1741000:resolver" }
)";

  TestFolder folder_;
  config::v1::FolderManifest manifest_;
  TestCa ca_;
};

TEST_F(OtherRegistersTest, TakesAGoodOne) { ABSL_EXPECT_OK(Load()); }

TEST_F(OtherRegistersTest, NamesTheLineOfWhatIsWrongWithAFolder) {
  const std::string at = "folders[0]";
  ExpectBadLine("name: \"스캔\"", "name: \"\"", at + ".name", "missing");
  ExpectBadLine("name: \"스캔\"", "name: \"국세\"", at + ".name", "twice");
  ExpectBadLine("SCANNED_PAPER\"", "TAX_PAPER\"", at + ".documents[0].kind", "twice");
  ExpectBadLine(
      "documents {\n    kind: \"SCANNED_PAPER\"\n    subject_type: SUBJECT_TYPE_BUSINESS\n    "
      "fields: \"scan\"",
      "documents {\n    kind: \"SCANNED_PAPER\"\n    subject_type: SUBJECT_TYPE_BUSINESS",
      at + ".documents[0].fields", "missing");
  ExpectBadLine("fields: \"scan\"", "fields: \"a b\"", at + ".documents[0].fields[0]", "name");
  ExpectBadLine("directory: \"", "directory: \"/nowhere", at + ".directory", "directory");
  ExpectBadLine("manifest_file: \"", "manifest_file: \"/nowhere", at + ".manifest_file",
                "/nowhere");
  ExpectBadLine("name: \"스캔\"", "name: \"스캔\" reference_key { file: \"/nowhere/key\" }",
                at + ".reference_key.file", "/nowhere/key");
}

TEST_F(OtherRegistersTest, NamesTheLinesOfConfigurationAndManifest) {
  manifest_.mutable_files(0)->set_file("../1.pdf");
  folder_.Replace(manifest_);
  ExpectBadLine("manifest_file: \"", "manifest_file: \"", "folders[0].manifest_file",
                "manifest.textproto:");
  // One that is not there.
  manifest_.mutable_files(0)->set_file("2.pdf");
  folder_.Replace(manifest_);
  ExpectBadLine("manifest_file: \"", "manifest_file: \"", "folders[0].manifest_file",
                "files[0].file: is no regular file");
}

TEST_F(OtherRegistersTest, NamesTheLineOfWhatIsWrongWithAnHttpService) {
  const std::string at = "http_registers[0]";
  const std::string document = at + ".documents[0]";
  ExpectBadLine("https://nts.test:8443", "http://nts.test:8443", at + ".url", "https://host:port");
  ExpectBadLine("name: \"서비스\"", "name: \"서비스\" timeout_ms: 9000", at + ".timeout_ms",
                "8000");
  ExpectBadLine("name: \"서비스\"", "name: \"서비스\" connections: 33", at + ".connections", "32");
  ExpectBadLine("tls { certificate_file: \"", "tls { certificate_file: \"/nowhere", at + ".tls",
                "/nowhere");
  ExpectBadLine("path: \"/v1/pension\"", "path: \"/v1?x=1\"", document + ".path", "address");
  ExpectBadLine("subject_path: \"number\"", "subject_path: \"a..b\"", document + ".subject_path",
                "dots");
  ExpectBadLine("person_path: \"number\"", "person_path: \"ci\"", document + ".person_path",
                "about a person");
  ExpectBadLine("parameters: \"until\"", "parameters: \"until!\"", document + ".parameters[0]",
                "name");
  ExpectBadLine("field: \"months\" label: \"개월\"", "field: \"months\"", document + ".fields[0]",
                "missing");
  ExpectBadLine("field: \"places\"", "field: \"months\"", document + ".lists[0].field", "twice");
  ExpectBadLine("path: \"a.places\"", "path: \"a.\"", document + ".lists[0].path", "dots");
  ExpectBadLine("title: \"연금\"", "title: \"\"", document + ".title", "missing");
}

TEST_F(OtherRegistersTest, NamesTheLineOfWhatIsWrongWithTheResolver) {
  ExpectBadLine("NUMBER_KIND_PENSION", "NUMBER_KIND_SHOE",
                "http_registers[0].documents[0].number_kind", "NumberKind");
  ExpectBadLine("resolver.test:7000", "resolver.test", "resolver.address", "host:port");
  ExpectBadLine("urn:naru:1741000:resolver", "resolver", "resolver.identity", "urn:naru");
  config_.erase(config_.find("resolver {"));
  ExpectBadLine("number_kind: ", "number_kind: ", "http_registers[0].documents[0].number_kind",
                "needs `resolver`");
  // And of kinds of a database.
  ExpectBadLine("title: \"사업자등록증명\"", "title: \"사업자등록증명\" number_kind: \"X\"",
                "registers[0].documents[0].number_kind", "NumberKind");
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
