// 국민연금공단: people by subscriber number, with the times for which they were insured. Who never
// was is not in it.

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

constexpr RegisterFile::Info kInfo = {"nps.db", "B552468", "국민연금공단"};

const RegisterFile::Statements& Tables() {
  static const auto* const kTables = new RegisterFile::Statements{
      "CREATE TABLE np_subscriber (sbsc_seq INTEGER PRIMARY KEY, sbsc_no TEXT NOT NULL, "
      "rrn TEXT NOT NULL, ci TEXT NOT NULL, sbsc_nm TEXT NOT NULL, addr TEXT NOT NULL)",
      "CREATE TABLE np_period (sbsc_seq INTEGER NOT NULL, prd_seq INTEGER NOT NULL, "
      "sbsc_kind TEXT NOT NULL, firm_nm TEXT, firm_no TEXT, acq_dt TEXT NOT NULL, loss_dt TEXT, "
      "months INTEGER NOT NULL, std_income INTEGER NOT NULL, PRIMARY KEY (sbsc_seq, prd_seq)) "
      "WITHOUT ROWID",
  };
  return *kTables;
}

const RegisterFile::Statements& Views() {
  static const auto* const kViews = new RegisterFile::Statements{
      "CREATE UNIQUE INDEX np_subscriber_ci ON np_subscriber (ci)",
      "CREATE UNIQUE INDEX np_subscriber_no ON np_subscriber (sbsc_no)",
      R"(CREATE VIEW nps_membership AS
SELECT s.ci AS person_ci, s.sbsc_no AS subscriber_no, s.sbsc_nm AS name,
       substr(s.rrn, 1, 6) || '-' || substr(s.rrn, 7) AS resident_no,
       substr(s.rrn, 1, 6) || '-' || substr(s.rrn, 7, 1) || '******' AS resident_no_masked,
       s.addr AS address,
       coalesce((SELECT p.sbsc_kind FROM np_period p WHERE p.sbsc_seq = s.sbsc_seq
                 AND p.loss_dt IS NULL LIMIT 1), '상실') AS membership_status,
       (SELECT p.firm_nm FROM np_period p WHERE p.sbsc_seq = s.sbsc_seq AND p.loss_dt IS NULL
        LIMIT 1) AS workplace_name,
       (SELECT min(p.acq_dt) FROM np_period p WHERE p.sbsc_seq = s.sbsc_seq)
         AS first_acquired_date,
       (SELECT sum(p.months) FROM np_period p WHERE p.sbsc_seq = s.sbsc_seq) AS insured_months,
       (SELECT p.std_income FROM np_period p WHERE p.sbsc_seq = s.sbsc_seq
        ORDER BY p.prd_seq DESC LIMIT 1) AS standard_monthly_income,
       '합성 데이터' AS marker
FROM np_subscriber s)",
      R"(CREATE VIEW nps_membership_rows AS
SELECT s.ci AS person_ci, p.prd_seq AS row_no, p.sbsc_kind AS membership_type,
       p.firm_nm AS workplace_name, p.acq_dt AS acquired_date, p.loss_dt AS lost_date,
       p.months AS insured_months, p.std_income AS standard_monthly_income
FROM np_subscriber s JOIN np_period p ON p.sbsc_seq = s.sbsc_seq)",
  };
  return *kViews;
}

class NpsRegister : public Register {
 public:
  NpsRegister(const std::string& folder, const PopulationOptions& population)
      : today_(population.today),
        file_(folder, population, kInfo, Tables()),
        rows_(std::in_place, file_.session()) {}

  void Add(const Household& household) override {
    for (const Person& person : household.people) {
      if (!KnownToNps(person)) continue;
      const Number seq = person.index + 1;
      rows_->subscribers.Add(seq, NpsSubscriberNo(person), person.resident_no, person.ci,
                             person.name, household.address.line);
      Number period = 0;
      for (const Coverage& time : person.pension) {
        const std::optional<absl::CivilDay> last_day =
            time.lost.has_value() ? std::optional<absl::CivilDay>(*time.lost - 1) : std::nullopt;
        const Number months = MonthsWithin(time.from, last_day, absl::CivilMonth(time.from),
                                           absl::CivilMonth(today_));
        rows_->periods.Add(seq, ++period, time.kind, time.workplace, time.workplace_no,
                           IsoDay(time.from), IsoDay(time.lost), months, time.monthly_pay);
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
        : subscribers(session, "np_subscriber"), periods(session, "np_period") {}
    RowInserter<Number, Text, Text, Text, Text, Text> subscribers;
    RowInserter<Number, Number, Text, Text, Text, Text, Text, Number, Number> periods;
  };

  const absl::CivilDay today_;
  RegisterFile file_;
  std::optional<Rows> rows_;
};

}  // namespace

std::unique_ptr<Register> OpenNpsRegister(const std::string& folder,
                                          const PopulationOptions& population) {
  return std::make_unique<NpsRegister>(folder, population);
}

}  // namespace naru::people
