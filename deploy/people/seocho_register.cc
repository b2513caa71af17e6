// 서초구: local tax. Local governments share one ledger and each may certify for anybody, so
// every adult is here, wherever the home is.

#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/register_file.h"
#include "deploy/people/registers.h"

namespace naru::people {
namespace {

constexpr RegisterFile::Info kInfo = {"seocho.db", "3210000", "서울특별시 서초구"};

const RegisterFile::Statements& Tables() {
  static const auto* const kTables = new RegisterFile::Statements{
      "CREATE TABLE lt_payer (payer_seq INTEGER PRIMARY KEY, payer_no TEXT NOT NULL, "
      "rrn TEXT NOT NULL, ci TEXT NOT NULL, payer_nm TEXT NOT NULL, addr TEXT NOT NULL, "
      "levy_office TEXT NOT NULL)",
      "CREATE TABLE lt_levy (payer_seq INTEGER NOT NULL, levy_seq INTEGER NOT NULL, "
      "levy_no TEXT NOT NULL, tax_item TEXT NOT NULL, levy_yr INTEGER NOT NULL, "
      "levy_amt INTEGER NOT NULL, due_dt TEXT NOT NULL, paid_dt TEXT, defer_dt TEXT, "
      "PRIMARY KEY (payer_seq, levy_seq)) WITHOUT ROWID",
  };
  return *kTables;
}

const RegisterFile::Statements& Views() {
  static const auto* const kViews = new RegisterFile::Statements{
      "CREATE UNIQUE INDEX lt_payer_ci ON lt_payer (ci)",
      "CREATE UNIQUE INDEX lt_payer_no ON lt_payer (payer_no)",
      R"(CREATE VIEW local_tax_clearance AS
SELECT p.ci AS person_ci, p.payer_nm AS name,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7) AS resident_no,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7, 1) || '******' AS resident_no_masked,
       p.addr AS address, p.payer_no AS taxpayer_no, p.levy_office AS local_government,
       CASE
         WHEN EXISTS (SELECT 1 FROM lt_levy l WHERE l.payer_seq = p.payer_seq
                      AND l.paid_dt IS NULL AND l.defer_dt IS NULL) THEN '체납액 있음'
         WHEN EXISTS (SELECT 1 FROM lt_levy l WHERE l.payer_seq = p.payer_seq
                      AND l.paid_dt IS NULL) THEN '징수유예'
         ELSE '체납액 없음' END AS clearance_status,
       (SELECT coalesce(sum(l.levy_amt), 0) FROM lt_levy l WHERE l.payer_seq = p.payer_seq
        AND l.paid_dt IS NULL AND l.defer_dt IS NULL) AS unpaid_amount,
       (SELECT coalesce(sum(l.levy_amt), 0) FROM lt_levy l WHERE l.payer_seq = p.payer_seq
        AND l.paid_dt IS NULL AND l.defer_dt IS NOT NULL) AS deferred_amount,
       date((SELECT as_of FROM about), '+30 days') AS valid_until,
       '서울특별시 서초구청장' AS issuer, '합성 데이터' AS marker
FROM lt_payer p)",
      R"(CREATE VIEW local_tax_clearance_rows AS
SELECT p.ci AS person_ci, l.levy_seq AS row_no, l.levy_no, l.tax_item, l.levy_yr AS tax_year,
       l.levy_amt AS amount, l.due_dt AS due_date, l.paid_dt AS paid_date,
       l.defer_dt AS deferred_until,
       CASE WHEN l.paid_dt IS NOT NULL THEN '납부' WHEN l.defer_dt IS NOT NULL THEN '징수유예'
            ELSE '체납' END AS status
FROM lt_payer p JOIN lt_levy l ON l.payer_seq = p.payer_seq)",
      R"(CREATE VIEW local_tax_by_item AS
SELECT p.ci AS person_ci, l.levy_yr AS tax_year, p.payer_nm AS name,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7) AS resident_no,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7, 1) || '******' AS resident_no_masked,
       p.addr AS address, p.payer_no AS taxpayer_no, p.levy_office AS local_government,
       (SELECT sum(y.levy_amt) FROM lt_levy y WHERE y.payer_seq = p.payer_seq
        AND y.levy_yr = l.levy_yr) AS tax_total,
       '서울특별시 서초구청장' AS issuer, '합성 데이터' AS marker
FROM lt_payer p
JOIN lt_levy l ON l.payer_seq = p.payer_seq AND l.levy_seq =
     (SELECT min(f.levy_seq) FROM lt_levy f WHERE f.payer_seq = p.payer_seq
      AND f.levy_yr = l.levy_yr))",
      R"(CREATE VIEW local_tax_by_item_rows AS
SELECT p.ci AS person_ci, l.levy_yr AS tax_year, l.levy_seq AS row_no, l.tax_item,
       l.levy_amt AS amount, l.paid_dt AS paid_date
FROM lt_payer p JOIN lt_levy l ON l.payer_seq = p.payer_seq)",
  };
  return *kViews;
}

class SeochoRegister : public Register {
 public:
  SeochoRegister(const std::string& folder, const PopulationOptions& population)
      : population_(population),
        file_(folder, population, kInfo, Tables()),
        rows_(std::in_place, file_.session()) {}

  void Add(const Household& household) override {
    const Address& home = household.address;
    const std::string office =
        home.sigungu.empty() ? home.sido : absl::StrCat(home.sido, " ", home.sigungu);
    for (const Person& person : household.people) {
      if (!KnownToTax(person, population_)) continue;
      const Number seq = person.index + 1;
      rows_->payers.Add(seq, LocalTaxpayerNo(person), person.resident_no, person.ci, person.name,
                        home.line, office);
      Number levy_seq = 0;
      for (const Levy& levy : person.local_levies) {
        rows_->levies.Add(seq, ++levy_seq, levy.number, levy.item, levy.tax_year, levy.amount,
                          IsoDay(levy.due), IsoDay(levy.paid), IsoDay(levy.deferred_until));
      }
    }
  }

  void Finish() override {
    rows_.reset();
    file_.Finish(Views());
  }

 private:
  struct Rows {
    explicit Rows(soci::session& session)
        : payers(session, "lt_payer"), levies(session, "lt_levy") {}
    RowInserter<Number, Text, Text, Text, Text, Text, Text> payers;
    RowInserter<Number, Number, Text, Text, Number, Number, Text, Text, Text> levies;
  };

  const PopulationOptions population_;
  RegisterFile file_;
  std::optional<Rows> rows_;
};

}  // namespace

std::unique_ptr<Register> OpenSeochoRegister(const std::string& folder,
                                             const PopulationOptions& population) {
  return std::make_unique<SeochoRegister>(folder, population);
}

}  // namespace naru::people
