#include "adapters/holder/test_register.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cstdio>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace naru {
namespace {

constexpr char kConfig[] = R"(listen_address: "127.0.0.1:0"
tls {
  certificate_file: "$FILES/cert.pem"
  key_file: "$FILES/key.pem"
  ca_file: "$FILES/ca.pem"
}
agency: "1210000"
agency_name: "국세청"
signing_key { key_id: "1210000-1" file: "$FILES/signing.pem" }
broker_identity: "urn:naru:1741999:broker"
ledger_verifier_keys: "$KEY"
checkpoint_file: "$FILES/checkpoint"
registers {
  name: "국세"
  connection: "$DB"
  documents {
    kind: "TAX_PAPER"
    title: "사업자등록증명"
    subject_type: SUBJECT_TYPE_BUSINESS
    query: "SELECT * FROM tax_paper WHERE business_no = :subject"
    subject_column: "business_no"
    person_column: "person_ci"
    fields { column: "trade_name" field: "trade_name" label: "상호" }
    fields { column: "capital" field: "capital" label: "자본금" }
    fields { column: "closed" field: "close_date" label: "폐업일" }
    lists {
      field: "rows"
      label: "연도"
      query: "SELECT * FROM tax_year WHERE business_no = :subject"
      subject_column: "business_no"
      order_by: "yr"
      fields { column: "yr" field: "tax_year" label: "귀속연도" }
      fields { column: "amount" field: "amount" label: "금액" }
    }
  }
  documents {
    kind: "INCOME_PAPER"
    title: "소득금액증명"
    subject_type: SUBJECT_TYPE_PERSON
    query: "SELECT * FROM income WHERE person_ci = :subject AND yr = :value"
    subject_column: "person_ci"
    person_column: "person_ci"
    parameters: "tax_years"
    for_each_parameter: "tax_years"
    allow_partial: true
    fields { column: "name" field: "name" label: "성명" }
    fields { column: "amount" field: "amount" label: "소득금액" each: true }
    lists {
      field: "rows"
      label: "내역"
      query: "SELECT * FROM income WHERE person_ci = :subject AND yr = :value"
      subject_column: "person_ci"
      for_each_parameter: "tax_years"
      fields { column: "amount" field: "amount" label: "금액" }
    }
  }
  documents {
    kind: "MIXED_UP"
    title: "다른 사람의 것"
    subject_type: SUBJECT_TYPE_BUSINESS
    query: "SELECT * FROM tax_paper WHERE :subject <> '' ORDER BY business_no LIMIT 1"
    subject_column: "business_no"
    person_column: "person_ci"
    fields { column: "trade_name" field: "trade_name" label: "상호" }
    lists {
      field: "rows"
      label: "연도"
      query: "SELECT * FROM tax_year WHERE business_no = :subject"
      subject_column: "business_no"
      fields { column: "yr" field: "tax_year" label: "귀속연도" }
    }
  }
  documents {
    kind: "CROWDED"
    title: "여러 줄"
    subject_type: SUBJECT_TYPE_BUSINESS
    query: "SELECT * FROM tax_paper WHERE business_no >= :subject"
    subject_column: "business_no"
    person_column: "person_ci"
    fields { column: "trade_name" field: "trade_name" label: "상호" }
  }
  documents {
    kind: "LONG_LIST"
    title: "긴 목록"
    subject_type: SUBJECT_TYPE_BUSINESS
    query: "SELECT * FROM tax_paper WHERE business_no = :subject"
    subject_column: "business_no"
    person_column: "person_ci"
    lists {
      field: "rows"
      label: "연도"
      query: "SELECT * FROM tax_year WHERE business_no = :subject"
      subject_column: "business_no"
      max_rows: 1
      fields { column: "yr" field: "tax_year" label: "귀속연도" }
    }
  }
}
)";

// A SQLite file.
class SqliteFile final : public TestDatabase {
 public:
  explicit SqliteFile(const std::string& path) : path_(path) {}
  std::string connection() const override { return absl::StrCat("sqlite3://dbname=", path_); }
  void Execute(const std::string& sql) override {
    soci::session session(soci::sqlite3, absl::StrCat("dbname=\"", path_, "\""));
    session << sql;
  }

 private:
  const std::string path_;
};

}  // namespace

std::string TestBusinessNo(int i) { return absl::StrFormat("21481%05d", i); }
std::string TestPersonCi(int i) { return absl::StrFormat("CI%086d", i); }
std::string TestRrn(int i) { return absl::StrFormat("840315197%04d", i); }

void FillTestRegister(TestDatabase& database) {
  database.Execute(
      "CREATE TABLE business (business_no VARCHAR(20) PRIMARY KEY, person_ci VARCHAR(88), "
      "trade_name VARCHAR(100), representative_rrn VARCHAR(13), capital BIGINT, closed DATE)");
  database.Execute("CREATE TABLE tax_year (business_no VARCHAR(20), yr INTEGER, amount BIGINT)");
  database.Execute("CREATE INDEX tax_year_no ON tax_year (business_no)");
  database.Execute(
      "CREATE TABLE income (person_ci VARCHAR(88), yr INTEGER, name VARCHAR(100), amount BIGINT)");
  database.Execute("CREATE VIEW tax_paper AS SELECT * FROM business");
  std::vector<std::string> businesses;
  std::vector<std::string> years;
  std::vector<std::string> incomes;
  for (int i = 0; i < kTestBusinesses; ++i) {
    const std::string number = TestBusinessNo(i);
    const std::string ci = TestPersonCi(i);
    // More than 32 bits, as sums of won are.
    businesses.push_back(absl::StrFormat("('%s','%s','상호 %d','%s',%d,NULL)", number, ci, i,
                                         TestRrn(i), 5'000'000'000 + i));
    for (const int year : {2025, 2024}) {
      years.push_back(absl::StrFormat("('%s',%d,%d)", number, year, year * 1000 + i));
      incomes.push_back(absl::StrFormat("('%s',%d,'사람 %d',%d)", ci, year, i, year * 10 + i));
    }
  }
  database.Execute("INSERT INTO business VALUES " + absl::StrJoin(businesses, ","));
  database.Execute("INSERT INTO tax_year VALUES " + absl::StrJoin(years, ","));
  database.Execute("INSERT INTO income VALUES " + absl::StrJoin(incomes, ","));
}

void MakeTestRegister(const std::string& path) {
  std::remove(path.c_str());
  SqliteFile file(path);
  FillTestRegister(file);
}

void ExecuteSql(const std::string& path, const std::string& sql) { SqliteFile(path).Execute(sql); }

std::string TestHolderConfigFor(const std::string& connection, const std::string& files,
                                absl::string_view verifier_key) {
  return absl::StrReplaceAll(kConfig,
                             {{"$DB", connection}, {"$FILES", files}, {"$KEY", verifier_key}});
}

std::string TestHolderConfig(const std::string& path, const std::string& files,
                             absl::string_view verifier_key) {
  return TestHolderConfigFor(SqliteFile(path).connection(), files, verifier_key);
}

}  // namespace naru
