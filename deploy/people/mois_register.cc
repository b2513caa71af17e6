// 행정안전부: the resident register. Keyed by its own person number; households by 세대번호.

#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/life.h"
#include "deploy/people/register_file.h"
#include "deploy/people/registers.h"

namespace naru::people {
namespace {

constexpr RegisterFile::Info kInfo = {"mois.db", "1741000", "행정안전부"};

const RegisterFile::Statements& Tables() {
  static const auto* const kTables = new RegisterFile::Statements{
      "CREATE TABLE rr_relation (rel_cd TEXT PRIMARY KEY, rel_nm TEXT NOT NULL)",
      "INSERT INTO rr_relation VALUES ('01','본인'), ('02','배우자'), ('03','자녀'), ('04','부'), "
      "('05','모'), ('06','형제자매')",
      "CREATE TABLE rr_household (hh_no INTEGER PRIMARY KEY, formed_dt TEXT NOT NULL, "
      "formed_rsn TEXT NOT NULL, road_addr TEXT NOT NULL, zip_cd TEXT NOT NULL, "
      "admin_office TEXT NOT NULL)",
      "CREATE TABLE rr_person (psn_no INTEGER PRIMARY KEY, rrn TEXT NOT NULL, ci TEXT NOT NULL, "
      "kor_nm TEXT NOT NULL, birth_dt TEXT NOT NULL, sex_cd TEXT NOT NULL, "
      "hh_no INTEGER NOT NULL, rel_cd TEXT NOT NULL, joined_dt TEXT NOT NULL, "
      "joined_rsn TEXT NOT NULL, mil_svc TEXT)",
      "CREATE TABLE rr_move (psn_no INTEGER NOT NULL, move_seq INTEGER NOT NULL, "
      "road_addr TEXT NOT NULL, moved_dt TEXT NOT NULL, reported_dt TEXT NOT NULL, "
      "move_rsn TEXT NOT NULL, PRIMARY KEY (psn_no, move_seq)) WITHOUT ROWID",
      "CREATE TABLE rr_seal (psn_no INTEGER PRIMARY KEY, seal_dt TEXT NOT NULL)",
  };
  return *kTables;
}

const RegisterFile::Statements& Views() {
  static const auto* const kViews = new RegisterFile::Statements{
      "CREATE UNIQUE INDEX rr_person_rrn ON rr_person (rrn)",
      "CREATE UNIQUE INDEX rr_person_ci ON rr_person (ci)",
      "CREATE INDEX rr_person_household ON rr_person (hh_no, rel_cd)",
      R"(CREATE VIEW resident_register_full AS
SELECT p.ci AS person_ci, p.kor_nm AS name,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7) AS resident_no,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7, 1) || '******' AS resident_no_masked,
       printf('%010d', h.hh_no) AS household_no, head.kor_nm AS head_name,
       h.formed_dt AS household_formed_date, h.formed_rsn AS household_formed_reason,
       h.road_addr AS address, h.zip_cd AS postal_code,
       (SELECT count(*) FROM rr_person m WHERE m.hh_no = h.hh_no) AS member_count,
       h.admin_office AS issuing_office, '합성 데이터' AS marker
FROM rr_person p
JOIN rr_household h ON h.hh_no = p.hh_no
JOIN rr_person head ON head.hh_no = h.hh_no AND head.rel_cd = '01')",
      R"(CREATE VIEW resident_register_full_rows AS
SELECT p.ci AS person_ci,
       1 + m.psn_no - (SELECT min(f.psn_no) FROM rr_person f WHERE f.hh_no = m.hh_no) AS row_no,
       r.rel_nm AS relation, m.kor_nm AS name,
       substr(m.rrn, 1, 6) || '-' || substr(m.rrn, 7) AS resident_no,
       substr(m.rrn, 1, 6) || '-' || substr(m.rrn, 7, 1) || '******' AS resident_no_masked,
       m.birth_dt AS birth_date, m.joined_dt AS joined_date, m.joined_rsn AS joined_reason
FROM rr_person p
JOIN rr_person m ON m.hh_no = p.hh_no
JOIN rr_relation r ON r.rel_cd = m.rel_cd)",
      R"(CREATE VIEW resident_register_abstract AS
SELECT p.ci AS person_ci, p.kor_nm AS name,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7) AS resident_no,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7, 1) || '******' AS resident_no_masked,
       p.birth_dt AS birth_date, CASE p.sex_cd WHEN '1' THEN '남' ELSE '여' END AS sex,
       h.road_addr AS address, h.zip_cd AS postal_code, head.kor_nm AS head_name,
       r.rel_nm AS relation_to_head, p.mil_svc AS military_service,
       h.admin_office AS issuing_office, '합성 데이터' AS marker
FROM rr_person p
JOIN rr_household h ON h.hh_no = p.hh_no
JOIN rr_person head ON head.hh_no = h.hh_no AND head.rel_cd = '01'
JOIN rr_relation r ON r.rel_cd = p.rel_cd)",
      R"(CREATE VIEW resident_register_abstract_rows AS
SELECT p.ci AS person_ci, v.move_seq AS row_no, v.road_addr AS address,
       v.moved_dt AS moved_in_date, v.reported_dt AS reported_date, v.move_rsn AS change_reason
FROM rr_person p JOIN rr_move v ON v.psn_no = p.psn_no)",
      R"(CREATE VIEW seal_certificate AS
SELECT p.ci AS person_ci, p.kor_nm AS name,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7) AS resident_no,
       substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7, 1) || '******' AS resident_no_masked,
       p.birth_dt AS birth_date, h.road_addr AS address, s.seal_dt AS seal_registered_date,
       h.admin_office AS issuing_office, '합성 데이터' AS marker
FROM rr_person p
JOIN rr_seal s ON s.psn_no = p.psn_no
JOIN rr_household h ON h.hh_no = p.hh_no)",
  };
  return *kViews;
}

const char* RelationCode(Relation relation) {
  switch (relation) {
    case Relation::kHead:
      return "01";
    case Relation::kSpouse:
      return "02";
    case Relation::kChild:
      return "03";
    case Relation::kFather:
      return "04";
    case Relation::kMother:
      return "05";
    case Relation::kSibling:
      return "06";
  }
  return "";
}

class MoisRegister : public Register {
 public:
  MoisRegister(const std::string& folder, const PopulationOptions& population)
      : file_(folder, population, kInfo, Tables()), rows_(std::in_place, file_.session()) {}

  void Add(const Household& household) override {
    if (!InResidentRegister(household)) return;
    const Address& home = household.address;
    rows_->households.Add(household.number, IsoDay(household.formed), "전입세대구성", home.line,
                          home.postal_code,
                          absl::StrCat(home.sigungu.empty() ? home.sido : home.sigungu, " ",
                                       home.legal_dong, " 주민센터"));
    for (const Person& person : household.people) AddPerson(household, person);
  }

  void Finish() override {
    rows_.reset();
    file_.Finish(Views());
  }

 private:
  struct Rows {
    explicit Rows(soci::session& session)
        : households(session, "rr_household"),
          people(session, "rr_person"),
          moves(session, "rr_move"),
          seals(session, "rr_seal") {}
    RowInserter<Number, Text, Text, Text, Text, Text> households;
    RowInserter<Number, Text, Text, Text, Text, Text, Number, Text, Text, Text, Text> people;
    RowInserter<Number, Number, Text, Text, Text, Text> moves;
    RowInserter<Number, Text> seals;
  };

  void AddPerson(const Household& household, const Person& person) {
    const Number person_no = person.index + 1;
    const Stay& now = person.stays.back();
    rows_->people.Add(person_no, person.resident_no, person.ci, person.name,
                      IsoDay(person.birthday), person.sex == Sex::kMale ? "1" : "2",
                      household.number, RelationCode(person.relation), IsoDay(now.from), now.reason,
                      ServiceText(person.service));
    if (person.seal_registered.has_value()) {
      rows_->seals.Add(person_no, IsoDay(person.seal_registered));
    }
    Number sequence = 0;
    for (const Stay& stay : person.stays) {
      // People have 14 days to report that they moved; the day depends on the person only.
      const absl::CivilDay reported = stay.from + (person.index + sequence) % 12;
      rows_->moves.Add(person_no, sequence + 1, stay.address, IsoDay(stay.from), IsoDay(reported),
                       stay.reason);
      ++sequence;
    }
  }

  RegisterFile file_;
  std::optional<Rows> rows_;
};

}  // namespace

std::unique_ptr<Register> OpenMoisRegister(const std::string& folder,
                                           const PopulationOptions& population) {
  return std::make_unique<MoisRegister>(folder, population);
}

}  // namespace naru::people
