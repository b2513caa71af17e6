// 국민건강보험공단: eligibility and premiums. A premium row stands for a run of months; the view
// lays it out by month.

#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "deploy/people/days.h"
#include "deploy/people/register_file.h"
#include "deploy/people/registers.h"

namespace naru::people {
namespace {

constexpr RegisterFile::Info kInfo = {"nhis.db", "B550928", "국민건강보험공단"};

const RegisterFile::Statements& Tables() {
  static const auto* const kTables = new RegisterFile::Statements{
      "CREATE TABLE hi_month (mm INTEGER PRIMARY KEY)",
      "INSERT INTO hi_month VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)",
      "CREATE TABLE hi_insured (insd_seq INTEGER PRIMARY KEY, insd_no TEXT NOT NULL, "
      "rrn TEXT NOT NULL, ci TEXT NOT NULL, insd_nm TEXT NOT NULL, addr TEXT NOT NULL)",
      "CREATE TABLE hi_eligibility (insd_seq INTEGER NOT NULL, elig_seq INTEGER NOT NULL, "
      "elig_kind TEXT NOT NULL, firm_nm TEXT, firm_no TEXT, got_dt TEXT NOT NULL, lost_dt TEXT, "
      "PRIMARY KEY (insd_seq, elig_seq)) WITHOUT ROWID",
      "CREATE TABLE hi_premium (insd_seq INTEGER NOT NULL, prem_seq INTEGER NOT NULL, "
      "yyyy INTEGER NOT NULL, from_mm INTEGER NOT NULL, to_mm INTEGER NOT NULL, "
      "health_amt INTEGER NOT NULL, care_amt INTEGER NOT NULL, PRIMARY KEY (insd_seq, prem_seq)) "
      "WITHOUT ROWID",
  };
  return *kTables;
}

const RegisterFile::Statements& Views() {
  static const auto* const kViews = new RegisterFile::Statements{
      "CREATE UNIQUE INDEX hi_insured_ci ON hi_insured (ci)",
      "CREATE UNIQUE INDEX hi_insured_no ON hi_insured (insd_no)",
      R"(CREATE VIEW nhis_eligibility_history AS
SELECT i.ci AS person_ci, i.insd_nm AS name,
       substr(i.rrn, 1, 6) || '-' || substr(i.rrn, 7) AS resident_no,
       substr(i.rrn, 1, 6) || '-' || substr(i.rrn, 7, 1) || '******' AS resident_no_masked,
       i.insd_no AS insured_no, i.addr AS address, e.elig_kind AS current_eligibility,
       e.firm_nm AS current_workplace, e.got_dt AS acquired_date, '합성 데이터' AS marker
FROM hi_insured i
JOIN hi_eligibility e ON e.insd_seq = i.insd_seq AND e.lost_dt IS NULL)",
      R"(CREATE VIEW nhis_eligibility_history_rows AS
SELECT i.ci AS person_ci, e.elig_seq AS row_no, e.elig_kind AS eligibility,
       e.firm_nm AS workplace_name, e.got_dt AS acquired_date, e.lost_dt AS lost_date
FROM hi_insured i JOIN hi_eligibility e ON e.insd_seq = i.insd_seq)",
      R"(CREATE VIEW nhis_premium_payment AS
SELECT i.ci AS person_ci, i.insd_nm AS name,
       substr(i.rrn, 1, 6) || '-' || substr(i.rrn, 7) AS resident_no,
       substr(i.rrn, 1, 6) || '-' || substr(i.rrn, 7, 1) || '******' AS resident_no_masked,
       i.insd_no AS insured_no, i.addr AS address,
       (SELECT min(printf('%04d-%02d', p.yyyy, p.from_mm)) FROM hi_premium p
        WHERE p.insd_seq = i.insd_seq) AS period_from,
       (SELECT max(printf('%04d-%02d', p.yyyy, p.to_mm)) FROM hi_premium p
        WHERE p.insd_seq = i.insd_seq) AS period_to,
       (SELECT sum(p.health_amt * (p.to_mm - p.from_mm + 1)) FROM hi_premium p
        WHERE p.insd_seq = i.insd_seq) AS health_premium_total,
       (SELECT sum(p.care_amt * (p.to_mm - p.from_mm + 1)) FROM hi_premium p
        WHERE p.insd_seq = i.insd_seq) AS care_premium_total,
       (SELECT sum((p.health_amt + p.care_amt) * (p.to_mm - p.from_mm + 1)) FROM hi_premium p
        WHERE p.insd_seq = i.insd_seq) AS paid_total,
       '합성 데이터' AS marker
FROM hi_insured i
WHERE EXISTS (SELECT 1 FROM hi_premium p WHERE p.insd_seq = i.insd_seq))",
      R"(CREATE VIEW nhis_premium_payment_rows AS
SELECT i.ci AS person_ci, p.yyyy AS pay_year, m.mm AS pay_month,
       p.health_amt AS health_premium, p.care_amt AS care_premium,
       p.health_amt + p.care_amt AS paid_amount,
       date(printf('%04d-%02d-10', p.yyyy, m.mm), '+1 month') AS paid_date
FROM hi_insured i
JOIN hi_premium p ON p.insd_seq = i.insd_seq
JOIN hi_month m ON m.mm BETWEEN p.from_mm AND p.to_mm)",
  };
  return *kViews;
}

class NhisRegister : public Register {
 public:
  NhisRegister(const std::string& folder, const PopulationOptions& population)
      : file_(folder, population, kInfo, Tables()), rows_(std::in_place, file_.session()) {}

  void Add(const Household& household) override {
    if (!KnownToNhis(household)) return;
    for (const Person& person : household.people) {
      const Number seq = person.index + 1;
      rows_->insured.Add(seq, NhisInsuredNo(person), person.resident_no, person.ci, person.name,
                         household.address.line);
      Number eligibility = 0;
      for (const Coverage& time : person.health) {
        rows_->eligibilities.Add(seq, ++eligibility, time.kind, time.workplace, time.workplace_no,
                                 IsoDay(time.from), IsoDay(time.lost));
      }
      Number run = 0;
      for (const Premium& premium : person.premiums) {
        rows_->premiums.Add(seq, ++run, premium.year, premium.first_month, premium.last_month,
                            premium.health, premium.care);
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
        : insured(session, "hi_insured"),
          eligibilities(session, "hi_eligibility"),
          premiums(session, "hi_premium") {}
    RowInserter<Number, Text, Text, Text, Text, Text> insured;
    RowInserter<Number, Number, Text, Text, Text, Text, Text> eligibilities;
    RowInserter<Number, Number, Number, Number, Number, Number, Number> premiums;
  };

  RegisterFile file_;
  std::optional<Rows> rows_;
};

}  // namespace

std::unique_ptr<Register> OpenNhisRegister(const std::string& folder,
                                           const PopulationOptions& population) {
  return std::make_unique<NhisRegister>(folder, population);
}

}  // namespace naru::people
