// 근로복지공단: employment insurance. Workplaces are a table of their own, as they report and pay;
// who was never employed is not in it.

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

constexpr RegisterFile::Info kInfo = {"comwel.db", "B552015", "근로복지공단"};

const RegisterFile::Statements& Tables() {
  static const auto* const kTables = new RegisterFile::Statements{
      "CREATE TABLE ei_worker (wrk_seq INTEGER PRIMARY KEY, wrk_no TEXT NOT NULL, "
      "rrn TEXT NOT NULL, ci TEXT NOT NULL, wrk_nm TEXT NOT NULL)",
      "CREATE TABLE ei_workplace (mgmt_no TEXT PRIMARY KEY, wp_nm TEXT NOT NULL) WITHOUT ROWID",
      "CREATE TABLE ei_insured (wrk_seq INTEGER NOT NULL, ins_seq INTEGER NOT NULL, "
      "mgmt_no TEXT NOT NULL, job_nm TEXT NOT NULL, acq_dt TEXT NOT NULL, loss_dt TEXT, "
      "loss_rsn TEXT, avg_pay INTEGER NOT NULL, PRIMARY KEY (wrk_seq, ins_seq)) WITHOUT ROWID",
  };
  return *kTables;
}

const RegisterFile::Statements& Views() {
  static const auto* const kViews = new RegisterFile::Statements{
      "CREATE UNIQUE INDEX ei_worker_ci ON ei_worker (ci)",
      "CREATE UNIQUE INDEX ei_worker_no ON ei_worker (wrk_no)",
      R"(CREATE VIEW employment_insurance_history AS
SELECT w.ci AS person_ci, w.wrk_no AS insured_no, w.wrk_nm AS name,
       substr(w.rrn, 1, 6) || '-' || substr(w.rrn, 7) AS resident_no,
       substr(w.rrn, 1, 6) || '-' || substr(w.rrn, 7, 1) || '******' AS resident_no_masked,
       (SELECT count(*) FROM ei_insured i WHERE i.wrk_seq = w.wrk_seq) AS record_count,
       (SELECT min(i.acq_dt) FROM ei_insured i WHERE i.wrk_seq = w.wrk_seq)
         AS first_acquired_date,
       CASE WHEN EXISTS (SELECT 1 FROM ei_insured i WHERE i.wrk_seq = w.wrk_seq
                         AND i.loss_dt IS NULL) THEN '가입 중' ELSE '상실' END AS insured_status,
       '합성 데이터' AS marker
FROM ei_worker w)",
      R"(CREATE VIEW employment_insurance_history_rows AS
SELECT w.ci AS person_ci, i.ins_seq AS row_no, p.wp_nm AS workplace_name,
       i.mgmt_no AS workplace_no, i.job_nm AS occupation, i.acq_dt AS acquired_date,
       i.loss_dt AS lost_date, i.loss_rsn AS loss_reason, i.avg_pay AS average_monthly_pay
FROM ei_worker w
JOIN ei_insured i ON i.wrk_seq = w.wrk_seq
JOIN ei_workplace p ON p.mgmt_no = i.mgmt_no)",
  };
  return *kViews;
}

class ComwelRegister : public Register {
 public:
  ComwelRegister(const std::string& folder, const PopulationOptions& population)
      : file_(folder, population, kInfo, Tables()), rows_(std::in_place, file_.session()) {}

  void Add(const Household& household) override {
    for (const Person& person : household.people) {
      if (!KnownToComwel(person)) continue;
      const Number seq = person.index + 1;
      rows_->workers.Add(seq, ComwelInsuredNo(person), person.resident_no, person.ci, person.name);
      Number number = 0;
      for (const Coverage& time : person.employment) {
        rows_->workplaces.Add(time.workplace_no, time.workplace);
        rows_->insured.Add(seq, ++number, time.workplace_no, time.kind, IsoDay(time.from),
                           IsoDay(time.lost), LossReason(person, time), time.monthly_pay);
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
        : workers(session, "ei_worker"),
          workplaces(session, "ei_workplace", InsertRule::kSkipKnown),
          insured(session, "ei_insured") {}
    RowInserter<Number, Text, Text, Text, Text> workers;
    RowInserter<Text, Text> workplaces;
    RowInserter<Number, Number, Text, Text, Text, Text, Text, Number> insured;
  };

  static std::string LossReason(const Person& person, const Coverage& time) {
    for (const Job& job : person.jobs) {
      if (time.lost.has_value() && job.last_day.has_value() && *job.last_day + 1 == *time.lost) {
        return job.leaving_reason;
      }
    }
    return "";
  }

  RegisterFile file_;
  std::optional<Rows> rows_;
};

}  // namespace

std::unique_ptr<Register> OpenComwelRegister(const std::string& folder,
                                             const PopulationOptions& population) {
  return std::make_unique<ComwelRegister>(folder, population);
}

}  // namespace naru::people
